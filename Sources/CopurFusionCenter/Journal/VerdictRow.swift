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

  package private(set) var samples = Data()
  package private(set) var labels = Data()
  package private(set) var contributed = Data()
  package private(set) var suspects = Data()
  package private(set) var details = Data()
  package private(set) var certified = Data()

  /// Creates a row without verdicts.
  init() {}

  /// Creates a row of columns as they were stored.
  package init(samples: Data, labels: Data, contributed: Data, suspects: Data, details: Data, certified: Data) {
    self.samples = samples
    self.labels = labels
    self.contributed = contributed
    self.suspects = suspects
    self.details = details
    self.certified = certified
  }

  /// - Parameter agents: The model's, in its order; the verdicts' are all among them.
  package init(_ verdicts: some Sequence<Verdict>, agents: [AgentID]) {
    for verdict in verdicts { append(verdict, agents: agents) }
  }

  /// How many verdicts there are.
  package var count: Int { samples.count / MemoryLayout<UInt64>.size }

  /// - Parameter agents: The model's, in its order; the verdict's are all among them.
  mutating func append(_ verdict: Verdict, agents: [AgentID]) {
    samples.append(number: verdict.sample)
    labels.append(number: Int32(verdict.decision?.label ?? -1))
    // Both lists are in the model's order, so one walk over them is enough.
    var speakers = verdict.contributed[...]
    contributed.append(bits: agents.count) { agent in
      guard speakers.first == agents[agent] else { return false }
      speakers.removeFirst()
      return true
    }
    let suspects = verdict.decision?.suspects
    self.suspects.append(bits: agents.count) { suspects?[$0] ?? false }
    append(details: verdict.decision)
    // More agents than 16 bits hold are said as fewer, which is still true.
    certified.append(number: verdict.decision?.certifiedAgents.map { Int16(clamping: $0) } ?? -1)
  }

  /// The row with one of the verdicts only.
  ///
  /// - Parameter details: Where its details are.
  func row(of index: Int, details: Range<Int>, agents: Int) -> VerdictRow {
    func part(_ column: Data, _ size: Int) -> Data { column.dropFirst(index * size).prefix(size) }
    let bytes = (agents + 7) / 8
    return VerdictRow(
      samples: part(samples, MemoryLayout<UInt64>.size), labels: part(labels, MemoryLayout<Int32>.size),
      contributed: part(contributed, bytes), suspects: part(suspects, bytes),
      details: self.details.dropFirst(details.lowerBound).prefix(details.count),
      certified: part(certified, MemoryLayout<Int16>.size))
  }

  /// - Throws: ``CopurError`` of code `.invalidData` if the columns do not fit together.
  package func verdicts(session: String, modelVersion: String, defense: String, agents: [AgentID]) throws -> [Verdict] {
    let samples = try JournalBytes.numbers(samples, of: UInt64.self)
    let labels = try JournalBytes.numbers(labels, of: Int32.self)
    let bytes = (agents.count + 7) / 8
    let certified = try JournalBytes.numbers(certified, of: Int16.self)
    guard labels.count == samples.count, certified.isEmpty || certified.count == samples.count,
      contributed.count == samples.count * bytes, suspects.count == contributed.count
    else {
      throw CopurError(
        .invalidData,
        "a verdict has a label and a bit an agent (verdicts: \(samples.count), labels: \(labels.count), certified: "
          + "\(certified.count), bytes of contributors: \(contributed.count), of suspects: \(suspects.count), needed: "
          + "\(samples.count * bytes))")
    }
    var details = JournalByteReader(details)
    let verdicts = try samples.indices.map { index in
      let observed = contributed.bits(at: index * bytes, count: agents.count)
      var decision = try decision(
        &details, label: labels[index], suspects: suspects.bits(at: index * bytes, count: agents.count))
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
    guard let decision else { return details.append(0) }
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
    details.append(flags | gate << Flag.gateShift)
    details.append(number: UInt16(decision.probabilities.count))
    details.append(JournalBytes.data(decision.probabilities))
    if let objective = decision.objective { details.append(number: objective) }
    if let residuals = decision.residuals { details.append(JournalBytes.data(residuals.map { $0 ?? .nan })) }
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

extension Data {
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
    (0..<count).map { self[startIndex + offset + $0 / 8] >> ($0 % 8) & 1 == 1 }
  }
}
