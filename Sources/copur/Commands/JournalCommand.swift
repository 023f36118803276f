import ArgumentParser
import CopurCore
import CopurFusionCenter
import Foundation

/// `copur journal`: what a fusion center has stored.
struct JournalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal", abstract: "List, check and export the rounds of a fusion center's journal.",
    discussion: """
      It reads the file of `copur serve --journal FILE`, also while a service writes to it, and after one that was killed.

      Example:
        copur journal verify journal.sqlite
        copur journal export journal.sqlite --format csv --out rounds.csv
      """,
    subcommands: [List.self, Verify.self, Export.self])

  /// The journal and those of its rounds that a command is about.
  struct Selection: ParsableArguments {
    @Argument(help: "The journal's file.")
    var file: String

    @Option(help: ArgumentHelp("Only the rounds of this session.", valueName: "name"))
    var session: String?
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
        let output = try RoundOutput(json ? .jsonl : .text, to: nil)
        try JournalReader(path: selection.file).forEachRound(session: selection.session) { try output.write($0) }
        try output.finish()
      }
    }
  }

  /// `copur journal verify`.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check every row; exit with 65 if something is wrong.",
      discussion: """
        Checks the file itself (SQLite's integrity_check), each block against its fingerprint, that each agent has one \
        block a round and each round one verdict, that a verdict's contributors are the agents that have a block, and \
        that no round was both decided and given up.
        """)

    @Argument(help: "The journal's file.")
    var file: String

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
      try await reporting {
        let report = try JournalReader(path: file).verify()
        if json {
          let encoder = JSONEncoder()
          encoder.outputFormatting = [.sortedKeys]
          encoder.keyEncodingStrategy = .convertToSnakeCase
          try Terminal.print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
          try Terminal.print(
            "\(report.sessions) sessions, \(report.blocks) blocks; rounds: \(report.decided) with a verdict, "
              + "\(report.aborted) given up, \(report.open) open; faults: \(report.faultCount)")
          for fault in report.faults { try Terminal.print(fault) }
        }
        guard report.faultCount == 0 else {
          throw CopurError(.invalidData, "\(file): the journal is damaged (faults: \(report.faultCount))")
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
        let output = try RoundOutput(format == .csv ? .csv : .jsonl, to: out)
        try JournalReader(path: selection.file).forEachRound(session: selection.session) { try output.write($0) }
        try output.finish()
      }
    }
  }
}
