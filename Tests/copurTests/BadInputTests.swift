import Foundation
import Testing

extension ProcessTests {
  /// Mistakes in a command's input → the exit code of sysexits.h and the words of the message.
  struct BadInputTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// A line of the scenario below, what to write in its place, and what is then said.
    struct WrongScenario: CustomTestStringConvertible {
      let line: Int
      let text: String
      let column: Int
      let message: String

      init(_ line: Int, _ text: String, column: Int, _ message: String) {
        (self.line, self.text, self.column, self.message) = (line, text, column, message)
      }

      var testDescription: String { text }

      static let right = [
        "name: wrong",
        "dataset: { kind: fashion-mnist, train_rows: 100, test_rows: 10 }",
        "agents: [top-left, top-right]",
        "defenses: [unsecured, copur]",
        "attacks:",
        "  - { name: clean }",
      ]

      static let all = [
        WrongScenario(3, "agnets: [top-left]", column: 1, "unknown key \"agnets\" in a scenario"),
        WrongScenario(4, "defenses: [copr]", column: 12, "(actual: \"copr\"); did you mean \"copur\"?"),
        WrongScenario(3, "agents: [top-left, top]", column: 20, "an agent is one of top-left"),
        WrongScenario(
          6, "  - { name: a, kind: missing, agents: [watch] }", column: 40,
          "an agent is one of top-left, top-right (actual: \"watch\")"),
        WrongScenario(
          6,
          "  - { name: a, all: [{ kind: missing, agents: [top-left] }, { kind: feature-flipping, agents: [top-left] }] }",
          column: 95, "(\"top-left\" is in missing and in feature-flipping)"),
      ]
    }

    @Test(
      "A scenario that breaks a rule: 78, with file, line, column and a caret", .timeLimit(.minutes(1)),
      arguments: WrongScenario.all)
    func scenario(_ wrong: WrongScenario) async throws {
      var lines = WrongScenario.right
      lines[wrong.line - 1] = wrong.text
      let file = try folder.write(lines.joined(separator: "\n"), to: "wrong.yaml")
      let finished = try await run(Programs.copur(), ["run", file])
      #expect(finished.code == 78)
      #expect(finished.output == "")
      let said = finished.errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(said.count == 3)
      #expect(said.first?.hasPrefix("copur: error: \(file):\(wrong.line):\(wrong.column): error: ") == true)
      #expect(said.first?.contains(wrong.message) == true, "\(finished.errors)")
      #expect(said.dropFirst() == [wrong.text, String(repeating: " ", count: wrong.column - 1) + "^"])
    }

    /// Arguments, the exit code, and what standard error contains. `%` stands for the test's folder, `@` for a bundle.
    struct WrongArguments: CustomTestStringConvertible {
      let arguments: [String]
      let code: Int32
      let messages: [String]

      init(_ arguments: [String], _ code: Int32, _ messages: String...) {
        (self.arguments, self.code, self.messages) = (arguments, code, messages)
      }

      var testDescription: String { arguments.joined(separator: " ") }

