package import CopurNumerics

/// A drawer of sets of kept pixels: k of d, uniform and without replacement.
///
/// The first k steps of a Fisher–Yates shuffle, which are undone afterwards, so that a set depends on the generator alone and
/// costs k steps.
package struct PixelMasks {
  /// d.
  package let pixels: Int
  /// k.
  package let keep: Int
  private var order: [Int32]
  private var swapped: [Int]

  /// - Parameters:
  ///   - pixels: d, at least 1.
  ///   - keep: k, from 1 to d.
  package init(pixels: Int, keep: Int) {
    precondition(pixels >= 1 && (1...pixels).contains(keep))
    self.pixels = pixels
    self.keep = keep
    order = (0..<Int32(pixels)).map { $0 }
    swapped = [Int](repeating: 0, count: keep)
  }

  /// Draws one set.
  ///
  /// - Parameter mask: Room for k numbers of pixels; in no particular order.
  package mutating func draw(using generator: inout SeededGenerator, into mask: UnsafeMutableBufferPointer<Int32>) {
    precondition(mask.count == keep)
    order.withUnsafeMutableBufferPointer { order in
      swapped.withUnsafeMutableBufferPointer { swapped in
        for place in 0..<keep {
          let other = place + Int(generator.next(upperBound: UInt(pixels - place)))
          swapped[place] = other
          order.swapAt(place, other)
          mask[place] = order[place]
        }
        for place in (0..<keep).reversed() { order.swapAt(place, swapped[place]) }
      }
    }
  }

  /// One set, k numbers of pixels.
  package mutating func draw(using generator: inout SeededGenerator) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: keep) { buffer, count in
      buffer.initialize(repeating: 0)
      draw(using: &generator, into: UnsafeMutableBufferPointer(rebasing: buffer[..<keep]))
      count = keep
    }
  }
}
