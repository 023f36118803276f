import CopurCore
import CopurNumerics
import Foundation
import Testing

/// An extractor whose answers are right or wrong as a setting says.
private struct Scripted: ExtractorKind {
  enum Answer: String, CaseIterable { case right, narrow, nan, batch }
  static let name = "scripted"
  static var entry: KindEntry<any ExtractorKind> { KindEntry(name, "For tests.", Scripted()) }
  static var settings: [Setting<Scripted>] {
    [
      .choice("answer", \.answer, of: "an answer", "what it gives"),
      .number("factor", \.factor, .positive, "of the sums"),
    ]
  }
  var answer = Answer.right
  var factor: Float = 1
  var kind: String { Self.name }
  var outsider: String? { "the scripted one" }

  func embed(_ rows: Matrix, of agent: EmbeddedAgent) -> Matrix {
    let width = answer == .narrow ? agent.embedding - 1 : agent.embedding
    return Matrix(rows: rows.rows, columns: width) { output in
      for row in 0..<rows.rows {
        for column in 0..<width { output[row * width + column] = factor * rows[row: row].reduce(0, +) + Float(column) }
        if answer == .nan, row == 1 { output[row * width] = .nan }
        if answer == .batch { output[row * width] = Float(rows.rows) }
      }
    }
  }
}

struct GivenExtractorTests {
  /// Not listed, since other tests compare the lists with the documentation.
  private static let isRegistered: Bool = {
    (try? KindRegistry.extractors.register(Scripted.entry, isListed: false)) != nil
  }()
  private static let rows = Matrix([[1, 2], [3, 4], [5, 6]])

  private func extractor(_ answer: Scripted.Answer, scale: Float = 1) throws -> GivenExtractor {
    #expect(Self.isRegistered)
    var kind = Scripted()
    (kind.answer, kind.factor) = (answer, 0.5)
    return GivenExtractor(
      ExtractorSpec(kind), of: EmbeddedAgent(try AgentID("a"), features: 2, columns: ["x", "y"], embedding: 2),
      scale: scale)
  }

  @Test("It embeds rows as its kind does, times its factor, and asks for none that the agent does not have")
  func embeds() throws {
    let extractor = try extractor(.right, scale: 2)
    #expect(try extractor.embed(Self.rows) == Matrix([[3, 5], [7, 9], [11, 13]]))
    #expect(try extractor.embed(Self.rows, where: [false, true, false]) == Matrix([[0, 0], [7, 9], [0, 0]]))
    #expect(try extractor.embed(Self.rows, where: [false, false, false]) == Matrix(rows: 3, columns: 2))
  }

  @Test(
    "What breaks a rule is an error that names who gave it, and the rule",
    arguments: [
      (Scripted.Answer.narrow, "2 numbers a row (rows: 3; actual: 3 × 1)"),
      (.nan, "finite numbers (row 1 of the batch: nan)"), (.batch, "alike alone and in a batch of 3"),
    ])
  private func rules(_ answer: Scripted.Answer, _ rule: String) throws {
    let error = #expect(throws: CopurError.self) { try extractor(answer).embed(Self.rows) }
    #expect(error?.code == .protocolViolation)
    #expect(error?.message.contains("the scripted one, of agent a, ") == true && error?.message.contains(rule) == true)
  }

  @Test("Its kind and settings are read as they were written, and checked when they are used")
  func coding() throws {
    let spec = try extractor(.batch).spec
    let data = try JSONEncoder().encode(spec)
    #expect(try JSONDecoder().decode(ExtractorSpec.self, from: data) == spec)
    #expect(
      try JSONDecoder().decode(JSONValue.self, from: data)
        == .object([
          "kind": .string("scripted"),
          "answer": .string("batch"), "factor": .number(0.5),
        ]))
    let unknown = ExtractorSpec("nobody", settings: [:])
    #expect(throws: CopurError.self) { try unknown.kind() }
    let wrong = ExtractorSpec("scripted", settings: ["factor": .number(-1)])
    #expect(throws: CopurError.self) { try wrong.kind() }
  }
}
