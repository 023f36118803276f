import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// The dashboard in headless Chromium, with real processes behind it.
  struct DashboardTests {
    private static let script = Programs.package.appending(path: "Tests/copurTests/Clients/browser.py").path
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private struct Page: Decodable {
      var before: [String]
      var suspects: String
      var states: [String]
      var title: String
      var rounds: Int
      var cells: Int
      var readout: String
      var alarms: [String]
      var accuracy: String
      var width: Int
      var problems: [String]
      var hosts: [String]
    }

    /// Steps for the browser; `$COPUR_SCREENSHOTS` names a folder that pictures are kept in.
    private func steps() throws -> String {
      let pictures = ProcessInfo.processInfo.environment["COPUR_SCREENSHOTS"] ?? folder.path("")
      let states = "[...document.querySelectorAll('#agents tr')].map((row) => row.dataset.state)"
      let liars = "\(states).slice(7).every((state) => state === 'suspect')"
      let steps: [[String: Any]] = [
        ["size": [1600, 1000], "media": ["prefers-color-scheme": "light"]],
        ["until": "\(states).filter((state) => state === 'connected').length === 10"],
        ["value": states, "as": "before"],
        ["until": liars],
        ["value": states, "as": "states"],
        ["value": "document.getElementById('suspects').textContent", "as": "suspects"],
        ["value": "document.title", "as": "title"],
        ["value": "document.getElementById('accuracy').textContent", "as": "accuracy"],
        ["value": "document.querySelectorAll('#rounds tr').length", "as": "rounds"],
        ["value": "document.querySelectorAll('#agents canvas').length", "as": "cells"],
        ["value": "[...document.querySelectorAll('#alarms li span')].map((line) => line.textContent)", "as": "alarms"],
        ["until": "document.querySelectorAll('#alarms li').length >= 3 && document.title.startsWith('3 ')"],
        ["screenshot": "\(pictures)/dashboard-light.png"],
        ["media": ["prefers-color-scheme": "dark"]],
        ["screenshot": "\(pictures)/dashboard-dark.png"],
        ["value": "(document.getElementById('map').focus(), 1)", "as": "focused"],
        ["press": "ArrowLeft"], ["press": "ArrowDown"],
        ["until": "document.getElementById('readout').textContent.startsWith('a2 in seed-0/timeline/copur/lap-')"],
        ["value": "document.getElementById('readout').textContent", "as": "readout"],
        ["size": [390, 844], "scale": 2],
        ["screenshot": "\(pictures)/dashboard-phone.png"],
        ["value": "document.documentElement.scrollWidth", "as": "width"],
      ]
      let data = try JSONSerialization.data(withJSONObject: steps)
      return try folder.write(String(decoding: data, as: UTF8.self), to: "steps.json")
    }

    @Test(
      "Agents 8 to 10 begin to flip: the page sees them turn suspect, without reloading and from nobody else",
      .timeLimit(.minutes(2)))
    func suspectsTurn() async throws {
      let data = try folder.write(MachineData.text, to: "machines.csv")
      let scenario = try folder.write(
        MachineData.scenario(file: data, duration: "90s", rate: 20, flipAt: "20s"), to: "timeline.yaml")
      let steps = try steps()
      try await withProgram(
        Programs.copur(),
        ["run", scenario, "--http", "127.0.0.1:0", "--no-cache", "--out", folder.path("out")],
        environment: ["TMPDIR": folder.url.path]
      ) { run in
        let line = try await run.errors.line(containing: "the dashboard is at ")
        let address = try #require(line.split(separator: " ").last.map(String.init))
        let browser = try await copurTests.run(
          "/usr/bin/env",
          ["python3", Self.script, try Programs.chromium(), address, steps])
        #expect(browser.code == 0, "\(browser.errors)")
        let page = try JSONDecoder().decode(Page.self, from: Data(browser.output.utf8))
        #expect(page.before == [String](repeating: "connected", count: 10))
        #expect(
          page.states
            == [String](repeating: "connected", count: 7) + [String](repeating: "suspect", count: 3))
        #expect(page.suspects == "suspect: a8, a9, a10" && page.title == "3 suspect · machines")
        #expect(page.rounds == 14 && page.cells == 10)
        #expect(
          ["a8", "a9", "a10"].allSatisfy { agent in page.alarms.contains { $0.hasPrefix("agent \(agent) is suspect") }
          }, "\(page.alarms)")
        #expect(page.accuracy.hasSuffix(" %"))
        #expect(page.readout.hasSuffix("copur") && page.readout.contains("residual"), "\(page.readout)")
        #expect(page.width == 390)
        #expect(page.problems == [] && page.hosts == [String(address.dropFirst("http://".count).dropLast())])

        // Ctrl-C leaves nothing running, and what was measured.
        let children = ProcessTable.children(of: run.entry)
        run.send(SIGINT)
        try await expectEnding(of: run, .exited(130))
        #expect(children.count == 11 && children.allSatisfy { !$0.isAlive })
        #expect(folder.lines(of: "out/results.jsonl").count == 1)
      }
    }
  }
}
