import ArgumentParser
import CopurCore
import CopurReports

/// The thresholds that a benchmark's figures are compared with, if any.
struct CheckOptions: ParsableArguments {
  @Option(
    name: .customLong("check"),
    help: ArgumentHelp(
      "A file of thresholds to compare with; exit status 1 if one is missed.", valueName: "file"))
  var file: String?

  /// The thresholds of a benchmark, read before anything is measured; nil where none are asked for.
  func thresholds(of benchmark: BenchThresholds.Benchmark) throws -> BenchThresholds? {
    try file.map { try BenchThresholds(reading: $0, of: benchmark) }
  }
}

extension BenchThresholds {
  /// Compares lines with the thresholds and prints a line for each.
  ///
  /// - Parameters:
  ///   - lines: The measurements; they are compared as `--json` prints them.
  ///   - settings: The command's options that lines do not name, by their JSON names.
  ///   - isJSON: Whether standard output has JSON lines, so that this goes to standard error.
  /// - Throws: `ExitCode` 1 if a threshold is missed; ``CopurError`` if no threshold is about what was measured.
  func check(_ lines: [some Encodable], settings: [String: JSONValue], isJSON: Bool) throws {
    let comparison = compared(with: try lines.map { try JSONValue(encoding: $0) }, settings: settings)
    if isJSON {
      Terminal.report(comparison.text, terminator: "")
    } else {
      try Terminal.print("\n" + comparison.text, terminator: "")
    }
    if comparison.isEmpty {
      throw CopurError(.configuration, "--check: no threshold is about what was measured")
    }
    guard comparison.missed.isEmpty else {
      Terminal.report("copur: thresholds missed: \(comparison.missed.joined(separator: "; "))")
      throw ExitCode.failure
    }
  }
}
