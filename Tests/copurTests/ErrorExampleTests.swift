import Foundation
import Testing

extension ProcessTests {
  /// The pages of the error codes show what the program prints.
  struct ErrorExampleTests {
    /// A page's example: a command, what it prints, and the exit status that the page names.
    private struct Example {
      let command: String
      let printed: String
      let status: Int32

      /// Nil if the page's example is not a command.
      init?(_ page: String) throws {
        let match = page.firstMatch(of: /(?s)## Example\n\n```\n\$ ([^\n]*)\n(.*?)\n```/)
        guard let match else { return nil }
        (command, printed) = (String(match.1), String(match.2))
        let status = try #require(page.firstMatch(of: #/- Exit status: (\d+) /#)).1
        self.status = try #require(Int32(status))
      }
    }

    @Test("A page's command prints what stands there, and exits with the page's code", .timeLimit(.minutes(1)))
    func examples() async throws {
      // The examples speak of the tutorial's model.
      let tutorial = try Tutorial()
      for file in ["machines.py", "machines.yaml"] { try await tutorial.take(file) }
      let bash = try Programs.system("bash")
      let trained = try await run(
        bash, tutorial.shell(try tutorial.text(of: "train.sh")), environment: tutorial.environment)
      #expect(trained.code == 0, "\(trained.errors)")
      var statuses: Set<Int32> = []
      let folder = Tutorial.catalogue.appending(path: "Errors")
      for page in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
        guard let example = try Example(try String(contentsOf: page, encoding: .utf8)) else { continue }
        let finished = try await run(bash, tutorial.shell(example.command), environment: tutorial.environment)
        #expect(finished.errors == example.printed, "\(page.lastPathComponent)")
        #expect(finished.code == example.status, "\(page.lastPathComponent)")
        statuses.insert(example.status)
      }
      // The others need a service, or cannot be brought about.
      #expect(statuses == [64, 65, 66, 69, 73, 74, 78])
    }
  }
}
