/// The result of a check of a journal.
public struct JournalReport: Sendable, Encodable {
  /// The number of sessions.
  public var sessions = 0
  /// The number of blocks that are stored.
  public var blocks = 0
  /// The number of rounds with a verdict.
  public var decided = 0
  /// The number of rounds that were given up.
  public var aborted = 0
  /// The number of rounds with blocks and no verdict.
  public var open = 0
  /// The bytes that the journal takes where it lies; nil where that is not known.
  public var storage: Int?
  /// Faults in words: the first 100.
  public private(set) var faults: [String] = []
  /// The number of faults.
  public private(set) var faultCount = 0

  /// The bytes that the journal takes a round, whatever became of it; nil where that is not known, or there is no round.
  public var bytesPerRound: Double? {
    let rounds = decided + aborted + open
    guard let storage, rounds > 0 else { return nil }
    return Double(storage) / Double(rounds)
  }

  /// The greatest number of faults that are told.
  private static let faultsTold = 100

  /// A report of an empty journal without faults.
  public init() {}

  /// Adds a fault.
  public mutating func found(_ fault: @autoclosure () -> String) {
    faultCount += 1
    if faults.count < Self.faultsTold { faults.append(fault()) }
  }
}
