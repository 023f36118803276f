/// A part of a run that no folder has.
public struct MissingPiece: Hashable, Sendable {
  /// The point of a sweep; nil for a run without one.
  public var point: String?
  /// The seed.
  public var seed: UInt64
  /// The shard that measures it; nil where the run is not divided into shards.
  public var shard: Shard?
  /// The attacks and defences that were not measured; empty if nothing was.
  public var measurements: [String] = []

  /// The most attacks that are named.
  private static let named = 4
}

extension MissingPiece: CustomStringConvertible {
  /// In words, such as `embedding=8,code=1, seed 1, of shard 3/6`.
  public var description: String {
    let place = [point, "seed \(seed)", shard.map { "of shard \($0)" }].compactMap { $0 }.joined(separator: ", ")
    guard !measurements.isEmpty else { return place }
    let rest = measurements.count - Self.named
    return "\(place): \(measurements.prefix(Self.named).joined(separator: "; "))" + (rest > 0 ? "; \(rest) more" : "")
  }
}
