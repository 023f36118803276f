import CopurCore
import CopurJointTraining
import CopurNumerics
import CopurTraining
import CopurWire
import Foundation
import Logging
import SwiftProtobuf
import Testing

/// An agent's answers, asked without a network.
struct AgentPartTests {
  private static let count = 12
  private static let settings = TrainingSettings(embedding: 2, epochs: 1, batch: 4)

  /// An agent of three features that has been told which rows are which.
  private func part() throws -> AgentPart {
    var generator = SeededGenerator(seed: 3)
    let rows = try AgentRows(
      columns: ["x", "y", "z"], features: generator.normalMatrix(rows: Self.count, columns: 3),
      keys: (0..<Self.count).map { "\($0)" }, name: "rows.csv", digest: try KeyedDigest(secret: Data(1...32)))
    var welcome = Copur_V1_TrainResponse.Welcome()
    (welcome.training, welcome.maxRows) = ("abc123", 1000)
    var part = try AgentPart(
      welcome, id: try AgentID("a"), rows: rows, seed: 1, folder: nil, playsAttacks: false,
      logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
    let presence = try part.answer(
      to: message {
        $0.rows.own = (1...UInt64(Self.count)).map { $0 }
        $0.rows.last = true
      })
    #expect(presence?.presence.present == Data([0xFF, 0x0F]))
    return part
  }

  private func message(_ change: (inout Copur_V1_TrainResponse) -> Void) -> Copur_V1_TrainResponse {
    var message = Copur_V1_TrainResponse()
    change(&message)
    return message
  }

  private func begin(_ job: UInt32, checkpoint: UInt64 = 0) throws -> Copur_V1_TrainResponse {
    let settings = String(decoding: try JSONEncoder().encode(Self.settings), as: UTF8.self)
    return message {
      ($0.begin.job, $0.begin.name, $0.begin.settings) = (job, "job \(job)", settings)
      ($0.begin.rows, $0.begin.widths) = ((0..<UInt32(Self.count)).map { $0 }, [3])
      ($0.begin.heard, $0.begin.checkpoint) = (true, checkpoint)
    }
  }

  private func exchange(_ job: UInt32, rows: [UInt32], gradient: Matrix? = nil) -> Copur_V1_TrainResponse {
    message {
      ($0.exchange.job, $0.exchange.rows) = (job, rows)
      if let gradient { $0.exchange.gradient = Copur_V1_Numbers(gradient, as: .float32) }
    }
  }

  /// With `auto`, an agent kept the inputs of fifteen joint trainings until the end.
  @Test("A joint training that is over lets its rows go, and its extractor still answers")
  func memory() throws {
    var part = try part()
    let gradient = Matrix(rows: 4, columns: 2, values: [Float](repeating: 0.1, count: 8))
    for job: UInt32 in 1...3 {
      #expect(try part.answer(to: begin(job))?.begun.job == job)
      #expect(part.runningJobs == 1)
      let sent = try #require(try part.answer(to: exchange(job, rows: [3, 1, 2, 0])))
      #expect(sent.embeddings.values.float32.count == 32)
      let done = try part.answer(to: exchange(job, rows: [], gradient: gradient))
      #expect(done?.done.job == job && part.runningJobs == 0)
    }
    let observe = message { ($0.observe.job, $0.observe.rows) = (2, [0, 11]) }
    let observed = try #require(try part.answer(to: observe))
    #expect(observed.embeddings.values.float32.count == 16 && observed.embeddings.present == Data([0x03]))
    // Back to the end of one that this stream has seen.
    let again = try part.answer(to: begin(2, checkpoint: UInt64.max))
    #expect(again?.begun.checkpoint == UInt64.max && part.runningJobs == 0)
    #expect(try part.answer(to: observe) == observed)
  }

  @Test("Steps that are answered as bytes have the bits of those that are answered as messages")
  func bytes() throws {
    var (part, other) = (try part(), try part())
    _ = try (part.answer(to: begin(1)), other.answer(to: begin(1)))
    var gradient: Matrix?
    for rows in [[3, 1, 2, 0], [4, 5, 6, 7], [11, 8]] {
      let message = exchange(1, rows: rows.map { UInt32($0) }, gradient: gradient)
      let question = try #require(StepQuestion(try message.serializedBytes()))
      let answer = try #require(try part.answer(to: message))
      #expect(try other.answer(to: question) == answer.serializedBytes())
      gradient = Matrix(rows: rows.count, columns: 2, values: (0..<2 * rows.count).map { 0.1 * Float($0) - 0.3 })
    }
    let end = exchange(1, rows: [], gradient: gradient)
    #expect(try part.answer(to: end)?.done.job == 1 && other.answer(to: end)?.done.job == 1)
    let observe = message { ($0.observe.job, $0.observe.rows) = (1, [0, 11]) }
    #expect(try part.answer(to: observe) == other.answer(to: observe))
  }

  @Test("What comes out of turn, or names rows that there are not, is the fusion center's breach of a rule")
  func breaches() throws {
    func refused(_ message: Copur_V1_TrainResponse, after messages: [Copur_V1_TrainResponse] = []) throws -> String? {
      var part = try part()
      for message in messages { _ = try part.answer(to: message) }
      let error = #expect(throws: CopurError.self) { try part.answer(to: message) }
      #expect(error?.code == .protocolViolation)
      return error?.message
    }
    #expect(try refused(exchange(1, rows: [0]))?.contains("Exchange follows Begin") == true)
    #expect(try refused(exchange(1, rows: [12]), after: [begin(1)])?.contains("places among the job's rows") == true)
    #expect(
      try refused(exchange(1, rows: [0]), after: [begin(1), exchange(1, rows: [0])])?
        .contains("followed by their gradient") == true)
    let over = [try begin(1), exchange(1, rows: [])]
    #expect(try refused(exchange(1, rows: [0]), after: over)?.contains("Exchange follows Begin") == true)
    let observe = message { ($0.observe.job, $0.observe.rows) = (1, [0]) }
    #expect(try refused(observe, after: [begin(1)])?.contains("Observe follows the end") == true)
  }
}
