import CopurNumerics
import Testing

@Suite("ProductBenchmark")
struct ProductBenchmarkTests {
  @Test("Both sides of the comparison compute the same product", arguments: 0..<ProductBenchmark.shapes.count)
  func sameProduct(index: Int) {
    let benchmark = ProductBenchmark(ProductBenchmark.shapes[index])
    let (ours, library) = (benchmark.product(), benchmark.libraryProduct())
    #expect(ours.rows == library.rows && ours.columns == library.columns)
    #expect(zip(ours.values, library.values).allSatisfy { abs($0 - $1) < 1e-3 })
  }
}
