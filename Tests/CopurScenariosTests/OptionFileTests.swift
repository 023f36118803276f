import CopurCore
import CopurScenarios
import Testing

/// Settings files of commands.
struct OptionFileTests {
  private static let known: [String: [OptionFile.Known]] = [
    "serve": [
      .init(name: "grpc", isFlag: false, isRepeating: false), .init(name: "defense", isFlag: false, isRepeating: true),
      .init(name: "insecure", isFlag: true, isRepeating: false),
    ], "agent": [.init(name: "connect", isFlag: false, isRepeating: false)],
  ]

  private func read(_ text: String) throws -> OptionFile {
    try OptionFile(text: text, file: "copur.yaml", known: Self.known)
  }

  @Test("Values are texts with their lines; a list is for an option that can be repeated")
  func values() throws {
    let file = try read(
      """
      # The service.
      serve:
        grpc: 0.0.0.0:8001
        defense: [copur, "{ kind: randomized-smoothing, sigma: 2 }"]

        insecure: false
      agent:
        connect: 8001
      """)
    #expect(
      file.commands["serve"] == [
        .init(name: "grpc", values: ["0.0.0.0:8001"], line: 3),
        .init(name: "defense", values: ["copur", "{ kind: randomized-smoothing, sigma: 2 }"], line: 4),
        .init(name: "insecure", values: ["false"], line: 6),
      ])
    #expect(file.commands["agent"] == [.init(name: "connect", values: ["8001"], line: 8)])
    #expect(try read("serve: { defense: copur }").commands["serve"]?.first?.values == ["copur"])
  }

  @Test("A file of comments, and a command without options, set nothing", arguments: ["", "# nothing\n", "serve:\n"])
  func nothing(_ text: String) throws {
    #expect(try read(text).commands.isEmpty)
  }

  @Test(
    "What is wrong is said with its place, the rule and the value",
    arguments: [
      ("serve:\n  grcp: x", "copur.yaml:2:3: error: unknown key \"grcp\"", "did you mean \"grpc\"?"),
      ("srve:\n  grpc: x", "copur.yaml:1:1: error: unknown key \"srve\" in a settings file", "did you mean \"serve\"?"),
      ("serve:\n  grpc:", "copur.yaml:2:", "expected grpc: one value (actual: nothing)"),
      ("serve:\n  grpc: [a, b]", "copur.yaml:2:9", "expected grpc: one value (actual: a list)"),
      ("serve:\n  defense: { kind: copur }", "copur.yaml:2:12", "put it in quotes (actual: a mapping)"),
      ("serve:\n  defense: []", "copur.yaml:2:12", "at least one (actual: 0)"),
      ("serve:\n  insecure: 1", "copur.yaml:2:13", "expected true or false (actual: \"1\")"),
      ("serve:\n  insecure: \"true\"", "copur.yaml:2:13", "expected true or false"),
      ("serve:\n  grpc: a\n  grpc: b", "copur.yaml:2:3", "a key is given once"),
      ("serve: 8001", "copur.yaml:1:8", "the settings of serve: a mapping of keys to values"),
      ("- serve", "copur.yaml:1:1", "a settings file: a mapping of keys to values"),
      ("serve: {\n", "copur.yaml:", "no valid YAML"),
    ])
  func wrong(_ text: String, place: String, rule: String) throws {
    let error = try #require(throws: CopurError.self) { try read(text) }
    #expect(error.code == .configuration)
    #expect(error.message.contains(place) && error.message.contains(rule), "\(error.message)")
  }

  @Test("A file that is not there is missing input, and says its name")
  func missing() throws {
    let error = try #require(throws: CopurError.self) {
      try OptionFile(contentsOf: "/nowhere/copur.yaml", known: Self.known)
    }
    #expect(error.code == .missingInput && error.message == "/nowhere/copur.yaml: the settings file cannot be read")
  }
}
