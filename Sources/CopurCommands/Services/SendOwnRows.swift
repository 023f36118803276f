import CopurAgent
import CopurCore
import CopurDatasets
import CopurGRPC
import CopurNumerics
import CopurWire
import Foundation
import ServiceLifecycle

/// Sends an agent's own rows as they come; ends when their source does, or is told to.
struct SendOwnRows: Service {
  let sender: Agent<HTTP2ClientTransport>
  let ledger: ReceiptLedger?
  let source: RowSource
  let columns: [String]
  let key: RowKey
  let served: ServedAgent
  let session: String
  let samplesPerMessage: Int
  /// Whether rows wait for their time.
  let isPaced: Bool

  func run() async throws {
    try await withGracefulShutdownHandler {
      var delivery = Delivery()
      do {
        var reader = OwnRowsReader(name: source.name, columns: columns, key: key)
        while let bytes = try await source.next() { try await send(reader.read(bytes), &delivery) }
        try await send(reader.finish(), &delivery)
      } catch {
        // Blocks that were sent until then are told of all the same.
        try delivery.tell(of: sender.id)
        throw error
      }
      try delivery.tell(of: sender.id)
      try delivery.check(of: sender.id)
    } onGracefulShutdown: {
      source.stop()
    }
  }

  private func send(_ rows: [OwnRow], _ delivery: inout Delivery) async throws {
    for rows in isPaced ? rows.map({ [$0] }) : [rows] where !rows.isEmpty {
      if isPaced, let time = rows[0].time {
        let start = delivery.start ?? (ContinuousClock.now, time)
        delivery.start = start
        try await Task.sleep(until: start.0 + .seconds(max(0, time - start.1)))
      }
      let features = Matrix(rows: rows.count, columns: columns.count, values: rows.flatMap(\.values))
      let (embeddings, present) = try await served.embed(features)
      let blocks = rows.indices.map { row in
        present[row]
          ? OutgoingBlock(sample: rows[row].sample, values: embeddings[row: row]) : .silence(of: rows[row].sample)
      }.filter { !(ledger?.hasReceipt(of: $0, session: session) ?? false) }
      delivery.inLedger += rows.count - blocks.count
      delivery.tally.add(try await sender.send(blocks, session: session, samplesPerMessage: samplesPerMessage))
    }
  }
}

/// The outcomes of an agent's blocks.
struct Delivery {
  var tally = ReceiptTally()
  /// The number of rows that had a receipt before.
  var inLedger = 0
  /// The time at which the first row was sent, and the row's own time.
  var start: (ContinuousClock.Instant, Double)?

  /// Prints the outcomes.
  func tell(of agent: AgentID) throws {
    try Terminal.print(
      "\(agent): \(tally)\(inLedger > 0 ? ", \(inLedger) in the ledger already" : "")"
        + (tally.firstRefusal.map { "; first refusal: \($0)" } ?? ""))
  }

  /// - Throws: ``CopurError`` if blocks did not become part of their rounds: `.unavailable` if all of them were late, which
  ///   they might not be the next time, else `.invalidData`.
  func check(of agent: AgentID) throws {
    let refused = tally[.late] + tally[.conflict] + tally[.invalid]
    guard refused > 0 else { return }
    throw CopurError(
      tally[.late] == refused ? .unavailable : .invalidData,
      "agent \(agent): \(refused) of \(tally.total) blocks did not become part of their rounds (\(tally))")
  }
}
