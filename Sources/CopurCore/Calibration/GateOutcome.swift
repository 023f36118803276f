/// The outcome for a sample of a gate in front of a purifier.
public enum GateOutcome: String, Hashable, Sendable, Codable, CaseIterable {
  /// Every block looked like a clean one.
  case passed
  /// Blocks that no clean agent sends were taken as missing; they are among the suspects.
  case withheld
  /// Without the blocks that no clean agent sends less than half would have been left, so all of them were used.
  case overruled
}
