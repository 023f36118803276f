internal import CopurNumerics

/// Limits for each agent, from clean training rows that were held out: on a block that a clean agent may send, and on the
/// residual that it may leave.
public struct Calibration: Hashable, Sendable {
  /// Profiles of clean embeddings, one an agent.
  public var profiles: [EmbeddingProfile]
  /// The score of its profile above which an agent's block is outside; one an agent.
  public var gateLimits: [Float]
  /// The residual above which an agent is suspect where no gate stands in front of the purifier; one an agent.
  public var residualLimits: [Float]
  /// The same behind the gate.
  public var gatedResidualLimits: [Float]

  /// Profiles and limits, one an agent each.
  public init(
    profiles: [EmbeddingProfile], gateLimits: [Float], residualLimits: [Float], gatedResidualLimits: [Float]
  ) {
    self.profiles = profiles
    self.gateLimits = gateLimits
    self.residualLimits = residualLimits
    self.gatedResidualLimits = gatedResidualLimits
  }

  /// Whether there is one of everything for each of so many agents.
  func fits(agents: Int) -> Bool {
    [profiles.count, gateLimits.count, residualLimits.count, gatedResidualLimits.count].allSatisfy { $0 == agents }
  }
}

/// The way a calibration was made, for a bundle's description.
public struct CalibrationRecord: Hashable, Sendable, Codable {
  /// The fraction of clean blocks of each agent that may be named suspect.
  public var falseAlarmRate: Double
  /// The number of held-out rows that it was made on; 0 if there were too few to hold any out.
  public var rows: Int
  /// δ of Eq. 6; nil without held-out rows.
  public var reconstruction: ErrorBound?
  /// The promise to each agent and what held-out rows say of it, in the model's order; nil without held-out rows, and in
  /// bundles of earlier programs.
  public var agents: [Agent]?

  /// An agent's rate of being named suspect while it is honest: the promise, and what held-out rows say of it.
  public struct Agent: Hashable, Sendable, Codable {
    /// The agent.
    public var agent: AgentID
    /// The fraction of its clean blocks that is to be named at most.
    public var promised: Double
    /// The fraction that was named in the last run of training rows, by limits from runs before it and models that were
    /// trained without it; nil if the agent is missing there.
    public var lastRun: Double?
    /// The same of the run in which most were named, of those that have two before them.
    public var worstRun: Double?
    /// By how many rows suspect ones have to outnumber others before an alarm is raised (``AlarmMonitor``).
    public var alarmLimit: Int
    /// Whether clean held-out blocks ask for a gate so wide that it would let everything through, so that it was held at the
    /// widest that there is; the agent's clean blocks may be withheld more often than is promised.
    public var isGateHeld: Bool

    /// - Parameters:
    ///   - promised: A fraction, like the others.
    ///   - alarmLimit: In rows.
    public init(
      agent: AgentID, promised: Double, lastRun: Double?, worstRun: Double?, alarmLimit: Int, isGateHeld: Bool
    ) {
      self.agent = agent
      self.promised = promised
      self.lastRun = lastRun
      self.worstRun = worstRun
      self.alarmLimit = alarmLimit
      self.isGateHeld = isGateHeld
    }

    /// A rate so many times the promised one, or more, breaks the promise.
    private static let tolerance = 5.0

    /// Whether a rate that was measured on other clean rows breaks the promise.
    public func isBroken(by rate: Double) -> Bool { rate >= Self.tolerance * promised }

    /// Warnings about the agent, to be read before its verdicts are relied on; none if its promise held.
    public var warnings: [String] {
      var warnings: [String] = []
      if isGateHeld {
        warnings.append(
          "agent \(agent): clean held-out blocks are so far from those of training that a gate for all of them would let "
            + "everything through: it is held at the widest, and may take the agent as missing; give it more training rows "
            + "or leave it out")
      }
      if let lastRun, isBroken(by: lastRun) {
        warnings.append(
          "agent \(agent): named suspect in \(Self.percent(lastRun)) % of the last run of clean training rows "
            + "(promised: \(Self.percent(promised)) %): later rows may be like it")
      }
      return warnings
    }

    /// A warning where clean rows break the promise: the data has drifted from what was trained on.
    ///
    /// - Parameter rate: The fraction of clean rows in which the agent was named.
    public func drift(_ rate: Double) -> String? {
      guard isBroken(by: rate) else { return nil }
      return "drift: honest agent \(agent) is named suspect in \(Self.percent(rate)) % of clean rows (promised: "
        + "\(Self.percent(promised)) %, worst held-out run: \(worstRun.map(Self.percent) ?? "–") %)"
    }

    private static func percent(_ rate: Double) -> String { "\((1000 * rate).rounded() / 10)" }
  }

  /// The limits of an ``AlarmMonitor``, one an agent; nil where they are not known.
  public var alarmLimits: [Int]? { agents.map { $0.map(\.alarmLimit) } }

  /// - Parameter reconstruction: δ of Eq. 6; nil without held-out rows.
  ///   Agents are added by whoever knows them.
  public init(falseAlarmRate: Double, rows: Int, reconstruction: ErrorBound?) {
    self.falseAlarmRate = falseAlarmRate
    self.rows = rows
    self.reconstruction = reconstruction
  }
}

/// A value that a random error stays under at a rate, estimated with a confidence.
public struct ErrorBound: Hashable, Sendable, Codable {
  /// The value, in the errors' unit.
  public var value: Double
  /// The fraction of errors that are at most ``value``.
  public var rate: Double
  /// The probability, over the rows that it was estimated on, that this holds.
  public var confidence: Double

  /// - Parameter value: In the errors' unit; rate and confidence are from 0 to 1.
  public init(value: Double, rate: Double, confidence: Double) {
    self.value = value
    self.rate = rate
    self.confidence = confidence
  }
}

extension Calibration: BundlePart {
  public static let kind = "calibration"

  public init(from reader: PartReader) throws {
    let roster = reader.roster
    self.init(
      profiles: try roster.layout.widths.enumerated().map { agent, width in
        let axes = try reader.matrix("\(agent).axes", columns: width)
        return EmbeddingProfile(
          centre: try reader.vector("\(agent).centre", count: width), axes: axes,
          scales: try reader.positives("\(agent).scales", count: axes.rows),
          units: try reader.positives("\(agent).units", count: 3))
      },
      gateLimits: try reader.vector("gate_limits", count: roster.count),
      residualLimits: try reader.vector("residual_limits", count: roster.count),
      gatedResidualLimits: try reader.vector("gated_residual_limits", count: roster.count))
  }

  public func write(to writer: inout PartWriter) {
    for (agent, profile) in profiles.enumerated() {
      writer.write(profile.centre, "\(agent).centre")
      writer.write(profile.axes, "\(agent).axes")
      writer.write(profile.scales, "\(agent).scales")
      writer.write(profile.units, "\(agent).units")
    }
    writer.write(gateLimits, "gate_limits")
    writer.write(residualLimits, "residual_limits")
    writer.write(gatedResidualLimits, "gated_residual_limits")
  }
}
