import CopurCore
import CopurDatasets
import Foundation

/// The data sets that are found: whether they are whole.
struct DataCheck {
  let options: DataOptions
  /// Whether they are read, as by `copur data verify`.
  let reads: Bool

  func findings() -> [Finding] {
    do {
      let directory = try options.directory()
      return try DatasetSource.findable(in: directory).map { finding(of: $0, in: directory) }
    } catch {
      let message = Self.words(error)
      let remedy = "name the folder that holds data sets with --data DIR or in $COPUR_DATA"
      // Own rows need no data set; who names a folder wants one.
      guard options.data != nil else { return [.warning("data", message, do: remedy)] }
      return [.fault("data", .missingInput, message, do: remedy)]
    }
  }

  private func finding(of source: DatasetSource, in directory: DataDirectory) -> Finding {
    do {
      let files = try source.files(in: directory)
      guard reads else { return .ok("data", "\(source.kind): \(files.joined(separator: ", "))") }
      let dataset = try source.load(from: directory)
      return .ok(
        "data",
        "\(source.kind) \(files[0]): \(dataset.train.count) training rows, \(dataset.test.count) test rows")
    } catch {
      return .fault(
        "data", (error as? CopurError)?.code ?? .invalidData, "\(source.kind): \(Self.words(error))",
        do: "get the file anew from where it was had, or take it out of the folder")
    }
  }

  static func words(_ error: any Error) -> String {
    "\(error)".split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
  }
}
