public import CopurNumerics

/// A batch of samples as the fusion center has them: the embeddings h and, for each sample, the observed set Ω.
///
/// The content of a block outside Ω has no meaning; ``set(block:of:to:)`` and ``withhold(block:of:)`` keep it at 0 so that
/// equal observations are equal values, but nothing may read it as data: missing is not zero.
public struct Observation: Hashable, Sendable {
  /// The columns of each agent's block.
  public let layout: BlockLayout
  /// h, one sample a row: [n, D].
  public private(set) var embeddings: Matrix
  /// Whether agent i was observed for sample s, at `s * layout.count + i`: [n, M].
  public private(set) var observed: [Bool]

  /// Samples of which nothing is observed yet.
  public init(layout: BlockLayout, samples: Int) {
    self.layout = layout
    embeddings = Matrix(rows: samples, columns: layout.totalWidth)
    observed = [Bool](repeating: false, count: samples * layout.count)
  }

  /// Samples of which everything is observed.
  ///
  /// - Parameter embeddings: h, [n, D]; finite.
  public init(layout: BlockLayout, embeddings: Matrix) {
    precondition(embeddings.columns == layout.totalWidth)
    self.layout = layout
    self.embeddings = embeddings
    observed = [Bool](repeating: true, count: embeddings.rows * layout.count)
  }

  /// Samples of which some blocks are observed.
  ///
  /// - Parameters:
  ///   - embeddings: h, [n, D]; finite. What lies in blocks outside Ω is not kept.
  ///   - observed: Ω of each sample: [n, M], row-major.
  public init(layout: BlockLayout, embeddings: Matrix, observed: [Bool]) {
    precondition(observed.count == embeddings.rows * layout.count)
    self.init(layout: layout, embeddings: embeddings)
    for (place, isObserved) in observed.enumerated() where !isObserved {
      let (sample, block) = place.quotientAndRemainder(dividingBy: layout.count)
      withhold(block: block, of: sample)
    }
  }

  /// The number of samples.
  public var samples: Int { embeddings.rows }

  /// Whether block `block` of sample `sample` is in Ω.
  @inlinable
  public func isObserved(block: Int, of sample: Int) -> Bool { observed[sample * layout.count + block] }

  /// Whether all blocks of all samples are observed.
  public var isComplete: Bool { observed.allSatisfy { $0 } }

  /// Whether all blocks of a sample are observed.
  public func isComplete(sample: Int) -> Bool { observedCount(of: sample) == layout.count }

  /// The samples of which a block is observed.
  public func samples(observing block: Int) -> [Int] { (0..<samples).filter { isObserved(block: block, of: $0) } }

  /// The number of blocks of a sample that are observed, |Ω|.
  public func observedCount(of sample: Int) -> Int {
    observed[sample * layout.count..<(sample + 1) * layout.count].count { $0 }
  }

  /// Adds a block to a sample's Ω.
  ///
  /// - Parameter values: h_i, as many as the block is wide.
  public mutating func set(block: Int, of sample: Int, to values: some Collection<Float>) {
    let columns = layout[block]
    precondition(values.count == columns.count)
    let start = sample * layout.totalWidth + columns.lowerBound
    embeddings.values.replaceSubrange(start..<start + columns.count, with: values)
    observed[sample * layout.count + block] = true
  }

  /// The same with other content in some blocks, where they are observed; Ω stays.
  ///
  /// - Parameter content: [n, D], of which the columns of these blocks are used; finite.
  public func replacing(blocks: [Int], with content: Matrix) -> Observation {
    precondition(content.rows == samples && content.columns == layout.totalWidth)
    var replaced = self
    for sample in 0..<samples {
      for block in blocks where isObserved(block: block, of: sample) {
        for column in layout[block] { replaced.embeddings[sample, column] = content[sample, column] }
      }
    }
    return replaced
  }

  /// Puts a sample of another observation in the place of one.
  public mutating func replace(sample: Int, with number: Int, of other: Observation) {
    precondition(other.layout == layout)
    embeddings[row: sample] = other.embeddings[row: number]
    for block in 0..<layout.count {
      observed[sample * layout.count + block] = other.isObserved(block: block, of: number)
    }
  }

  /// Takes a block out of a sample's Ω.
  public mutating func withhold(block: Int, of sample: Int) {
    for column in layout[block] { embeddings[sample, column] = 0 }
    observed[sample * layout.count + block] = false
  }

  /// Takes a block out of every sample's Ω.
  public mutating func withhold(block: Int) {
    for sample in 0..<samples { withhold(block: block, of: sample) }
  }

  /// The samples of the given numbers, in that order.
  public func selecting(_ numbers: some Collection<Int>) -> Observation {
    var selected = Observation(layout: layout, samples: numbers.count)
    selected.embeddings = embeddings.selecting(rows: numbers)
    for (position, number) in numbers.enumerated() {
      for block in 0..<layout.count {
        selected.observed[position * layout.count + block] = isObserved(block: block, of: number)
      }
    }
    return selected
  }
}
