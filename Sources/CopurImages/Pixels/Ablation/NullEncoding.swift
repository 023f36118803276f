/// The numbers that stand for a pixel's channels, and for NULL, a pixel that is not kept (Levine and Feizi 2020, "Results" and
/// table 8).
public enum NullEncoding: Hashable, Sendable, Codable {
  /// s and 1 − s for each channel s from 0 to 1, all the s first; NULL is 0 in all of them, which is no colour. Channels
  /// double.
  case twoChannel
  /// s itself; NULL is the channel's mean over the training pictures, a value a channel.
  case mean([Float])

  /// The name in settings and tables.
  public var name: String {
    switch self {
    case .twoChannel: "two-channel"
    case .mean: "mean"
    }
  }

  /// The number of values of a pixel.
  func encodedChannels(_ channels: Int) -> Int { self == .twoChannel ? 2 * channels : channels }
}
