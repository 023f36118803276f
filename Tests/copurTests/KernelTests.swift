import CopurNumerics
import Foundation
import Testing

extension ProcessTests {
  /// The kernel of OpenBLAS that a run computes with; it does not change what a run says.
  @Suite struct KernelTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private struct Record: Decodable {
      struct Machine: Decodable {
        var blas, kernel, processor: String?
      }
      var commit: String?
      var machine: Machine
    }

    /// Runs the small scenario in process.
    ///
    /// - Parameter kernel: The value of OPENBLAS_CORETYPE; empty as if it were unset.
    private func record(_ out: String, kernel: String, _ arguments: [String] = []) async throws -> Record {
      let scenario = try folder.write(SmallScenario().text, to: "small.yaml")
      let finished = try await run(
        Programs.copur(),
        ["run", scenario, "--in-process", "--predictions", "--no-cache", "--out", folder.path(out)] + arguments,
        environment: [ComputeKernel.variable: kernel, ComputeKernel.preferenceVariable: ""])
      #expect(finished.code == 0, "\(finished.errors)")
      return try JSONDecoder().decode(
        Record.self, from: Data(contentsOf: URL(filePath: folder.path("\(out)/run.json"))))
    }

    @Test(
      "A run computes with the pinned kernel where none is named, and predicts the same as where that one is named",
      .enabled(if: ComputeKernel.canPin))
    func pinned() async throws {
      let pinned = try #require(ComputeKernel.pinned)
      let unset = try await record("unset", kernel: "")
      let named = try await record("named", kernel: pinned)
      #expect(unset.machine.kernel == pinned && named.machine.kernel == pinned)
      #expect(unset.machine.blas?.hasPrefix("OpenBLAS ") == true)
      let predictions = folder.lines(of: "unset/predictions.csv")
      #expect(predictions.count > SmallScenario.rows)
      #expect(predictions == folder.lines(of: "named/predictions.csv"))
    }

    @Test("A kernel that the environment names is used, whatever else is asked for")
    func named() async throws {
      #expect(try await record("named", kernel: "Prescott", ["--kernel", "pinned"]).machine.kernel == "Prescott")
    }

    @Test("A run says which commit its program was built from, as the program itself does")
    func commit() async throws {
      let version = try await run(Programs.copur(), ["--version"]).output
      let commit = String(try #require(version.firstMatch(of: /\(commit (\w+(\+changes)?)\)/)).output.1)
      #expect(try await record("out", kernel: "").commit == commit)
      #expect(commit == "unknown" || commit.prefix { $0.isHexDigit }.count == 40)
    }
  }
}
