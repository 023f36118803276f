import Foundation

/// One measurement as `copur bench network --json` prints it; another program's has the first members only.
struct NetworkBenchLine: Codable {
  var engine: String
  /// Samples that every agent contributed to and that were decided; a round is one sample.
  var roundsPerSecond: Double
  var agents: Int?
  /// Samples a message.
  var batch: Int?
  /// The most blocks without a receipt, an agent.
  var inFlight: Int?
  /// The rounds a second that were offered, if that was limited.
  var offeredRoundsPerSecond: Double?
  var samplesPerSecond: Double?
  /// From the last agent's block to the verdict.
  var p50: Double?
  var p99: Double?
  /// From the last agent's block to the last agent's receipt.
  var receiptP50: Double?
  var receiptP99: Double?
  /// Resident memory of the fusion center at the end, and the most that was.
  var memory: Double?
  var peakMemory: Double?
  /// CPU time of all threads of the fusion center, and of all agents' processes, a round.
  var centerCPU: Double?
  var agentsCPU: Double?
  /// Bytes of the journal a round.
  var journalBytes: Double?
  /// Rounds that closed without one of the agents.
  var incompleteRounds: Int?
  /// By another program's engine: how many times the rounds a second.
  var timesFasterThan: [String: Double]?

  private enum CodingKeys: String, CodingKey {
    case engine, agents, batch
    case roundsPerSecond = "rounds_per_second"
    case inFlight = "in_flight"
    case offeredRoundsPerSecond = "offered_rounds_per_second"
    case samplesPerSecond = "samples_per_second"
    case p50 = "p50_ms"
    case p99 = "p99_ms"
    case receiptP50 = "receipt_p50_ms"
    case receiptP99 = "receipt_p99_ms"
    case memory = "memory_mb"
    case peakMemory = "peak_memory_mb"
    case centerCPU = "center_cpu_us_per_round"
    case agentsCPU = "agents_cpu_us_per_round"
    case journalBytes = "journal_bytes_per_round"
    case incompleteRounds = "incomplete_rounds"
    case timesFasterThan = "times_faster_than"
  }
}

extension NetworkBenchLine {
  /// The medians of repeated measurements, member by member.
  static func median(of lines: [NetworkBenchLine]) -> NetworkBenchLine {
    func median(_ value: (NetworkBenchLine) -> Double?) -> Double? {
      let values = lines.compactMap(value).sorted()
      guard !values.isEmpty else { return nil }
      return (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
    }
    var line = lines[0]
    line.roundsPerSecond = median(\.roundsPerSecond) ?? 0
    line.samplesPerSecond = median(\.samplesPerSecond)
    line.p50 = median(\.p50)
    line.p99 = median(\.p99)
    line.receiptP50 = median(\.receiptP50)
    line.receiptP99 = median(\.receiptP99)
    line.memory = median(\.memory)
    line.peakMemory = lines.compactMap(\.peakMemory).max()
    line.centerCPU = median(\.centerCPU)
    line.agentsCPU = median(\.agentsCPU)
    line.journalBytes = median(\.journalBytes)
    line.incompleteRounds = lines.compactMap(\.incompleteRounds).reduce(0, +)
    return line
  }
}
