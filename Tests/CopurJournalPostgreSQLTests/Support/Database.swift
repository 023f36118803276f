import CopurCore
import Foundation
import Subprocess
import SystemPackage

/// A PostgreSQL of its own, in a temporary folder, that listens on a socket there.
struct Database {
  private let folder: String
  private static let programs = "/usr/lib/postgresql/15/bin/"

  /// Runs a test with a database, which is gone afterwards.
  static func with(_ body: (Database) async throws -> Void) async throws {
    guard FileManager.default.isExecutableFile(atPath: programs + "initdb") else {
      throw CopurError(.missingInput, "this test needs Debian's package postgresql (\(programs)initdb)")
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-postgresql-\(UUID().uuidString)").path
    // The database's own user writes there.
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o777])
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
    let database = Database(folder: folder)
    do {
      try await database.run(
        "initdb",
        ["--no-sync", "--auth=trust", "--username=copur", "--encoding=UTF8", "--locale=C", "-D", database.data])
      try await database.start()
      try await body(database)
      try await database.stop()
    } catch {
      try? await database.stop()
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
    try FileManager.default.removeItem(atPath: folder)
  }

  private var data: String { folder + "/data" }

  /// The journal's URL.
  func url(_ more: String = "") -> String { "postgresql:///postgres?host=\(folder)&user=copur\(more)" }

  func start(_ settings: String = "") async throws {
    try await run(
      "pg_ctl",
      [
        "-D", data, "-w", "-l", folder + "/log", "-o",
        "-c listen_addresses='' -c max_connections=20 -k \(folder) \(settings)", "start",
      ])
  }

  /// Ends it without a checkpoint, as a crash would.
  func stop() async throws { try await run("pg_ctl", ["-D", data, "-w", "-m", "immediate", "stop"]) }

  /// Runs a statement as another client.
  func query(_ sql: String) async throws { try await run("psql", ["-q", "-X", "-d", url(), "-c", sql]) }

  private func run(_ program: String, _ arguments: [String]) async throws {
    // PostgreSQL refuses to run as root.
    let words = getuid() == 0 ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : ["env"]
    // Not Foundation's: its end comes only once the database, too, has ended that the program leaves behind.
    let finished = try await Subprocess.run(
      .name(words[0]), arguments: Arguments(words.dropFirst() + [Self.programs + program] + arguments),
      workingDirectory: FilePath(folder), output: .discarded, error: .discarded)
    guard finished.terminationStatus.isSuccess else {
      throw CopurError(.software, "\(program) \(arguments): \(finished.terminationStatus)")
    }
  }
}
