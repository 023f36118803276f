import ArgumentParser
import CopurNumerics
import CopurReports
import Foundation

/// `copur bench products`: matrix products beside the library's.
struct BenchProductsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "products",
    abstract: "Time matrix products on one core, beside OpenBLAS's kernel in turn.",
    discussion: """
      Products are this project's own, so that a row has the same bits in any batch and on any machine. The table says \
      what that costs or gains: the median of the repeats, in billions of additions and multiplications a second, and the \
      median of their ratios.

      Examples:
        copur bench products                     beside the kernel that runs are pinned to
        copur bench products --kernel native     beside the fastest of this machine
        copur bench products --check Deploy/bench/thresholds.json
      """)

  @Option(help: "How often each product is measured; the median counts.") var repeats = 7
  @Flag(help: "Print a line of JSON a product.") var json = false
  @OptionGroup var checkOptions: CheckOptions
  @OptionGroup var kernelOptions: KernelOptions

  /// A product's medians, as `--json` prints them.
  private struct Line: Encodable {
    var rows, depth, columns: Int
    var transposed: String
    var copurGigaflops, openblasGigaflops, timesFaster: Double
    var kernel = ComputeKernel.current
    var instructions = ComputeKernel.instructions

    private enum CodingKeys: String, CodingKey {
      case rows, depth, columns, transposed, kernel, instructions
      case copurGigaflops = "copur_gigaflops"
      case openblasGigaflops = "openblas_gigaflops"
      case timesFaster = "times_faster"
    }
  }

  func validate() throws {
    guard (1...1000).contains(repeats) else { throw ValidationError("--repeats is 1 to 1000 (actual: \(repeats))") }
  }

  func run() async throws {
    try await reporting {
      let thresholds = try checkOptions.thresholds(of: .products)
      let lines = ProductBenchmark.shapes.map(line)
      if json { try printJSON(of: lines) } else { try printTable(of: lines) }
      try thresholds?.check(lines, settings: [:], isJSON: json)
    }
  }

  private func printJSON(of lines: [Line]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    for line in lines { try Terminal.print(String(decoding: try encoder.encode(line), as: UTF8.self)) }
  }

  private func printTable(of lines: [Line]) throws {
    let rows = lines.map { line in
      [
        "\(line.rows) × \(line.depth) × \(line.columns)", line.transposed,
        String(format: "%.0f", line.copurGigaflops), String(format: "%.0f", line.openblasGigaflops),
        String(format: "%.2f", line.timesFaster),
      ]
    }
    let header = ["rows × depth × columns", "transposed", "copur, GFLOP/s", "OpenBLAS", "times faster"]
    try Terminal.print(AlignedRows([header] + rows).text, terminator: "")
    try Terminal.print(
      "\(ComputeKernel.library), kernel \(ComputeKernel.current); copur's products with \(ComputeKernel.instructions)")
  }

  private func line(_ shape: ProductBenchmark.Shape) -> Line {
    let benchmark = ProductBenchmark(shape)
    // The first round warms caches and clocks up.
    let times = (0...repeats).map { _ in benchmark.measure() }.dropFirst()
    func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    let factors = [shape.aOperand == .transposed ? "a" : nil, shape.bOperand == .transposed ? "b" : nil]
    return Line(
      rows: shape.rows, depth: shape.depth, columns: shape.columns,
      transposed: factors.compactMap { $0 }.joined(separator: ", "),
      copurGigaflops: shape.operations / median(times.map(\.copur)) * 1e-9,
      openblasGigaflops: shape.operations / median(times.map(\.openBLAS)) * 1e-9,
      timesFaster: median(times.map { $0.openBLAS / $0.copur }))
  }
}
