import ArgumentParser
import CopurCore
import CopurFusionCenter
import Foundation

extension JournalCommand {
  /// `copur journal prune`.
  struct Prune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove the rounds that were closed long ago.",
      discussion: """
        Removes blocks, verdicts and rounds that were given up, whole rounds only. Open rounds stay, and so does that a round \
        is closed: a block that comes for one that was pruned is refused as late. A service may write meanwhile, and uses \
        the space again; while none does, it goes back to the system. How old a round is, is known to about a minute; \
        rounds that a version before 4 of the journal stored count from when a newer program first went on with it. A database \
        uses the space again, too.

        Example:
          copur journal prune rounds.sqlite --older-than 30d --dry-run
          copur journal prune rounds.sqlite --older-than 30d
        """)

    @Argument(help: "The journal: its file or its URL.")
    var url: JournalLocation

    @Option(
      help: ArgumentHelp(
        "Rounds that were closed longer ago than this, such as 30d, 12h or 0s.", valueName: "time"))
    var olderThan: AgeOption

    @Option(help: ArgumentHelp("Only the rounds of this session.", valueName: "name"))
    var session: String?

    @Flag(help: "Say what would be removed, and remove nothing.")
    var dryRun = false

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
      try await reporting {
        let pruning = JournalPruning(
          closedBy: Date(timeIntervalSinceNow: -olderThan.seconds), session: session, isDryRun: dryRun)
        let report = try await JournalRegistry.known.kind(of: url).prune(url, pruning)
        if json {
          let encoder = JSONEncoder()
          encoder.outputFormatting = [.sortedKeys]
          encoder.keyEncodingStrategy = .convertToSnakeCase
          return try Terminal.print(String(decoding: try encoder.encode(report), as: UTF8.self))
        }
        let verb = dryRun ? "would be removed" : "removed"
        try Terminal.print("rounds \(verb): \(report.rounds), bytes of their records: \(report.bytes)")
        if let before = report.storageBefore, let after = report.storageAfter {
          try Terminal.print("the journal had \(before) bytes, and has \(after)")
          if !report.gaveSpaceBack { try Terminal.print("it is in use: its free space is used again by what comes") }
        }
      }
    }
  }

  /// An age on the command line: `90s`, `15m`, `12h`, `30d`.
  struct AgeOption: ExpressibleByArgument {
    /// At least 0, at most a hundred years.
    let seconds: Double

    init?(argument: String) {
      guard let seconds = DurationText.seconds(argument, units: [.seconds, .minutes, .hours, .days]),
        (0...36_525 * 86_400).contains(seconds)
      else { return nil }
      self.seconds = seconds
    }
  }
}
