import CopurNumerics
import Testing

@Suite("VectorKernels")
struct VectorKernelsTests {
  private static func vectors(_ count: Int) -> (a: [Float], b: [Float]) {
    var generator = SeededGenerator(seed: UInt64(count))
    return ((0..<count).map { _ in Float(generator.normal()) }, (0..<count).map { _ in Float(generator.normal()) })
  }

  /// Sums in the lanes that the kernels name: two times eight, eight more, then one by one. Every form of a kernel, whatever
  /// the width of the machine's registers, has to give these bits.
  private static func laneSum(_ count: Int, _ term: (Int, Double) -> Double) -> Double {
    var even = [Double](repeating: 0, count: 8)
    var odd = even
    var tail = 0.0
    var index = 0
    func add(to lanes: inout [Double]) {
      for lane in 0..<8 { lanes[lane] = term(index + lane, lanes[lane]) }
      index += 8
    }
    while index + 16 <= count {
      add(to: &even)
      add(to: &odd)
    }
    if index + 8 <= count { add(to: &even) }
    while index < count {
      tail = term(index, tail)
      index += 1
    }
    let sum = zip(even, odd).map { $0 + $1 }
    return (((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]))) + tail
  }

  @Test("sums have the bits that the named lanes give, at every length", .enabled(if: ComputeKernel.hasFMA))
  func bits() {
    for count in 0...70 {
      let (a, b) = Self.vectors(count)
      let (wideA, wideB) = (a.map(Double.init), b.map(Double.init))
      let difference = zip(wideA, wideB).map { $0 - $1 }
      var rounded = [Float](repeating: 0, count: count)
      #expect(
        VectorKernels.dot(a, b, count: count) == Self.laneSum(count) { $1.addingProduct(wideA[$0], wideB[$0]) })
      #expect(
        VectorKernels.dot(wideA, wideB, count: count) == Self.laneSum(count) { $1.addingProduct(wideA[$0], wideB[$0]) })
      #expect(
        VectorKernels.squaredDistance(a, b, count: count)
          == Self.laneSum(count) { $1.addingProduct(difference[$0], difference[$0]) })
      let sum = VectorKernels.difference(a, b, into: &rounded, count: count)
      #expect(rounded == zip(a, b).map { $0 - $1 })
      #expect(sum == Self.laneSum(count) { $1.addingProduct(Double(rounded[$0]), Double(rounded[$0])) })
    }
  }

  @Test("sums of small integers are exact on every machine", arguments: [0, 1, 7, 8, 9, 16, 23, 24, 320])
  func exact(count: Int) {
    let a = (0..<count).map { Float($0 % 11) }
    let b = (0..<count).map { Float($0 % 7) - 3 }
    #expect(VectorKernels.dot(a, b, count: count) == zip(a, b).reduce(0.0) { $0 + Double($1.0 * $1.1) })
    let squares = zip(a, b).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    #expect(VectorKernels.squaredDistance(a, b, count: count) == squares)
  }
}
