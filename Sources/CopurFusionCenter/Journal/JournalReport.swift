/// What a check of a journal found.
public struct JournalReport: Sendable, Encodable {
  /// How many sessions there are.
  public internal(set) var sessions = 0
  /// How many blocks are stored.
  public internal(set) var blocks = 0
  /// How many rounds have a verdict.
  public internal(set) var decided = 0
  /// How many rounds were given up.
  public internal(set) var aborted = 0
  /// How many rounds have blocks and no verdict.
  public internal(set) var open = 0
  /// What is wrong, the first of it.
  public internal(set) var faults: [String] = []
  /// How much is wrong.
  public internal(set) var faultCount = 0

  /// How many faults are told.
  private static let faultsTold = 100

  mutating func found(_ fault: @autoclosure () -> String) {
    faultCount += 1
    if faults.count < Self.faultsTold { faults.append(fault()) }
  }
}
