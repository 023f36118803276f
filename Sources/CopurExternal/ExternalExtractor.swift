public import CopurCore
public import CopurNumerics
internal import CopurWire

/// An extractor in a program of its own, in any language.
///
/// Each agent has a program of its own, which is started when its first rows are embedded.
public struct ExternalExtractor: ExtractorKind {
  public static var entry: KindEntry<any ExtractorKind> {
    KindEntry(
      "external", "An extractor in a program of its own, in any language (Protocols/copur/v1/plugin.proto).",
      ExternalExtractor())
  }
  public static var settings: [Setting<ExternalExtractor>] { ProgramLocation.settings(at: \.location) }

  /// The program.
  public var location = ProgramLocation()
  public var kind: String { "external" }
  public var outsider: String? { "the program \"\(location.name)\"" }

  /// No program yet.
  public init() {}

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    try location.validate()
  }

  /// The most numbers of a request or its answer, so that a program has its time for so much alone.
  private static let largest = 1 << 20

  public func embed(_ rows: Matrix, of agent: EmbeddedAgent) throws -> Matrix {
    let program = try Self.programs.program(for: Place(location: location, agent: agent)) {
      try PluginProgram(location, Copur_V1_PluginOpen(embedding: agent))
    }
    var embeddings = Matrix(rows: rows.rows, columns: agent.embedding)
    let batch = max(1, Self.largest / max(agent.features, agent.embedding))
    for start in stride(from: 0, to: rows.rows, by: batch) {
      let range = start..<min(start + batch, rows.rows)
      let values = try embedded(rows.selecting(rows: range), of: agent, by: program)
      embeddings.values.replaceSubrange(
        range.lowerBound * agent.embedding..<range.upperBound * agent.embedding, with: values)
    }
    return embeddings
  }

  private func embedded(_ rows: Matrix, of agent: EmbeddedAgent, by program: PluginProgram) throws -> [Float] {
    var request = Copur_V1_PluginRequest()
    request.embed.samples = UInt32(rows.rows)
    request.embed.features = rows.values
    let reply = try program.ask(request) { _ in
      throw CopurError(.protocolViolation, "the program \"\(location.name)\": an extractor has nothing to ask")
    }
    guard case .embeddings(let embeddings) = reply else { throw program.unexpected("embeddings") }
    guard embeddings.values.count == rows.rows * agent.embedding else {
      throw program.unexpected(
        "\(agent.embedding) numbers a row of agent \(agent.id), by the key `embedding` (rows: \(rows.rows), numbers: "
          + "\(embeddings.values.count))")
    }
    return embeddings.values
  }

  // MARK: Programs

  /// Ends the programs of all agents; who embeds rows afterwards starts them anew.
  public static func endPrograms() { programs.endAll() }

  /// The command or address of a program, and its agent.
  private struct Place: Hashable {
    var location: ProgramLocation
    var agent: EmbeddedAgent
  }

  private static let programs = SharedPrograms<Place>()
}
