import Foundation
import Testing

extension ProcessTests {
  /// `Deploy/drills.sh --quick`: what is killed, starved and lied to.
  struct DrillTests {
    struct Table: Decodable {
      struct Row: Decodable {
        var drill, outcome, figure: String
        var attempts, passed: Int
      }
      var drills: [Row]
    }

    /// Drills that need no privileges and no tool that Deploy/test.sh does not install.
    private static let everywhere: Set = [
      "arrival-order", "bad-numbers", "clock-shift", "fsync-error", "fsync-order", "impersonation", "kill-agents",
      "kill-center", "sigterm",
    ]

    @Test("The quick drills: every attempt passes, and what cannot be tried says why", .timeLimit(.minutes(5)))
    func quick() async throws {
      let script = Programs.package.appending(path: "Tests/Drills/run.py").path
      let finished = try await run(
        Programs.python(), [script, "--copur", try Programs.copur(), "--quick", "--json"])
      let line = try #require(finished.output.split(separator: "\n").last, "\(finished.errors)")
      let table = try JSONDecoder().decode(Table.self, from: Data(line.utf8))
      for row in table.drills {
        switch row.outcome {
        case "passed": #expect(row.attempts > 0 && row.passed == row.attempts, "\(row.drill)")
        case "skipped":
          #expect(!Self.everywhere.contains(row.drill), "\(row.drill): \(row.figure)")
          #expect(row.figure.hasPrefix("skipped: "), "\(row.drill)")
        default: Issue.record("\(row.drill): \(row.passed) of \(row.attempts), \(row.figure)\n\(finished.errors)")
        }
      }
      #expect(Self.everywhere.isSubset(of: table.drills.map(\.drill)))
      #expect(finished.code == 0)
    }
  }
}
