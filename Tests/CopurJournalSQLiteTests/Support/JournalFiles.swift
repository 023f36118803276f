import CopurCore
import CopurFusionCenter
import CopurJournalSQLite
import Foundation
import Testing

/// A folder that is gone after the test.
func withFolder(_ body: (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder.path)
}

/// Waits until this process has let go of a journal.
///
/// Tasks of a fusion center hold it until they have ended, a moment after the fusion center has. Whoever opens the file before
/// that in the same process loses SQLite's locks as the journal's descriptor is closed, which no two processes do.
func letGo(of path: String) async throws {
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
func reopened(_ path: String, roster: AgentRoster) async throws -> SQLiteJournal {
  try await letGo(of: path)
  return try SQLiteJournal(path: path, roster: roster)
}
