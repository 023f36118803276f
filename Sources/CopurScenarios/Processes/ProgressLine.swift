public import CopurTraining
internal import Foundation

/// The line by which a fusion center's process says, to the one that started it, how far its training is.
public struct ProgressLine: Hashable, Sendable, CustomStringConvertible {
  private static let prefix = "copur: training "

  /// The progress of the training.
  public let progress: TrainingProgress

  /// - Parameter progress: How far it is.
  public init(_ progress: TrainingProgress) { self.progress = progress }

  /// Nil if the line says something else.
  public init?(parsing line: String) {
    guard line.hasPrefix(Self.prefix),
      let progress = try? JSONDecoder().decode(
        TrainingProgress.self, from: Data(line.dropFirst(Self.prefix.count).utf8))
    else { return nil }
    self.progress = progress
  }

  public var description: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // A loss that is no number ends the training; till then it is left out.
    var finite = progress
    if finite.loss?.isFinite == false { finite.loss = nil }
    return Self.prefix + String(decoding: (try? encoder.encode(finite)) ?? Data(), as: UTF8.self)
  }
}
