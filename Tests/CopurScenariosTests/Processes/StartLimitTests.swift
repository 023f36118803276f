import CopurCore
import CopurReports
import CopurScenarios
import Foundation
import Testing

struct StartLimitTests {
  /// A program that hangs while it starts was waited for without end.
  @Test("A process that does not listen in time ends the run, by name and with its last words")
  func hangs() async throws {
    let images = try SyntheticImages()
    let program = images.folder.appending(path: "hangs").path
    try Data("#!/bin/sh\necho 'reading a slow disk' >&2\nexec sleep 600\n".utf8).write(to: URL(filePath: program))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    var options = images.options()
    options.mode = .network
    options.executable = program
    options.startLimit = .milliseconds(300)
    let runner = ScenarioRunner(scenario: try images.scenario(), options: options)
    let start = ContinuousClock.now
    let error = await #expect(throws: CopurError.self) { try await runner.run() }
    #expect(error?.code == .unavailable)
    #expect(
      error?.message.hasPrefix("the fusion center has to listen within 0.3 s of its start, and does not") == true,
      "\(error.debugDescription)")
    #expect(error?.message.contains("reading a slow disk") == true)
    // The program ends on SIGTERM; a sixth of the time that it would have taken, however busy the machine is.
    #expect(ContinuousClock.now - start < .seconds(100))
  }
}
