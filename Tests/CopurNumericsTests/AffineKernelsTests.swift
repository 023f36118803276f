import CopurNumerics
import Testing

@Suite("AffineKernels")
struct AffineKernelsTests {
  /// Blocks one after the other, as formulas have them.
  private struct Blocks {
    let count: Int
    let rank: Int
    let size: Int
    /// [count, rank, size]
    var matrix: [Double]
    /// [count, size, size]
    var grams: [Double] = []
    /// [count, rank]
    var target: [Double]
    var rests: [Double]

    init(count: Int, rank: Int, size: Int, seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      func numbers(_ count: Int) -> [Double] { (0..<count).map { _ in generator.normal() } }
      (self.count, self.rank, self.size) = (count, rank, size)
      (matrix, target) = (numbers(count * rank * size), numbers(count * rank))
      rests = numbers(count).map { $0 * $0 }
      for block in 0..<count {
        for a in 0..<size {
          for b in 0..<size {
            grams.append((0..<rank).reduce(0) { $0 + entry(block, $1, a) * entry(block, $1, b) })
          }
        }
      }
    }

    func entry(_ block: Int, _ row: Int, _ index: Int) -> Double { matrix[(block * rank + row) * size + index] }
  }

  /// Memory that is laid out for the kernels.
  private final class Memory {
    let arena: Arena<Double>
    private let padded: Int
    let matrix, grams, target, rests, workspace: ArenaArray<Double>
    let residuals: [(residual: ArenaArray<Double>, squares: ArenaArray<Double>, norms: ArenaArray<Double>)]
    let blocks: Blocks

    init(_ blocks: Blocks) {
      self.blocks = blocks
      let (rank, size) = (blocks.rank, blocks.size)
      let padded = (blocks.count + 7) / 8 * 8
      self.padded = padded
      let arena = Arena<Double>(
        count: padded * (rank * size + size * (size + 1) / 2 + 3 * rank + 5) + 8 * size, repeating: 0)
      self.arena = arena
      matrix = arena.take(padded * rank * size)
      grams = arena.take(padded * size * (size + 1) / 2)
      (target, rests, workspace) = (arena.take(padded * rank), arena.take(padded), arena.take(8 * size))
      residuals = (0..<2).map { _ in (arena.take(padded * rank), arena.take(padded), arena.take(padded)) }
      for block in 0..<blocks.count {
        for row in 0..<rank {
          target[place(block, row, of: rank)] = blocks.target[block * rank + row]
          for index in 0..<size {
            matrix[place(block, row * size + index, of: rank * size)] = blocks.entry(block, row, index)
          }
        }
        rests[block] = blocks.rests[block]
        for a in 0..<size {
          for b in 0...a {
            grams[place(block, a * (a + 1) / 2 + b, of: size * (size + 1) / 2)] =
              blocks.grams[(block * size + a) * size + b]
          }
        }
      }
    }

    func place(_ block: Int, _ number: Int, of count: Int) -> Int { (block / 8 * count + number) * 8 + block % 8 }

    var kernel: AffineKernels.Blocks {
      AffineKernels.Blocks(
        count: blocks.count, rank: blocks.rank, size: blocks.size, matrix: matrix.pointer, grams: grams.pointer,
        target: target.pointer, rests: rests.pointer)
    }

    func kernel(_ index: Int) -> AffineKernels.Residuals {
      AffineKernels.Residuals(
        residual: residuals[index].residual.pointer, squares: residuals[index].squares.pointer,
        norms: residuals[index].norms.pointer)
    }
  }

