import ArgumentParser
import CopurReports
import Foundation

/// `copur merge`: the parts of a run put together.
struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Put the shards of a run or a sweep, or the seeds of several machines, together.",
    discussion: """
      Reads folders that `copur run --out` wrote, with --shard or with different seeds, and writes the folder of the whole: \
      the same files, byte for byte but for times, as those of a run in one piece. They are of one scenario and one program; \
      what two of them have measured is the same in both. A folder with shards stands for all of them.

      Examples:
        copur merge sweep
        copur merge all sweep/shards/1-of-3 sweep/shards/2-of-3 /mnt/other/shards/3-of-3
        copur merge until-now sweep --partial
      """)

  @Argument(help: ArgumentHelp("The folder to write.", valueName: "out"), completion: .directory)
  var out: String

  @Argument(
    help: ArgumentHelp("The folders to merge; the shards in the folder to write if left out.", valueName: "dir"),
    completion: .directory)
  var folders: [String] = []

  @Flag(
    help: ArgumentHelp(
      "Merge what is there where pieces are missing, which are listed. The run can go on in the folder."))
  var partial = false

  @Flag(help: "Remove an earlier run's results from the folder to write before.")
  var overwrite = false

  func run() async throws {
    try await reporting {
      let merge = try FolderMerge(
        folders.map { URL(filePath: $0) }, into: URL(filePath: out), allowsMissing: partial, overwrites: overwrite)
      for piece in merge.missing { Terminal.report("copur: warning: missing: \(piece)") }
      try Terminal.print("\(merge.results) results of \(merge.folders.count) folders")
      try Terminal.printPlace(ofResults: out)
    }
  }
}
