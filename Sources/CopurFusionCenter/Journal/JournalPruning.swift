public import Foundation

/// The rounds of a journal that are pruned: those that were closed for good by a time.
public struct JournalPruning: Sendable, Hashable {
  /// Rounds that were closed later than this stay.
  public var closedBy: Date
  /// The only session whose rounds are pruned; nil: all sessions'.
  public var session: String?
  /// Whether nothing is written, and only counted.
  public var isDryRun: Bool

  /// - Parameters:
  ///   - closedBy: Rounds that were closed later than this stay.
  ///   - session: The only session whose rounds are pruned; nil: all sessions'.
  ///   - isDryRun: Whether nothing is written, and only counted.
  public init(closedBy: Date, session: String? = nil, isDryRun: Bool = false) {
    self.closedBy = closedBy
    self.session = session
    self.isDryRun = isDryRun
  }
}
