import Foundation
import Testing

extension ProcessTests {
  /// `Deploy/python`: installed by pip as users install it, without a network, and held to its own tests.
  struct PythonPackageTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    @Test("The Python package installs, and its tests and examples hold with this program", .timeLimit(.minutes(5)))
    func package() async throws {
      // A build leaves files beside its sources.
      let source = folder.path("python")
      try FileManager.default.copyItem(atPath: Programs.package.appending(path: "Deploy/python").path, toPath: source)
      let installed = try await run(
        Programs.python(),
        [
          "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps",
          "--no-build-isolation", "--target", folder.path("site"), source,
        ])
      #expect(installed.code == 0, "\(installed.errors)")
      #expect(FileManager.default.fileExists(atPath: folder.path("site/copur/py.typed")))
      #expect(FileManager.default.fileExists(atPath: folder.path("site/copur/v1/fusion_pb2.pyi")))
      let played = try await run(
        Programs.python(), ["-m", "pytest", "-q", "-p", "no:cacheprovider", "\(source)/tests"],
        environment: ["PYTHONPATH": folder.path("site"), "COPUR": Programs.copur(), "MPLCONFIGDIR": folder.path("mpl")])
      #expect(played.code == 0, "\(played.output)\n\(played.errors)")
      // PyTorch is too large to be installed for tests; what needs it is skipped, and nothing else.
      let skipped = played.output.firstMatch(of: /(\d+) skipped/).flatMap { Int($0.1) } ?? 0
      #expect(skipped <= 2, "\(played.output)")
    }

    @Test("The page shows the examples as they are")
    func page() throws {
      let page = try String(
        contentsOf: Programs.package.appending(path: "Sources/CopurCore/Docs.docc/Python.md"), encoding: .utf8)
      for name in ["own_kinds.py", "own_extractor.py"] {
        let example = try String(
          contentsOf: Programs.package.appending(path: "Deploy/python/examples/\(name)"), encoding: .utf8)
        #expect(page.contains("```python\n\(example)```"), "\(name)")
      }
    }
  }
}
