public import CopurLearning
internal import CopurNumerics

/// The pixels that one submodel sees, and whose they are.
public struct PixelPart: Hashable, Sendable, Codable {
  /// Pixels by number, row by row of the picture.
  public let pixels: [Int]
  /// The agent that holds them, from 0.
  public let agent: Int

  /// - Parameter agent: From 0.
  public init(pixels: [Int], agent: Int = 0) {
    self.pixels = pixels
    self.agent = agent
  }

  /// The ways in which pixels are dealt to submodels.
  public enum Dealing: String, Hashable, Sendable, Codable, CaseIterable {
    /// The i-th pixel to submodel i modulo their number: each sees all over the picture.
    case strided
    /// In random order.
    case random
  }

  /// Pixels dealt to submodels, to each ⌈d/T⌉ or one less.
  ///
  /// - Parameters:
  ///   - agents: The pixels of each agent, disjoint; one list for a picture of one owner.
  ///   - counts: T, how many submodels each agent has, at least 1 and at most one a pixel.
  ///   - seed: What the random order follows from.
  /// - Returns: The parts of the first agent, then of the next.
  public static func deal(_ agents: [[Int]], counts: [Int], _ dealing: Dealing, seed: UInt64 = 0) -> [PixelPart] {
    precondition(agents.count == counts.count)
    return zip(agents, counts).enumerated().flatMap { agent, share in
      let (pixels, count) = share
      precondition((1...pixels.count).contains(count))
      var generator = SeededGenerator(seed: seed, purpose: "pixels of agent \(agent)")
      let order = dealing == .strided ? pixels : generator.permutation(pixels.count).map { pixels[$0] }
      return (0..<count).map { part in
        PixelPart(pixels: stride(from: part, to: order.count, by: count).map { order[$0] }.sorted(), agent: agent)
      }
    }
  }
}

extension ImageShape {
  /// The pixels of the top left, top right, bottom left and bottom right quarter, by number; of odd extents the upper and the
  /// left ones are smaller.
  public var quadrants: [[Int]] {
    let (middleRow, middleColumn) = (rows / 2, columns / 2)
    return [0..<middleRow, middleRow..<rows].flatMap { rows in
      [0..<middleColumn, middleColumn..<columns].map { across in
        rows.flatMap { row in across.map { row * columns + $0 } }
      }
    }
  }
}
