public import CopurWire

/// The number of blocks of each outcome.
public struct ReceiptTally: Hashable, Sendable {
  private var counts: [Receipt.Status: Int] = [:]
  /// The reason in the first receipt that was a refusal.
  public private(set) var firstRefusal: String?

  /// Nothing counted yet.
  public init() {}

  /// The number of blocks of an outcome.
  public subscript(status: Receipt.Status) -> Int { counts[status, default: 0] }

  /// The number of blocks with a receipt.
  public var total: Int { counts.values.reduce(0, +) }

  /// Other blocks' outcomes are counted, too.
  public mutating func add(_ other: ReceiptTally) {
    counts.merge(other.counts, uniquingKeysWith: +)
    firstRefusal = firstRefusal ?? other.firstRefusal
  }

  /// A receipt came for some blocks.
  public mutating func add(_ blocks: Int, _ status: Receipt.Status, reason: String) {
    counts[status, default: 0] += blocks
    switch status {
    case .accepted, .duplicate: break
    case .conflict, .late, .invalid: firstRefusal = firstRefusal ?? reason
    }
  }
}

extension ReceiptTally: CustomStringConvertible {
  /// "198 accepted, 2 late", the outcomes in the order of their cases; "none" before the first receipt.
  public var description: String {
    let outcomes = Receipt.Status.allCases.compactMap { status in
      self[status] == 0 ? nil : "\(self[status]) \(status)"
    }
    return outcomes.isEmpty ? "none" : outcomes.joined(separator: ", ")
  }
}
