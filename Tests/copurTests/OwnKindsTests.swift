import Foundation
import Testing

extension ProcessTests {
  /// The page "A defence, an attack and a data set of your own", as a package outside this one.
  struct OwnKindsTests {
    /// The files that the page shows: those whose second or first line names them.
    private func files() throws -> [(name: String, text: String)] {
      let page = try String(contentsOf: Tutorial.catalogue.appending(path: "OwnKinds.md"), encoding: .utf8)
      return page.matches(of: /```(?:swift|yaml)\n((?:.*\n)*?)```/).compactMap { block in
        let text = String(block.output.1)
        guard let name = text.firstMatch(of: /(?:\/\/|#) file: (\S+)/)?.output.1 else { return nil }
        return (String(name), text)
      }
    }

    @Test(
      "A package outside adds a kind of each, and a scenario with them runs in process and over the network alike",
      .timeLimit(.minutes(20)))
    func plays() async throws {
      let folder = try TestFolder()
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("copur"), withDestinationPath: Programs.package.path)
      for (name, text) in try files() {
        let path = folder.url.appending(path: "mine/\(name)")
        try FileManager.default.createDirectory(
          at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: path)
      }
      let swift = try Programs.system("swift")
      let built = try await run(
        // Without optimization, in half the time, and as nothing else here is built: with the checks of a debug build.
        swift, ["build", "-c", "debug", "--package-path", folder.path("mine"), "--product", "mine"],
        // SwiftPM keeps its own cache there, which has to be a folder.
        environment: ["XDG_CACHE_HOME": folder.path("cache")])
      try #require(built.code == 0, "\(built.output.suffix(4000))\n\(built.errors.suffix(2000))")
      let mine = folder.path("mine/.build/debug/mine")
      let scenario = folder.path("mine/mine.yaml")
      var tables: [String] = []
      for (out, mode) in [("in-process", ["--in-process"]), ("network", [])] {
        let finished = try await run(
          mine, ["run", scenario, "--no-cache", "--predictions", "--out", folder.path(out)] + mode)
        try #require(finished.code == 0, "\(finished.errors)")
        #expect(finished.output.contains("clipped-blocks") && finished.output.contains("stretched"))
        tables.append(try String(contentsOfFile: folder.path("\(out)/predictions.csv"), encoding: .utf8))
      }
      #expect(tables[0] == tables[1] && tables[0].split(whereSeparator: \.isNewline).count == 1 + 2 * 3 * 300)
      let wrong = folder.path("wrong.yaml")
      try String(contentsOfFile: scenario, encoding: .utf8).replacing("radius: 1.5", with: "radius: -1")
        .write(toFile: wrong, atomically: true, encoding: .utf8)
      let refused = try await run(mine, ["run", wrong, "--in-process"])
      #expect(refused.code == 78 && refused.errors.contains("expected a number over 0 (actual: -1)"))
      let schema = try await run(mine, ["schema"])
      for kind in ["clipped-blocks", "stretch", "waves", "limited", "short-rows"] {
        #expect(schema.output.contains("\"\(kind)\""), "\(kind)")
      }
    }
  }
}
