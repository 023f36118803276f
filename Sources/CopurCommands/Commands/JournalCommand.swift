import ArgumentParser
import CopurCore
import CopurFusionCenter
import Foundation

/// `copur journal`: what a fusion center has stored.
struct JournalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "List, check, export, copy, prune and salvage the rounds of a fusion center's journal.",
    discussion: """
      It reads the journal of `copur serve --journal URL`, also while a service writes to it, and after one that was killed. \
      The URL is a file's path, sqlite:FILE, sqlite:///PATH or postgresql://USER@HOST/DATABASE.

      Example:
        copur journal verify journal.sqlite
        copur journal export journal.sqlite --format csv --out rounds.csv
        copur journal backup journal.sqlite copy.sqlite
        copur journal prune journal.sqlite --older-than 30d
      """,
    subcommands: [List.self, Verify.self, Export.self, Backup.self, Prune.self, Salvage.self])

  /// A journal, and which of its rounds.
  struct Selection: ParsableArguments {
    @Argument(help: "The journal: its file or its URL.")
    var url: JournalLocation

    @Option(help: ArgumentHelp("Only the rounds of this session.", valueName: "name"))
    var session: String?

    /// Writes the rounds.
    func write(to output: RoundOutput) async throws {
      let reader = try await JournalRegistry.known.reader(at: url)
      try await reader.forEachRound(session: session) { try output.write($0) }
      try output.finish()
    }
  }

  /// `copur journal list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say of each round who contributed, who was missing or suspect, and what was decided.")
    @OptionGroup var selection: Selection

    @Flag(help: "A JSON object a line.")
    var json = false

    func run() async throws {
      try await reporting {
        try await selection.write(to: RoundOutput(json ? .jsonl : .text, to: nil))
      }
    }
  }

  /// `copur journal verify`.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check every row; exit with 65 if something is wrong.",
      discussion: """
        Checks the storage itself (a file by SQLite's integrity_check), each block against its fingerprint, that each agent has one \
        block a round and each round one verdict, that a verdict's contributors are the agents that have a block, and \
        that no round was both decided and given up.
        """)

    @Argument(help: "The journal: its file or its URL.")
    var url: JournalLocation

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
      try await reporting {
        let reader = try await JournalRegistry.known.reader(at: url)
        let report = try await reader.verify()
        if json {
          let encoder = JSONEncoder()
          encoder.outputFormatting = [.sortedKeys]
          encoder.keyEncodingStrategy = .convertToSnakeCase
          try Terminal.print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
          try Terminal.print(
            "\(report.sessions) sessions, \(report.blocks) blocks; rounds: \(report.decided) with a verdict, "
              + "\(report.aborted) given up, \(report.open) open; faults: \(report.faultCount)")
          if let storage = report.storage, let share = report.bytesPerRound {
            try Terminal.print("the journal has \(storage) bytes, \(String(format: "%.0f", share)) a round")
          }
          for fault in report.faults { try Terminal.print(fault) }
        }
        guard report.faultCount == 0 else {
          throw CopurError(.invalidData, "\(reader.name): the journal is damaged (faults: \(report.faultCount))")
        }
      }
    }
  }

  /// `copur journal salvage`.
  struct Salvage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take the whole rounds out of a damaged journal, into a new one.",
      discussion: """
        The damaged journal stays as it is. A service goes on with the new one. Rounds whose verdict may be lost are given \
        up there, so that none is decided twice. The exit code is 65 if anything was lost.

        Example:
          copur journal salvage rounds.sqlite salvaged.sqlite
        """)

    @Argument(help: "The damaged journal: its file or its URL.")
    var url: JournalLocation

    @Argument(help: "The new journal; nothing may be there.")
    var target: JournalLocation

    func run() async throws {
      try await reporting {
        let report = try await JournalRegistry.known.kind(of: url).salvage(url, to: target)
        try Terminal.print(
          "\(report.blocks) blocks and \(report.decided) verdicts are whole; rounds given up: \(report.aborted)")
        if report.headerWasRewritten {
          try Terminal.print("the beginning of the file was destroyed, and was written anew")
        }
        for (table, count) in report.lostRows.sorted(by: { $0.key < $1.key }) {
          try Terminal.print("rows of \(table) that cannot be read: \(count)")
        }
        let lost = report.lostBlocks + report.lostVerdicts
        if lost > 0 {
          try Terminal.print("not whole: \(report.lostBlocks) blocks, \(report.lostVerdicts) verdicts")
        }
        guard lost == 0, report.lostRows.isEmpty else {
          throw CopurError(.invalidData, "\(url): not everything could be salvaged")
        }
      }
    }
  }

  /// `copur journal export`.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write the rounds as CSV or JSON Lines.")
    @OptionGroup var selection: Selection

    @Option(help: "csv or jsonl.")
    var format = Format.jsonl

    @Option(help: ArgumentHelp("The file to write; standard output if left out.", valueName: "file"))
    var out: String?

    enum Format: String, ExpressibleByArgument { case csv, jsonl }

    func run() async throws {
      try await reporting {
        try await selection.write(to: RoundOutput(format == .csv ? .csv : .jsonl, to: out))
      }
    }
  }
}
