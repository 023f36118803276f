import CopurJointTraining
import CopurNumerics
import CopurWire
import Foundation
import SwiftProtobuf
import Testing

/// Steps, which are written and read as bytes: they are what SwiftProtobuf makes of them.
struct StepMessagesTests {
  private static let matrix: Matrix = {
    var generator = SeededGenerator(seed: 4)
    return generator.normalMatrix(rows: 3, columns: 200)
  }()
  private static let rows = [0, 127, 128, 300, 70_000]

  private func question(
    gradient: Range<Int>?, rows: [Int] = Self.rows, save: UInt64 = 3
  ) -> (bytes: [UInt8], message: Copur_V1_TrainResponse) {
    var message = Copur_V1_TrainResponse()
    (message.exchange.job, message.exchange.rows, message.exchange.save) = (300, rows.map { UInt32($0) }, save)
    if let gradient { message.exchange.gradient = Copur_V1_Numbers(Self.matrix.columns(gradient), as: .float32) }
    let bytes = StepQuestion.message(
      job: 300, gradient: gradient.map { (Self.matrix, $0) }, rows: .init(rows), save: save)
    return (bytes, message)
  }

  @Test("A question is the message that it is for SwiftProtobuf, and is read again", arguments: [0, 3])
  func questions(save: UInt64) throws {
    for gradient in [nil, 0..<200, 7..<9, 40..<140] {
      let (bytes, message) = question(gradient: gradient, save: save)
      #expect(try Copur_V1_TrainResponse(serializedBytes: bytes) == message)
      #expect(try bytes == message.serializedBytes())
      let read = try #require(StepQuestion(bytes))
      #expect(read.job == 300 && read.rows == Self.rows && read.save == save)
      let values = try read.gradient?.matrix(rows: 3, columns: gradient?.count ?? 0, field: "gradient")
      #expect(values == gradient.map { Self.matrix.columns($0) })
    }
    // The end of a job.
    let end = question(gradient: 0..<200, rows: [], save: 0)
    #expect(try end.bytes == end.message.serializedBytes())
  }

  @Test("An answer is the message that it is for SwiftProtobuf, and is read again", arguments: [0, 1 << 40])
  func answers(saved: UInt64) throws {
    var message = Copur_V1_TrainRequest()
    (message.embeddings.job, message.embeddings.saved) = (7, saved)
    message.embeddings.values = Copur_V1_Numbers(Self.matrix, as: .float32)
    let bytes = StepAnswer.message(job: 7, values: Self.matrix, saved: saved)
    #expect(try bytes == message.serializedBytes())
    let read = try #require(StepAnswer(bytes))
    #expect(read.job == 7 && read.saved == saved)
    #expect(try read.values.matrix(rows: 3, columns: 200, field: "values") == Self.matrix)
  }

  @Test("Other messages, and bytes that are none, are left to SwiftProtobuf")
  func others() throws {
    var (bytes, message) = question(gradient: 0..<3)
    for count in bytes.indices { #expect(StepQuestion(Array(bytes[..<count])) == nil) }
    #expect(StepQuestion(bytes + [0]) == nil)
    // The end of a job, numbers of fewer bits, a field of a later version.
    #expect(StepQuestion(question(gradient: 0..<3, rows: []).bytes) == nil)
    message.exchange.gradient = Copur_V1_Numbers(Self.matrix, as: .int8)
    #expect(StepQuestion(try message.serializedBytes()) == nil)
    message.exchange.clearGradient()
    bytes = try message.exchange.serializedBytes() + [0x7A, 0x00]
    #expect(StepQuestion([0x22, UInt8(bytes.count)] + bytes) == nil)
    message.scale.job = 1
    #expect(StepQuestion(try message.serializedBytes()) == nil)

    var answer = Copur_V1_TrainRequest()
    answer.done.job = 1
    #expect(StepAnswer(try answer.serializedBytes()) == nil)
    (answer.embeddings.job, answer.embeddings.present) = (1, Data([1]))
    answer.embeddings.values = Copur_V1_Numbers(Self.matrix, as: .float32)
    #expect(StepAnswer(try answer.serializedBytes()) == nil)
  }

  @Test("Too few numbers, and numbers that are not finite, are refused by name")
  func refusals() throws {
    let infinite = Matrix(rows: 2, columns: 2, values: [1, 2, -.infinity, 3])
    let read = try #require(StepAnswer(StepAnswer.message(job: 1, values: infinite, saved: 0)))
    let error = #expect(throws: WireError.self) { try read.values.matrix(rows: 2, columns: 2, field: "values") }
    #expect("\(try #require(error))".contains("numbers are finite (actual: -inf)"))
    #expect(throws: WireError.self) { try read.values.matrix(rows: 3, columns: 2, field: "values") }
  }
}