      static let all = [
        WrongArguments(["run", "s.yaml", "--colour"], 64, "Unknown option '--colour'"),
        WrongArguments(["fly"], 64, "Unexpected argument 'fly'"),
        WrongArguments(["run", "s.yaml", "--seeds", "0"], 64, "--seeds is 1 to 10000 (actual: 0)"),
        WrongArguments(["run", "s.yaml", "--predictions"], 64, "--predictions needs --out"),
        WrongArguments(["serve", "b"], 64, "Give --tls-certificate, --tls-key and --tls-ca"),
        WrongArguments(["serve", "b", "--insecure", "--grpc", "localhost"], 64, "--grpc <host:port>"),
        WrongArguments(
          ["agent", "b", "--agent", "a", "--connect", "http://localhost:1", "--insecure", "--simulation", "1.2.3.4:5"],
          64, "--simulation beyond this machine needs --simulation-certificate and --simulation-key (actual: 1.2.3.4:5)"
        ),
        // A name, whose first label is all that it has in common with this machine's addresses.
        WrongArguments(
          [
            "agent", "b", "--agent", "a", "--connect", "http://localhost:1", "--insecure", "--simulation",
            "127.example.com:5",
          ],
          64, "(actual: 127.example.com:5)"),
        WrongArguments(
          ["agent", "b", "--agents", "a,b", "--connect", "http://localhost:1", "--insecure"], 64,
          "--agents is for --simulation"),
        WrongArguments(
          ["agent", "b", "--connect", "http://localhost:1", "--insecure"], 64,
          "An agent has its name, --agent, or several have theirs, --agents."),
        WrongArguments(
          [
            "agent", "b", "--agent", "a", "--connect", "http://localhost:1", "--insecure", "--simulation",
            "127.0.0.1:0", "--simulation-certificate", "c", "--simulation-key", "k",
          ],
          64, "--simulation-certificate needs --tls-ca"),
        WrongArguments(
          ["run", "s.yaml", "--launcher", "lcoal"], 64, "a launcher is one of local, slurm, ssh (actual: \"lcoal\")"),
        WrongArguments(["run", "s.yaml", "--in-process", "--hosts", "a"], 64, "--hosts is about processes"),
        WrongArguments(
          ["run", "s.yaml", "--agents-per-process", "0"], 64, "--agents-per-process is 1 to 10000 (actual: 0)"),
        WrongArguments(
          ["agent", "b", "--agent", "a", "--connect", "localhost:1", "--insecure"], 64,
          "--connect is http://HOST:PORT (actual: localhost:1)"),
        WrongArguments(["run", "%/none.yaml"], 66, "%/none.yaml: the scenario cannot be read", "No such file"),
        WrongArguments(["run", "%"], 66, "%: the scenario cannot be read", "Is a directory"),
        WrongArguments(["serve", "%/none", "--insecure"], 66, "%/none/bundle.json cannot be read"),
        WrongArguments(
          ["agent", "%/none", "--agent", "a", "--connect", "http://localhost:1", "--insecure"], 66,
          "%/none/bundle.json cannot be read"),
        WrongArguments(
          ["serve", "@", "--tls-certificate", "%/none.pem", "--tls-key", "%/none.key", "--tls-ca", "%/ca.pem"], 66,
          "copur: error: cannot open %/", "No such file"),
        WrongArguments(
          ["certs", "/dev/null/x"], 73, "copur: error: cannot make the directory /dev/null/x: Not a directory"),
        WrongArguments(["certs", "%", "--agents", "a/b"], 64, "(actual: \"a/b\")"),
        WrongArguments(["serve", "@", "--insecure", "--quorum", "5"], 78, "1 to the number of agents, 4 (actual: 5)"),
        WrongArguments(["serve", "@", "--insecure", "--defense", "magic"], 64, "(actual: \"magic\")"),
        WrongArguments(
          ["serve", "@", "--insecure", "--journal", "%/none/j"], 73, "%/none/j: the journal cannot be opened"),
        WrongArguments(
          ["serve", "@", "--insecure", "--journal", "sqlite:%/none/j"], 73, "%/none/j: the journal cannot be opened"),
        WrongArguments(
          ["serve", "@", "--insecure", "--journal", "mysql://host/j"], 64, "a URL of the scheme",
          "(actual scheme: \"mysql\")"),
        WrongArguments(["journal", "verify", "mysql://host/j"], 64, "(actual scheme: \"mysql\")"),
        WrongArguments(
          ["serve", "@", "--insecure", "--journal", "postgresql://host/j?schema=Rounds"], 64,
          "a journal's schema is", "(actual: \"Rounds\")"),
        WrongArguments(
          ["journal", "list", "sqlite://host/j"], 64, "sqlite:///ABSOLUTE/PATH", "(actual: \"sqlite://host/j\")"),
        WrongArguments(["data", "list", "--data", "%/none"], 66, "(actual: \"%/none\" is not)"),
      ]
    }

