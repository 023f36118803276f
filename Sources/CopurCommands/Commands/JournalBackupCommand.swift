import ArgumentParser
import CopurCore
import CopurFusionCenter

extension JournalCommand {
  /// `copur journal backup`.
  struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Copy a journal into a new SQLite file, also while a service writes.",
      discussion: """
        The copy is the journal as of one moment, and is a journal itself: a service can go on with it. It appears once it \
        is whole and on the disk. A file that is there is never overwritten.

        Example:
          copur journal backup rounds.sqlite rounds-monday.sqlite
          copur journal backup postgresql://copur@127.0.0.1/rounds rounds-monday.sqlite
        """)

    @Argument(help: "The journal: its file or its URL.")
    var url: JournalLocation

    @Argument(help: "The copy's file; nothing may be there.", completion: .file())
    var file: String

    func run() async throws {
      try await reporting {
        let bytes = try await JournalRegistry.known.kind(of: url).backUp(url, to: file)
        try Terminal.print("\(file): \(bytes) bytes")
      }
    }
  }
}
