internal import CopurCore
public import CopurLearning
package import CopurNumerics

/// A vote of submodels that each see pixels of their own (Hammoudeh and Lowd 2024): a changed pixel turns one submodel, and
/// how many turned ones change the prediction is counted, exactly and without a probability.
///
/// The pixels may be one owner's, or several agents'. An agent's pixels are then dealt to submodels of its own, and ρ
/// changed pixels of an agent turn at most ρ of these: one certificate from one pixel to the whole agent.
///
/// A picture is a row of numbers of an ``ImageShape``. A pixel is a place of it, with all its channels.
public struct PixelPartition: Hashable, Sendable {
  /// The rule by which submodels are counted.
  public enum Rule: String, Hashable, Sendable, Codable, CaseIterable {
    /// A submodel gives one vote to its class.
    case votes
    /// A submodel gives its softmax at a temperature, in 2²⁰-ths, so that sums are exact.
    case sum
    /// A submodel puts the classes in an order; the two that most put first meet again, and the one that more prefer wins.
    case runOff = "run-off"
  }

  /// An attacker's means.
  public enum Threat: Hashable, Sendable, Codable {
    /// Pixels anywhere in the picture.
    case anywhere
    /// Pixels of one agent, whichever.
    case anyAgent
    /// Pixels of a given agent, from 0.
    case agent(Int)
  }

  /// A picture's extents.
  public let shape: ImageShape
  /// The number of classes.
  public let classes: Int
  /// The pixels of each submodel, an agent after the other.
  public let parts: [PixelPart]
  /// One over the temperature of the softmax that ``Rule/sum`` adds.
  public let sharpness: Float
  var submodels: [Submodel]

  /// The number of submodels that a sum of 2²⁰-ths has room for.
  public static let submodelLimit = 1 << 10

  /// - Throws: ``CopurError`` of code `.invalidData` if the parts are not disjoint sets of the picture's pixels, agents from
  ///   0 without a gap.
  init(shape: ImageShape, classes: Int, parts: [PixelPart], sharpness: Float, submodels: [Submodel]) throws {
    try Self.check(shape: shape, classes: classes, parts: parts, sharpness: sharpness)
    precondition(submodels.count == parts.count)
    self.shape = shape
    self.classes = classes
    self.parts = parts
    self.sharpness = sharpness
    self.submodels = submodels
  }

  static func check(shape: ImageShape, classes: Int, parts: [PixelPart], sharpness: Float) throws {
    func check(_ rule: String, _ actual: String, _ holds: Bool) throws {
      if !holds { throw CopurError(.invalidData, "\(rule) (actual: \(actual))") }
    }
    try checkShape(shape, code: .invalidData)
    try check("pictures are of 2 to 65536 classes", "\(classes)", (2...65536).contains(classes))
    try check(
      "a partition has 1 to \(submodelLimit) parts", "\(parts.count)", (1...submodelLimit).contains(parts.count))
    try check("a sharpness is above 0", "\(sharpness)", sharpness > 0 && sharpness.isFinite)
    var seen = Set<Int>()
    var agent = 0
    for part in parts {
      try check("a part has a pixel and up", "0", !part.pixels.isEmpty)
      try check(
        "parts are in the order of their agents, from 0 without a gap", "\(part.agent) after \(agent)",
        part.agent == agent || (part.agent == agent + 1 && !seen.isEmpty))
      agent = part.agent
      for pixel in part.pixels {
        try check(
          "parts are disjoint and of pixels from 0 to \(shape.pixelCount - 1)", "\(pixel)",
          (0..<shape.pixelCount).contains(pixel) && seen.insert(pixel).inserted)
      }
    }
  }

  static func checkShape(_ shape: ImageShape, code: CopurError.Code) throws {
    guard shape.rows >= 1, shape.columns >= 1, shape.channels >= 1, shape.count <= Architecture.widthLimit else {
      throw CopurError(
        code, "pictures have rows, columns and channels, at most \(Architecture.widthLimit) numbers (actual: \(shape))")
    }
  }