    @Test(
      "Arguments that make no sense: 64; what is not there: 66; what cannot be written: 73; a wrong setting: 78",
      .timeLimit(.minutes(1)),
      arguments: WrongArguments.all)
    func arguments(_ wrong: WrongArguments) async throws {
      let bundle = try await Workshop.shared.value.bundle
      func filled(_ text: String) -> String {
        text.replacing("%", with: folder.url.path).replacing("@", with: bundle)
      }
      let finished = try await run(Programs.copur(), wrong.arguments.map(filled))
      #expect(finished.code == wrong.code)
      #expect(finished.output == "")
      for message in wrong.messages { #expect(finished.errors.contains(filled(message)), "\(finished.errors)") }
      // What Foundation says of an error is for its debugger.
      #expect(!finished.errors.contains("NSCocoaErrorDomain"))
    }

    @Test("Output that cannot be written: 74, and not a crash", .timeLimit(.minutes(1)))
    func fullDisk() async throws {
      let finished = try await run(
        Programs.system("sh"), ["-c", "exec \"$0\" certs \"$1\" > /dev/full", Programs.copur(), folder.path("certs")])
      #expect(finished.code == 74)
      #expect(
        finished.errors.hasPrefix("copur: error: standard output cannot be written: ")
          && !finished.errors.contains("\n"), "\(finished.errors)")
    }

    @Test("Data that is not there: 66, with every place looked at and what to set", .timeLimit(.minutes(1)))
    func missingData() async throws {
      let file = try folder.write(
        """
        name: nowhere
        dataset: { kind: extrasensory, user: 00000000-0000-0000-0000-000000000000, label: SITTING }
        attacks: [{ name: clean }]
        """, to: "nowhere.yaml")
      let finished = try await run(
        Programs.copur(), ["run", file], environment: ["COPUR_DATA": folder.path("data")])
      #expect(finished.code == 66)
      #expect(finished.errors.contains("  \(folder.path("data")) (no such folder)"))
      #expect(finished.errors.contains("/usr/share/datasets"))
      #expect(finished.errors.contains("Name the folder that holds it with --data DIR or in $COPUR_DATA."))
    }

    /// Damage to a bundle's files, and the file that is then named.
    enum Damage: String, CaseIterable {
      case weightsByte = "weights.safetensors"
      case description = "bundle.json"

      func inflict(on bundle: URL) throws {
        let file = bundle.appending(path: rawValue)
        var bytes = try Data(contentsOf: file)
        switch self {
        case .weightsByte: bytes[bytes.count - 1] ^= 1
        case .description:
          let text = String(decoding: bytes, as: UTF8.self)
          bytes = Data(text.replacing("\"seed\" : 0", with: "\"seed\" : 1").utf8)
          #expect(text != String(decoding: bytes, as: UTF8.self))
        }
        try bytes.write(to: file)
      }
    }

    @Test(
      "A bundle that was changed on disk: 65, and the file's name", .timeLimit(.minutes(1)),
      arguments: Damage.allCases, ["serve", "agent"])
    func changedBundle(_ damage: Damage, _ command: String) async throws {
      let bundle = folder.url.appending(path: "bundle")
      try FileManager.default.copyItem(at: URL(filePath: try await Workshop.shared.value.bundle), to: bundle)
      try damage.inflict(on: bundle)
      let options = command == "serve" ? [] : ["--agent", "top-left", "--connect", "http://127.0.0.1:1"]
      let finished = try await run(Programs.copur(), [command, bundle.path, "--insecure"] + options)
      #expect(finished.code == 65)
      #expect(finished.output == "")
      #expect(finished.errors.contains("\(bundle.path)/\(damage.rawValue) was changed: "), "\(finished.errors)")
    }
  }
}
