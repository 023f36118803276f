public import CopurCore

/// The rules of a journal's records, whatever stores them: a block agrees with its fingerprint; a session has one block an
/// agent and sample, and one verdict a sample; a verdict's contributors are the agents that have a block; and no round was
/// both decided and given up.
///
/// A reader tells it of all contributions first, then of all verdicts, then of all abortions.
public struct JournalCheck: Sendable {
  private struct Speaker: Hashable {
    let session: Int
    let agent: AgentID
  }

  /// The counts and faults so far; a reader adds its own faults, and the number of sessions.
  public var report = JournalReport()
  /// The number of each session, counted from 0 in the order in which they were told of.
  private var sessions: [String: Int] = [:]
  private var blocks: [Speaker: SampleSet] = [:]
  private var contributed: [Int: SampleSet] = [:]
  private var contributedCount = 0
  private var decided: [Int: SampleSet] = [:]
  private var aborted: [Int: SampleSet] = [:]
  /// Rounds that were decided with every agent missing.
  private var withoutBlocks = 0

  /// A check that was told of nothing yet.
  public init() {}

  /// Checks blocks of one agent.
  ///
  /// - Parameters:
  ///   - session: The session's name.
  ///   - samples: The blocks' samples; at least one.
  ///   - hashes: The fingerprint that is stored of each block.
  ///   - values: The blocks, one after the other in the order of the samples.
  /// - Throws: ``CopurError`` of code `.invalidData` if there is not one hash and one block of equal width a sample.
  public mutating func readContribution(
    session name: String, agent: AgentID, samples: [UInt64], hashes: [UInt64], values: [Float]
  ) throws {
    guard !samples.isEmpty, hashes.count == samples.count, !values.isEmpty, values.count % samples.count == 0 else {
      throw CopurError(
        .invalidData,
        "a hash and a block a sample (samples: \(samples.count), hashes: \(hashes.count), values: \(values.count))")
    }
    let session = number(of: name)
    let width = values.count / samples.count
    for (position, sample) in samples.enumerated() {
      report.blocks += 1
      if BlockHash.of(values[position * width..<(position + 1) * width]) != hashes[position] {
        report.found("session \"\(name)\", sample \(sample), agent \(agent): the block is not the one that was stored")
      }
      if !blocks[Speaker(session: session, agent: agent), default: SampleSet()].insert(sample) {
        report.found("session \"\(name)\", sample \(sample), agent \(agent): there are two blocks")
      }
      if contributed[session, default: SampleSet()].insert(sample) { contributedCount += 1 }
    }
  }

  /// Checks a verdict.
  public mutating func read(_ verdict: Verdict) {
    let session = number(of: verdict.session)
    report.decided += 1
    let round = "session \"\(verdict.session)\", sample \(verdict.sample)"
    if !decided[session, default: SampleSet()].insert(verdict.sample) {
      report.found("\(round): there are two verdicts")
    }
    if verdict.contributed.isEmpty { withoutBlocks += 1 }
    for (agents, isThere) in [(verdict.contributed, true), (verdict.missing, false)] {
      for agent in agents {
        let hasBlock = blocks[Speaker(session: session, agent: agent)]?.contains(verdict.sample) == true
        if hasBlock != isThere {
          report.found(
            "\(round): the verdict says that agent \(agent) \(isThere ? "contributed" : "was missing"), and a block "
              + "of it is \(hasBlock ? "stored" : "not stored")")
        }
      }
    }
  }

  /// Checks rounds of one session that were given up.
  public mutating func readAborted(session name: String, samples: [UInt64]) {
    let session = number(of: name)
    for sample in samples {
      report.aborted += 1
      if !aborted[session, default: SampleSet()].insert(sample) {
        report.found("session \"\(name)\", sample \(sample): the round was given up twice")
      }
      if decided[session]?.contains(sample) == true {
        report.found("session \"\(name)\", sample \(sample): the round was decided and given up")
      }
    }
  }

  /// The report of all records, the open rounds counted.
  public func finished() -> JournalReport {
    var report = report
    report.open = contributedCount - report.decided - report.aborted + withoutBlocks
    return report
  }

  private mutating func number(of session: String) -> Int {
    if let known = sessions[session] { return known }
    sessions[session] = sessions.count
    return sessions.count - 1
  }
}
