import Foundation
import Testing

extension ProcessTests {
  /// Behaviour that scripts and shells rely on.
  struct CommandLineTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    @Test("bash completes commands and options", .timeLimit(.minutes(1)))
    func completion() async throws {
      let copur = try Programs.copur()
      let script = try await run(copur, ["--generate-completion-script", "bash"])
      #expect(script.code == 0)
      let file = try folder.write(script.output + "\n", to: "copur.bash")
      let asked = """
        source '\(file)'; PATH='\(URL(filePath: copur).deletingLastPathComponent().path)':$PATH
        ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMPREPLY=(); \
        _copur "$1" "${!#}" "${@:$#-1:1}"; echo "${COMPREPLY[*]}"; }
        ask copur se; ask copur run --pred
        """
      let answer = try await run(try Programs.system("bash"), ["-c", asked])
      #expect(
        answer.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } == [
          "serve", "--predictions",
        ], "\(answer.errors)")
    }

    @Test("Without /proc the command line cannot be read, which is said", .timeLimit(.minutes(1)))
    func noProc() async throws {
      let finished = try await run(
        Programs.system("unshare"),
        [
          "--mount", "/bin/sh", "-c", #"mount -t tmpfs none /proc || exit 99; exec "$0" --version"#,
          try Programs.copur(),
        ])
      // Who may not mount cannot try it.
      guard finished.code != 99, !finished.errors.contains("unshare failed") else { return }
      #expect(finished.code == 69, "\(finished.status)")
      #expect(finished.errors.contains("the command line cannot be read: /proc is not there"), "\(finished.errors)")
    }

    @Test("Results as JSON lines, and no colour in a pipe", .timeLimit(.minutes(1)))
    func json() async throws {
      let scenario = try folder.write(
        SmallScenario(attacks: ["{ name: clean }"], defenses: "[copur]").text, to: "small.yaml")
      let cache = try await Workshop.shared.value.cache
      let finished = try await run(
        Programs.copur(), ["run", scenario, "--in-process", "--json", "--cache", cache])
      #expect(finished.code == 0, "\(finished.errors)")
      let row = try #require(
        try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
      #expect(row["attack"] as? String == "clean" && row["defense"] as? String == "copur")
      let table = try await run(Programs.copur(), ["run", scenario, "--in-process", "--cache", cache])
      #expect(!table.output.contains("\u{1B}") && table.output.contains("clean"))
    }

    @Test("Every command's help has an example", .timeLimit(.minutes(1)))
    func help() async throws {
      for command in ["run", "report", "train", "certify", "serve", "agent", "bench", "data", "certs"] {
        let help = try await run(Programs.copur(), ["help", command])
        #expect(help.output.contains("Example"), "\(command)")
      }
    }

    @Test("Logs are JSON where nobody reads them on a terminal, with the trace of the call", .timeLimit(.minutes(1)))
    func logs() async throws {
      let workshop = try await Workshop.shared.value
      let arguments = workshop.serve(["--http", "127.0.0.1:0", "--http-plaintext", "--log-level", "debug"])
      try await withProgram(Programs.copur(), arguments) { center in
        let line = try await center.output.line(containing: "copur: serving ")
        let address = try #require(line.split(separator: " ").last.map(String.init))
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let answer = try await run(
          try Programs.system("curl"),
          ["-si", "-H", "traceparent: 00-\(trace)-00f067aa0ba902b7-01", "\(address)v2/health/ready"])
        let header = try #require(
          answer.output.split(whereSeparator: \.isNewline).first { $0.hasPrefix("traceparent: 00-\(trace)-") })
        #expect(!header.contains("00f067aa0ba902b7"))
        let log = try await center.errors.line(containing: "\"message\"")
        let members = try #require(
          try JSONSerialization.jsonObject(with: Data(log.utf8)) as? [String: String])
        #expect(members["level"] != nil && members["time"]?.hasSuffix("Z") == true && members["logger"] != nil)
      }
    }
  }
}
