public import ArgumentParser
public import CopurFusionCenter
import CopurJournalPostgreSQL
import CopurJournalSQLite

extension JournalRegistry {
  /// The kinds of journals that the command line knows; a new one is a module and a line here.
  static let known = JournalRegistry([
    SQLiteJournalKind(), PostgreSQLJournalKind(archive: SQLiteJournalKind()),
  ])
}

extension JournalLocation: ExpressibleByArgument {
  public init(argument: String) { self.init(argument) }
}
