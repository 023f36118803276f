import CopurCore
import CopurFusionCenter
import CopurJournalSQLite
import CopurWire
import Foundation
import Testing

/// A fusion center that is started again on its journal, which is a file.
@Suite struct RestartTests {
  @Test func everyBlockIsThereOnceWhateverWasSentTwice() async throws {
    try await withFolder { folder in
      let path = folder + "/journal.sqlite"
      try await withFusionCenter(configuration(), journal: reopened(path)) { stub, _ in
        _ = try await stub.verdicts(of: [1, .max]) { _ in
          for (agent, width) in [("a", 2), ("b", 1), ("c", 3)] {
            try await stub.contributing(as: agent) { stream in
              stream.send([1, .max], width: width, [1.5, -2])
              stream.send([1], width: width, [1.5])
              stream.send([1], width: width, [7])
              stream.send([9], width: width, [.nan])
              try await stream.expect([.accepted, .accepted, .duplicate, .conflict, .invalid])
            }
          }
        }
      }
      try await letGo(of: path)
      let reader = try SQLiteJournalReader(path: path)
      let report = try reader.verify()
      #expect(report.faults == [] && report.blocks == 6 && report.decided == 2 && report.open == 0)
      var rounds: [JournalRound] = []
      try await reader.forEachRound { rounds.append($0) }
      #expect(Set(rounds.map(\.sample)) == [1, .max] && rounds.allSatisfy { $0.contributed == roster.agents })
    }
  }

  @Test func sessionsGoOnAfterARestart() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      try await withFusionCenter(configuration(), journal: reopened(path)) { stub, _ in
        try await stub.contributing(as: "b") { b in
          b.send([1, 2], width: 1, [1, -2])
          try await b.expect([.accepted, .accepted])
        }
      }
      let clock = ManualClock()
      let first = try await withFusionCenter(
        configuration(), journal: reopened(path), clock: clock
      ) { stub, _ in
        let verdicts = try await stub.verdicts(of: [1, 2]) { _ in
          try await stub.contributing(as: "b") { b in
            b.send([1, 2, 2], width: 1, [1, -2, -3])
            try await b.expect([.duplicate, .duplicate, .conflict])
          }
          for (agent, width) in [("a", 2), ("c", 3)] {
            try await stub.contributing(as: agent) { stream in
              stream.send([1], width: width, [1])
              try await stream.expect([.accepted])
            }
          }
          // The other round's deadline began anew.
          clock.advance(by: .milliseconds(250))
        }
        return verdicts.sorted { $0.sample < $1.sample }
      }
      #expect(first.map(\.contributed) == [roster.agents, [roster.agents[1]]])
      #expect(first.map(\.decision?.label) == [1, 0])
      try await withFusionCenter(configuration(), journal: reopened(path)) { stub, _ in
        let again = try await stub.verdicts(of: [1, 2])
        #expect(again.sorted { $0.sample < $1.sample } == first)
        try await stub.contributing(as: "b") { b in
          b.send([1, 1], width: 1, [1, 2])
          try await b.expect([.duplicate, .conflict])
        }
      }
      try await letGo(of: path)
      let report = try SQLiteJournalReader(path: path).verify()
      #expect(report.faults == [] && report.blocks == 4 && report.decided == 2)
    }
  }

  @Test func roundsThatAreGivenUpStayGivenUp() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      try await withFusionCenter(configuration(), journal: reopened(path)) { stub, _ in
        try await stub.contributing(as: "b") { b in
          b.send([1], width: 1, [1])
          try await b.expect([.accepted])
        }
      }
      for resumes in [false, true] {
        let center = try await FusionCenter(
          configuration: configuration(), journal: reopened(path),
          resumesOpenRounds: resumes, clock: ManualClock(), logger: quietLogger)
        center.beginDraining()
        try await center.run()
      }
      try await letGo(of: path)
      let reader = try SQLiteJournalReader(path: path)
      #expect(try reader.verify().faults == [])
      var rounds: [JournalRound] = []
      try await reader.forEachRound { rounds.append($0) }
      #expect(rounds.map(\.status) == [.aborted] && rounds.map(\.contributed) == [[roster.agents[1]]])
      #expect(rounds[0].reason?.contains("give up") == true)
    }
  }
}

/// A folder that is gone after the test.
private func withFolder(_ body: (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder.path)
}

/// Waits until this process has let go of a journal.
///
/// Tasks of a fusion center hold it until they have ended, a moment after the fusion center has. Whoever opens the file before
/// that in the same process loses SQLite's locks as the journal's descriptor is closed, which no two processes do.
private func letGo(of path: String) async throws {
  let files = FileManager.default
  let clock = ContinuousClock()
  let start = clock.now
  while try files.contentsOfDirectory(atPath: "/proc/self/fd").contains(where: {
    (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
  }) {
    // Somebody in the test still holds the journal, and would for as long as one waits.
    try #require(clock.now - start < .seconds(10), "\(path) is still open")
    try await clock.sleep(for: .milliseconds(10))
  }
}

/// A journal that this process has just let go of.
private func reopened(_ path: String) async throws -> SQLiteJournal {
  try await letGo(of: path)
  return try SQLiteJournal(path: path, roster: roster)
}