  /// The submodels of each agent, one range after the other.
  public var agents: [Range<Int>] { Self.agents(of: parts) }

  static func agents(of parts: [PixelPart]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (index, part) in parts.enumerated() {
      if part.agent < ranges.count {
        ranges[part.agent] = ranges[part.agent].lowerBound..<index + 1
      } else {
        ranges.append(index..<index + 1)
      }
    }
    return ranges
  }

  // MARK: Votes

  static let sumUnit: Int32 = 1 << 20

  package func voteRule(_ rule: Rule) -> any VoteRule {
    switch rule {
    case .votes: TurnedVotes(classes: classes, voters: parts.count, unit: 1)
    case .sum: TurnedVotes(classes: classes, voters: parts.count, unit: Self.sumUnit)
    case .runOff: RunOffVotes(classes: classes)
    }
  }

  /// The votes, shares or places that each submodel gives to each class.
  ///
  /// - Parameters:
  ///   - pictures: [n, shape.count].
  ///   - rows: The rows to take.
  /// - Returns: [rows, submodels, classes], row-major: votes of 0 or 1, shares in 2²⁰-ths, or places from 0 for the last.
  package func given(_ pictures: Matrix, rows: Range<Int>, by rule: Rule) -> [Int32] {
    precondition(pictures.columns == shape.count)
    let (count, voters) = (rows.count, submodels.count)
    var given = [Int32](repeating: 0, count: count * voters * classes)
    given.withUnsafeMutableBufferPointer { given in
      for (voter, submodel) in submodels.enumerated() {
        let input = Self.gather(pictures, rows: rows, numbers: Self.numbers(parts[voter], of: shape))
        var logits = submodel.logits(input)
        if rule == .sum { logits = ClassShares.shares(logits, sharpness: sharpness) }
        let width = logits.columns
        logits.values.withUnsafeBufferPointer { values in
          for sample in 0..<count {
            let target = (sample * voters + voter) * classes
            switch rule {
            case .votes:
              var best = 0
              for label in 1..<classes where values[label * width + sample] > values[best * width + sample] {
                best = label
              }
              given[target + best] = 1
            case .sum:
              for label in 0..<classes {
                // A share that is no number, as after an overflow, gives nothing: less than an attacker is thought to give.
                let share = values[label * width + sample]
                given[target + label] = share > 0 ? Int32((min(share, 1) * Float(Self.sumUnit)).rounded()) : 0
              }
            case .runOff:
              for label in 0..<classes {
                let value = values[label * width + sample]
                // Of two classes with equal logits the first one is ahead.
                for other in 0..<label {
                  given[target + (value > values[other * width + sample] ? label : other)] += 1
                }
              }
            }
          }
        }
      }
    }
    return given
  }

  /// The numbers of a picture that a part sees.
  static func numbers(_ part: PixelPart, of shape: ImageShape) -> [Int] {
    part.pixels.flatMap { pixel in (0..<shape.channels).map { pixel * shape.channels + $0 } }
  }

  /// Some numbers of some pictures, samples as columns.
  ///
  /// - Returns: [numbers, rows], filled up with columns of 0 to a multiple of 16.
  static func gather(_ pictures: Matrix, rows: some RandomAccessCollection<Int>, numbers: [Int]) -> Matrix {
    let (width, columns) = ((rows.count + 15) / 16 * 16, pictures.columns)
    return Matrix(rows: numbers.count, columns: width) { output in
      pictures.values.withUnsafeBufferPointer { pictures in
        numbers.withUnsafeBufferPointer { numbers in
          for (sample, row) in rows.enumerated() {
            for index in 0..<numbers.count { output[index * width + sample] = pictures[row * columns + numbers[index]] }
          }
        }
      }
    }
  }
}
