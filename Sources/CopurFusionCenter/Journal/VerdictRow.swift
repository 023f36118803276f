package import CopurCore
package import Foundation

/// Verdicts of one session, model and defence as the columns of one row.
///
/// `samples` are 64-bit, `labels` 32-bit (−1: no decision), `contributed` and `suspects` a bit an agent in whole bytes a
/// verdict, agent 0 in the lowest bit. `details` are, a verdict after the other: a byte of flags (decision, converged is
/// known, converged, objective, residuals, suspects are known, two bits of the gate); and where there is a decision the
/// number of classes (16 bits), their probabilities, the objective and the residual of each agent (NaN: none), the last
/// two where the flags say so. `certified` is the number of agents that a decision withstands, 16-bit a verdict (−1: it does
/// not say); no bytes at all in rows from before there was the column, whose decisions do not say.
package struct VerdictRow {
  private enum Flag {
    static let decision: UInt8 = 1 << 0
    static let convergedIsKnown: UInt8 = 1 << 1
    static let converged: UInt8 = 1 << 2
    static let objective: UInt8 = 1 << 3
    static let residuals: UInt8 = 1 << 4
    static let suspectsAreKnown: UInt8 = 1 << 5
    static let gateShift: UInt8 = 6
  }

  // Bytes rather than data, which takes a call of another library for each number.
  private var sampleBytes: [UInt8] = []
  private var labelBytes: [UInt8] = []
  private var contributedBits: [UInt8] = []
  private var suspectBits: [UInt8] = []
  private var detailBytes: [UInt8] = []
  private var certifiedBytes: [UInt8] = []

  package var samples: Data { Data(sampleBytes) }
  package var labels: Data { Data(labelBytes) }
  package var contributed: Data { Data(contributedBits) }
  package var suspects: Data { Data(suspectBits) }
  package var details: Data { Data(detailBytes) }
  package var certified: Data { Data(certifiedBytes) }

  /// Creates a row without verdicts.
  init() {}

  /// Creates a row of columns as they were stored.
  package init(samples: Data, labels: Data, contributed: Data, suspects: Data, details: Data, certified: Data) {
    sampleBytes = [UInt8](samples)
    labelBytes = [UInt8](labels)
    contributedBits = [UInt8](contributed)
    suspectBits = [UInt8](suspects)
    detailBytes = [UInt8](details)
    certifiedBytes = [UInt8](certified)
  }

  /// - Parameter agents: The model's, in its order; the verdicts' are all among them.
  package init(_ verdicts: ArraySlice<Verdict>, agents: [AgentID]) {
    // By their places: a verdict is not copied with all its lists.
    for index in verdicts.indices { append(verdicts[index], agents: agents) }
  }

  /// - Parameter agents: The model's, in its order; the verdicts' are all among them.
  package init(_ verdicts: [Verdict], agents: [AgentID]) { self.init(verdicts[...], agents: agents) }

  /// The number of verdicts.
  package var count: Int { sampleBytes.count / MemoryLayout<UInt64>.size }

  /// The number of bytes of the details.
  package var detailCount: Int { detailBytes.count }

  /// - Parameter agents: The model's, in its order; the verdict's are all among them.
  mutating func append(_ verdict: Verdict, agents: [AgentID]) {
    sampleBytes.append(number: verdict.sample)
    labelBytes.append(number: Int32(verdict.decision?.label ?? -1))
    // Both lists are in the model's order, so one walk over them is enough, and none if they are as long.
    var speaker = 0
    let areAll = verdict.contributed.count == agents.count
    contributedBits.append(bits: agents.count) { agent in
      if areAll { return true }
      guard speaker < verdict.contributed.count, verdict.contributed[speaker] == agents[agent] else { return false }
      speaker += 1
      return true
    }
    if let suspects = verdict.decision?.suspects {
      suspectBits.append(bits: agents.count) { suspects[$0] }
    } else {
      suspectBits.append(bits: agents.count) { _ in false }
    }
    append(details: verdict.decision)
    // More agents than 16 bits hold are said as fewer, which is still true.
    certifiedBytes.append(number: verdict.decision?.certifiedAgents.map { Int16(clamping: $0) } ?? -1)
  }

  /// The row with one of the verdicts only.
  ///
  /// - Parameter details: Where its details are.
  func row(of index: Int, details: Range<Int>, agents: Int) -> VerdictRow {
    func part(_ column: [UInt8], _ size: Int) -> [UInt8] { Array(column[index * size..<(index + 1) * size]) }
    let bytes = (agents + 7) / 8
    var row = VerdictRow()
    row.sampleBytes = part(sampleBytes, MemoryLayout<UInt64>.size)
    row.labelBytes = part(labelBytes, MemoryLayout<Int32>.size)
    row.contributedBits = part(contributedBits, bytes)
    row.suspectBits = part(suspectBits, bytes)
    row.detailBytes = Array(detailBytes[details])
    row.certifiedBytes = part(certifiedBytes, MemoryLayout<Int16>.size)
    return row
  }

  /// - Throws: ``CopurError`` of code `.invalidData` if the columns do not fit together.
  package func verdicts(session: String, modelVersion: String, defense: String, agents: [AgentID]) throws -> [Verdict] {
    let samples = try JournalBytes.numbers(samples, of: UInt64.self)
    let labels = try JournalBytes.numbers(labels, of: Int32.self)
    let bytes = (agents.count + 7) / 8
    let certified = try JournalBytes.numbers(certified, of: Int16.self)
    guard labels.count == samples.count, certified.isEmpty || certified.count == samples.count,
      contributedBits.count == samples.count * bytes, suspectBits.count == contributedBits.count
    else {
      throw CopurError(
        .invalidData,
        "a verdict has a label and a bit an agent (verdicts: \(samples.count), labels: \(labels.count), certified: "
          + "\(certified.count), bytes of contributors: \(contributedBits.count), of suspects: \(suspectBits.count), needed: "
          + "\(samples.count * bytes))")
    }
    var details = JournalByteReader(details)
    let verdicts = try samples.indices.map { index in
      let observed = contributedBits.bits(at: index * bytes, count: agents.count)
      var decision = try decision(
        &details, label: labels[index], suspects: suspectBits.bits(at: index * bytes, count: agents.count))
      if !certified.isEmpty, certified[index] >= 0 { decision?.certifiedAgents = Int(certified[index]) }
      return Verdict(
        session: session, sample: samples[index], modelVersion: modelVersion, defense: defense,
        contributed: agents.indices.compactMap { observed[$0] ? agents[$0] : nil },
        missing: agents.indices.compactMap { observed[$0] ? nil : agents[$0] },
        decision: decision)
    }
    guard details.isAtEnd else { throw CopurError(.invalidData, "the details of verdicts end with the last one") }
    return verdicts
  }

  private mutating func append(details decision: Decision?) {
    guard let decision else { return detailBytes.append(0) }
    var flags = Flag.decision
    if let converged = decision.converged { flags |= Flag.convergedIsKnown | (converged ? Flag.converged : 0) }
    if decision.objective != nil { flags |= Flag.objective }
    if decision.residuals != nil { flags |= Flag.residuals }
    if decision.suspects != nil { flags |= Flag.suspectsAreKnown }
    let gate: UInt8 =
      switch decision.gate {
      case nil: 0
      case .passed: 1
      case .withheld: 2
      case .overruled: 3
      }
    detailBytes.append(flags | gate << Flag.gateShift)
    detailBytes.append(number: UInt16(decision.probabilities.count))
    decision.probabilities.withUnsafeBytes { detailBytes.append(contentsOf: $0) }
    if let objective = decision.objective { detailBytes.append(number: objective) }
    if let residuals = decision.residuals {
      residuals.map { $0 ?? .nan }.withUnsafeBytes { detailBytes.append(contentsOf: $0) }
    }
  }

  private func decision(_ details: inout JournalByteReader, label: Int32, suspects: [Bool]) throws -> Decision? {
    let flags = try details.next(UInt8.self)
    guard flags & Flag.decision != 0 else { return nil }
    let classes = Int(try details.next(UInt16.self))
    guard (0..<classes).contains(Int(label)) else {
      throw CopurError(.invalidData, "a label is one of the classes (classes: \(classes), actual: \(label))")
    }
    let probabilities = try details.next(classes, Float.self)
    let objective = flags & Flag.objective != 0 ? try details.next(Float.self) : nil
    let residuals =
      flags & Flag.residuals != 0 ? try details.next(suspects.count, Float.self).map { $0.isNaN ? nil : $0 } : nil
    let gate: GateOutcome? =
      switch flags >> Flag.gateShift {
      case 1: .passed
      case 2: .withheld
      case 3: .overruled
      default: nil
      }
    return Decision(
      label: Int(label), probabilities: probabilities, residuals: residuals,
      converged: flags & Flag.convergedIsKnown != 0 ? flags & Flag.converged != 0 : nil, objective: objective,
      suspects: flags & Flag.suspectsAreKnown != 0 ? suspects : nil, gate: gate)
  }
}

extension [UInt8] {
  fileprivate mutating func append<Number: BitwiseCopyable>(number: Number) {
    Swift.withUnsafeBytes(of: number) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(bits count: Int, _ bit: (Int) -> Bool) {
    for start in stride(from: 0, to: count, by: 8) {
      var byte: UInt8 = 0
      for index in start..<Swift.min(start + 8, count) where bit(index) { byte |= 1 << (index - start) }
      append(byte)
    }
  }

  fileprivate func bits(at offset: Int, count: Int) -> [Bool] {
    (0..<count).map { self[offset + $0 / 8] >> ($0 % 8) & 1 == 1 }
  }
}
