package import CopurCore
internal import Foundation

/// The bounds of a benchmark's figures in a file of JSON: an object with a list for each benchmark.
package struct BenchThresholds: Sendable {
  /// The benchmarks that a file may have bounds of, by the names of their commands.
  package enum Benchmark: String, CaseIterable, Sendable { case purify, products, network }

  package let thresholds: [BenchThreshold]

  package init(_ thresholds: [BenchThreshold]) { self.thresholds = thresholds }

  /// Reads the bounds of one benchmark.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if the file cannot be read, `.invalidData` with the place if it is malformed or
  ///   has no bound of the benchmark.
  package init(reading path: String, of benchmark: Benchmark) throws {
    let data: Data
    do { data = try Data(contentsOf: URL(filePath: path)) } catch {
      throw CopurError(.missingInput, "\(path): the thresholds cannot be read", cause: error)
    }
    let lists: [String: [BenchThreshold]]
    do { lists = try JSONDecoder().decode([String: [BenchThreshold]].self, from: data) } catch {
      throw CopurError(.invalidData, "\(path): not thresholds (\(reason(of: error, in: data)))")
    }
    let names = Benchmark.allCases.map(\.rawValue)
    if let unknown = lists.keys.sorted().first(where: { !names.contains($0) }) {
      throw CopurError(
        .invalidData, "\(path): a benchmark is one of \(names.joined(separator: ", ")) (actual: \(unknown))")
    }
    guard let thresholds = lists[benchmark.rawValue], !thresholds.isEmpty else {
      throw CopurError(.invalidData, "\(path): there is no threshold of \(benchmark.rawValue)")
    }
    self.init(thresholds)
  }

  /// Compares what was measured with each bound.
  ///
  /// - Parameters:
  ///   - lines: The measurements, as `--json` prints them.
  ///   - settings: Options of the command that its lines do not name; a line's own members come first.
  package func compared(with lines: [JSONValue], settings: [String: JSONValue] = [:]) -> BenchComparison {
    let lines = lines.map { line in
      if case .object(let members) = line { JSONValue.object(settings.merging(members) { $1 }) } else { line }
    }
    return BenchComparison(rows: thresholds.map { ($0, $0.figures(in: lines)) })
  }
}

/// The outcome of a comparison with thresholds.
package struct BenchComparison {
  /// The bounds, and the figures that each is about: none if nothing of the kind was measured.
  package let rows: [(threshold: BenchThreshold, figures: [Double])]

  /// The names of the bounds that a figure breaks.
  package var missed: [String] {
    rows.filter { !$0.figures.allSatisfy($0.threshold.allows) }.map(\.threshold.name)
  }

  /// Whether no bound was about what was measured, so that nothing was compared.
  package var isEmpty: Bool { rows.allSatisfy(\.figures.isEmpty) }

  /// A line a bound: whether it is kept, its figures, and the bound.
  package var text: String {
    rows.map { threshold, figures in
      let state = figures.isEmpty ? "not measured" : figures.allSatisfy(threshold.allows) ? "kept" : "missed"
      let bounds = [
        threshold.least.map { "at least \(Self.words($0))" }, threshold.most.map { "at most \(Self.words($0))" },
      ].compactMap { $0 }.joined(separator: ", ")
      let numbers = figures.isEmpty ? "" : figures.map(Self.words).joined(separator: ", ") + ", "
      return "\(state): \(threshold.name): \(numbers)\(bounds)\n"
    }.joined()
  }

  private static func words(_ figure: Double) -> String { Number.short(figure) }
}
