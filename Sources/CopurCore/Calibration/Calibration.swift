internal import CopurNumerics

/// What clean training rows that were held out say of each agent: when a block is none that a clean agent sends, and when
/// its residual is none that a clean agent leaves.
public struct Calibration: Hashable, Sendable {
  /// What clean embeddings look like, one an agent.
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

/// How a calibration was made, for a bundle's description.
public struct CalibrationRecord: Hashable, Sendable, Codable {
  /// The fraction of clean blocks of each agent that may be named suspect.
  public var falseAlarmRate: Double
  /// How many held-out rows it was made on; 0 if there were too few to hold any out.
  public var rows: Int
  /// δ of Eq. 6; nil without held-out rows.
  public var reconstruction: ErrorBound?

  /// - Parameter reconstruction: δ of Eq. 6; nil without held-out rows.
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
