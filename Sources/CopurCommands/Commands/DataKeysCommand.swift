import ArgumentParser
import CopurCore
import CopurDatasets
import Foundation

/// `copur data keys`.
struct DataKeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Write labels under keyed digests, for a fusion center that must not know the keys.",
    discussion: """
      Who has the labels shares a secret with the agents and runs this; the fusion center gets what it prints. Keys are \
      compared as they are written, without blanks around them. Keys that can be guessed, such as consecutive numbers, are \
      safe only as long as the secret is.

      Example:
        head -c 32 /dev/urandom > secret
        copur data keys labels.csv --key minute --label active --secret secret > labels-keyed.csv
      """)

  @Argument(help: "The labels, a CSV file.", completion: .file(extensions: ["csv"]))
  var file: String

  @Option(help: ArgumentHelp("The column that names a row.", valueName: "column"))
  var key: String

  @Option(help: ArgumentHelp("The column with the classes.", valueName: "column"))
  var label: String

  @Option(help: ArgumentHelp("The file with the secret that the parties share, at least 16 bytes.", valueName: "file"))
  var secret: String

  func run() async throws {
    try await reporting {
      let digest = try KeyedDigest(secret: try SecretFile.read(secret))
      let table = try KeyedTable(reading: file, key: key)
      var seen: [String: Int] = [:]
      try Terminal.print("key,label")
      for (row, (key, label)) in zip(table.keys, try table.texts(column: label)).enumerated() {
        if let other = seen.updateValue(row, forKey: key) {
          throw CopurError(
            .invalidData, "\(file): a row has a key of its own (rows \(other + 1) and \(row + 1): \"\(key)\")")
        }
        try Terminal.print("\(KeyedDigest.hexadecimal(digest.digest(of: key))),\(CSVText.field(label))")
      }
    }
  }
}

/// The file with the secret that parties share.
enum SecretFile {
  /// - Throws: ``CopurError`` of code `.missingInput` if it cannot be read.
  static func read(_ path: String) throws -> Data {
    do {
      return try Data(contentsOf: URL(filePath: path))
    } catch {
      throw CopurError(.missingInput, "\(path): the secret for keys cannot be read")
    }
  }
}
