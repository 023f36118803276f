import CopurCore
import CopurNumerics
import CopurPurification
import Testing

@Suite("Leverage constants")
struct LeverageTests {
  private static let layout = BlockLayout(widths: [3, 1, 4, 2, 5, 2, 3])

  private func analysis(_ directions: Matrix, observed: [Int]? = nil) throws -> LeverageAnalysis {
    try LeverageAnalysis(directions: directions, layout: Self.layout, observed: observed)
  }

  /// The share of the honest in one direction if the q heaviest lie.
  private func share(_ directions: Matrix, _ z: [Double], observed: [Int], corrupted: Int) -> Double {
    let norms = observed.map { block in
      Self.layout[block].reduce(0.0) { sum, column in
        let value = z.indices.reduce(0.0) { $0 + z[$1] * Double(directions[$1, column]) }
        return sum + value * value
      }.squareRoot()
    }.sorted()
    return norms.dropLast(corrupted).reduce(0, +) / norms.reduce(0, +)
  }

  @Test("one dimension: the constant is the share of the norms, by hand")
  func oneDimension() throws {
    let layout = BlockLayout(widths: [2, 1, 1])
    let analysis = try LeverageAnalysis(directions: Matrix([[3, 4, -2, 1]]), layout: layout)
    #expect(try abs(analysis.constant(corrupted: 1).bound - 3.0 / 8) < 1e-12)
    #expect(try abs(analysis.constant(corrupted: 2).bound - 1.0 / 8) < 1e-12)
    #expect(try analysis.constant(corrupted: 1).isExact)
    #expect(try analysis.constants().map(\.corrupted) == [1])
  }

  @Test("no direction beats the bound, and it falls as q grows", arguments: 1...7, [nil, [0, 2, 3, 4, 6]])
  func noDirectionBeatsTheBound(dimension: Int, observed: [Int]?) throws {
    var generator = SeededGenerator(seed: UInt64(dimension))
    let directions = generator.normalMatrix(rows: dimension, columns: Self.layout.totalWidth)
    let analysis = try analysis(directions, observed: observed)
    let blocks = observed ?? Array(0..<7)
    let constants = try (0...blocks.count).map { try analysis.constant(corrupted: $0) }
    #expect(constants[0].bound == 1 && constants[blocks.count].attained < 1e-9)
    for constant in constants {
      #expect(constant.bound >= 0 && constant.bound <= constant.attained)
      // Small manifolds are known to a hair, not merely bounded.
      if dimension <= 2 { #expect(constant.attained - constant.bound < 2e-4, "q \(constant.corrupted)") }
    }
    for (fewer, more) in zip(constants, constants.dropFirst()) {
      #expect(fewer.attained >= more.attained - 1e-9 || !fewer.isExact)
      if fewer.isExact && more.isExact { #expect(fewer.bound >= more.bound - 1e-4) }
    }
    for _ in 0..<2_000 {
      let z = (0..<dimension).map { _ in generator.normal() }
      for constant in constants.dropFirst().dropLast() {
        let found = share(directions, z, observed: blocks, corrupted: constant.corrupted)
        #expect(found >= constant.bound - 1e-9, "q \(constant.corrupted)")
        if dimension <= 2 { #expect(found >= constant.attained - 2e-4) }
      }
    }
  }

  @Test("if every agent holds the same embedding, the honest have 1 − q/M", arguments: [1, 2, 3, 4, 8])
  func equalBlocks(dimension: Int) throws {
    var generator = SeededGenerator(seed: 5)
    let block = generator.normalMatrix(rows: dimension, columns: 8)
    var directions = Matrix(rows: dimension, columns: 80)
    for agent in 0..<10 { directions.replaceColumns(agent * 8..<(agent + 1) * 8, with: block) }
    let analysis = try LeverageAnalysis(
      directions: directions, layout: BlockLayout(widths: [Int](repeating: 8, count: 10)))
    for corrupted in 1...9 {
      let constant = try analysis.constant(corrupted: corrupted)
      #expect(abs(constant.attained - (1 - Double(corrupted) / 10)) < 1e-6)
      if dimension <= 2 { #expect(constant.isExact, "q \(corrupted): \(constant)") }
    }
    let constants = try analysis.constants()
    #expect(constants.count == 4)
    if dimension <= 2 { #expect(constants.toleratedAgents == 4) }
    for (fewer, more) in zip(constants, constants.dropFirst()) { #expect(fewer.bound >= more.bound) }
  }

  @Test("a direction that one agent alone sees, or nobody, leaves nothing proven")
  func spiky() throws {
    let layout = BlockLayout(widths: [2, 2, 2])
    let alone = Matrix([[1, 0, 1, 0, 1, 0], [0, 1, 0, 0, 0, 0]])
    #expect(try LeverageAnalysis(directions: alone, layout: layout).constant(corrupted: 1).bound == 0)
    let unseen = try LeverageAnalysis(directions: alone, layout: layout, observed: [1, 2])
    #expect(try unseen.constant(corrupted: 0).bound == 0 && unseen.constants().toleratedAgents == 0)
    #expect(try LeverageAnalysis(directions: alone, layout: layout, observed: []).constants().isEmpty)
  }

  @Test("a thousand agents: a bound by shares, in reasonable time")
  func manyAgents() throws {
    let layout = BlockLayout(widths: [Int](repeating: 2, count: 1_000))
    var generator = SeededGenerator(seed: 9)
    let directions = generator.normalMatrix(rows: 6, columns: 2_000)
    let constant = try LeverageAnalysis(directions: directions, layout: layout).constant(corrupted: 50)
    #expect(constant.bound > 0.5 && constant.bound < 0.95 && constant.attained < 1)
  }
}
