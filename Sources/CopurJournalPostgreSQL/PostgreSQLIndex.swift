internal import CopurCore
internal import CopurFusionCenter

/// A writer's memory of its journal: the numbers that rows refer to, and which sessions are its own.
struct PostgreSQLIndex {
  var agents: [AgentID: Int64] = [:]
  /// By version, of today's agents.
  var models: [String: Int64] = [:]
  /// The sessions that are this center's.
  var sessions: [String: PostgreSQLSession] = [:]
  /// The number of groups that this center has committed.
  var groups: Int64 = 0
  /// No record that is stored from now on has a lower number.
  private var mark: Int64 = 0

  /// A group is stored.
  ///
  /// - Parameter mark: The highest number of a record before it; nil: unknown.
  mutating func stored(_ group: JournalGroup, mark: Int64?) {
    groups += 1
    if let mark { self.mark = mark }
    for session in group.sessions {
      sessions[session]?.hasRecords = true
      sessions[session]?.floorIsStored()
    }
    for contribution in group.contributions {
      sessions[contribution.session]?.opened(contribution.samples, in: self.mark)
    }
    for verdict in group.verdicts { sessions[verdict.session]?.closed(CollectionOfOne(verdict.sample)) }
    for abortion in group.abortions { sessions[abortion.session]?.closed(abortion.samples) }
  }
}