  @Test(
    "give the bits of a plain loop over the blocks, whatever their number",
    arguments: [(1, 1, 1), (3, 2, 2), (8, 2, 2), (10, 2, 2), (10, 3, 5), (17, 4, 3), (100, 2, 2)])
  func bits(count: Int, rank: Int, size: Int) {
    let blocks = Blocks(count: count, rank: rank, size: size, seed: UInt64(100 * count + 10 * rank + size))
    let memory = Memory(blocks)
    defer { withExtendedLifetime(memory) {} }
    let (code, step) = ((0..<size).map { Double($0) - 0.3 }, (0..<size).map { 0.1 * Double($0) + 0.01 })
    let smoothing = 0.7
    AffineKernels.measure(memory.kernel, code, smoothing: smoothing, into: memory.kernel(0))
    AffineKernels.measure(memory.kernel, zip(code, step).map { $0 + $1 }, smoothing: smoothing, into: memory.kernel(1))

    var (residual, squares, norms) = ([[Double]](), [[Double]](), [[Double]]())
    for code in [code, zip(code, step).map { $0 + $1 }] {
      residual.append([])
      squares.append([])
      for block in 0..<count {
        var square = blocks.rests[block]
        for row in 0..<rank {
          var value = blocks.target[block * rank + row]
          for index in 0..<size { value -= blocks.entry(block, row, index) * code[index] }
          residual[residual.count - 1].append(value)
          square += value * value
        }
        squares[squares.count - 1].append(square)
      }
      norms.append(squares.last!.map { ($0 + smoothing * smoothing).squareRoot() })
    }
    for state in 0..<2 {
      for block in 0..<count {
        #expect(memory.residuals[state].squares[block] == squares[state][block])
        #expect(memory.residuals[state].norms[block] == norms[state][block])
        for row in 0..<rank {
          let place = memory.place(block, row, of: rank)
          #expect(memory.residuals[state].residual[place] == residual[state][block * rank + row])
        }
      }
    }

    var change = (sum: 0.0, size: 0.0)
    for block in 0..<count {
      var difference = 0.0
      for row in 0..<rank {
        var moved = 0.0
        for index in 0..<size { moved += blocks.entry(block, row, index) * step[index] }
        difference -= moved * (residual[0][block * rank + row] + residual[1][block * rank + row])
      }
      change.sum += difference / (norms[0][block] + norms[1][block])
      change.size += abs(difference) / (norms[0][block] + norms[1][block])
    }
    #expect(AffineKernels.change(memory.kernel, step, from: memory.kernel(0), to: memory.kernel(1)) == change)

    for isNewton in [true, false] {
      var (normal, gradient, total) = (
        [Double](repeating: 0, count: size * size), [Double](repeating: 0, count: size), 0.0
      )
      for block in 0..<count {
        let weight = 1 / norms[0][block]
        total += weight
        var slopes = [Double](repeating: 0, count: size)
        for row in 0..<rank {
          for index in 0..<size {
            slopes[index] += blocks.entry(block, row, index) * residual[0][block * rank + row]
          }
        }
        let cube = isNewton ? weight * weight * weight : 0
        for a in 0..<size {
          gradient[a] += weight * slopes[a]
          for b in 0...a {
            normal[a * size + b] += weight * blocks.grams[(block * size + a) * size + b] - cube * slopes[a] * slopes[b]
          }
        }
      }
      var (foundNormal, found) = (
        [Double](repeating: 0, count: size * size), [Double](repeating: .nan, count: size)
      )
      let foundTotal = AffineKernels.normal(
        memory.kernel, at: memory.kernel(0), isNewton: isNewton, into: &foundNormal, &found,
        workspace: memory.workspace.pointer)
      #expect(foundTotal == total)
      #expect(found == gradient)
      #expect(foundNormal == normal)
    }

    AffineKernels.norms(
      memory.residuals[0].squares.pointer, smoothing: 0.1, count: count, into: memory.residuals[1].norms.pointer)
    for block in 0..<count { #expect(memory.residuals[1].norms[block] == (squares[0][block] + 0.1 * 0.1).squareRoot()) }
  }

  @Test("A block is read as its shares of the basis and the length of the rest")
  func load() {
    for (rank, count) in [(1, 1), (2, 32), (3, 7), (0, 5)] {
      var generator = SeededGenerator(seed: UInt64(count))
      let values = (0..<count).map { _ in Float(generator.normal()) }
      let (offset, basis) = ((0..<count).map(Double.init), (0..<rank * count).map { _ in generator.normal() })
      var centred = zip(values, offset).map { Double($0) - $1 }
      let shares = (0..<rank).map { row in
        basis.withUnsafeBufferPointer { VectorKernels.dot($0.baseAddress! + row * count, centred, count: count) }
      }
      for row in 0..<rank {
        basis.withUnsafeBufferPointer {
          VectorKernels.add($0.baseAddress! + row * count, scaledBy: -shares[row], to: &centred, count: count)
        }
      }
      var (memory, found) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: 8 * rank + 1))
      let rest = AffineKernels.load(
        values, offset: offset, basis: basis, rank: rank, count: count, centred: &memory, shares: &found)
      #expect(rest == VectorKernels.dot(centred, centred, count: count))
      #expect((0..<rank).map { found[8 * $0] } == shares)
    }
  }
}
