import ArgumentParser
import CopurFusionCenter
import CopurJournalPostgreSQL
import Foundation

/// The kind of journal that a benchmark's fusion center has, a new one for each measurement.
enum BenchJournal: ExpressibleByArgument, Hashable {
  /// An SQLite file in the benchmark's folder.
  case sqlite
  /// Tables in a schema of their own of a database that is there.
  case postgresql(JournalLocation)

  init?(argument: String) {
    let location = JournalLocation(argument)
    switch (argument, location.scheme) {
    case ("sqlite", _): self = .sqlite
    case (_, "postgresql"): self = .postgresql(location)
    default: return nil
    }
  }

  var name: String {
    switch self {
    case .sqlite: "sqlite"
    case .postgresql: "postgresql"
    }
  }

  /// Does work with a new journal, which is gone afterwards.
  ///
  /// - Parameter folder: Where a file goes; the caller removes it.
  func withNew<Result>(in folder: URL, _ work: (_ url: String) async throws -> Result) async throws -> Result {
    guard case .postgresql(let location) = self else {
      return try await work(folder.appending(path: "journal.sqlite").path)
    }
    let schema = "copur_bench_\(UUID().uuidString.lowercased().replacing("-", with: "_"))"
    let url = location.text + (location.text.contains("?") ? "&" : "?") + "schema=\(schema)"
    do {
      let result = try await work(url)
      try await PostgreSQLJournalKind().remove(JournalLocation(url))
      return result
    } catch {
      try? await PostgreSQLJournalKind().remove(JournalLocation(url))
      throw error
    }
  }
}
