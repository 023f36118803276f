/// A model whose training may leave rows out: it says how much it doubts each row, and takes steps on chosen ones.
///
/// Rows are numbers; the data are the model's own, so that networks with and without labels train alike.
public protocol SelectableModel: Sendable {
  /// The doubt about each row, for the model as it is; the larger, the sooner the row is left out.
  ///
  /// - Parameter rows: The numbers of the rows.
  /// - Returns: A value a row.
  mutating func doubts(about rows: [Int]) -> [Float]

  /// Takes one step on the mean loss of rows.
  ///
  /// - Parameters:
  ///   - rows: Their numbers; at least one.
  ///   - seed: What dropout and other noise of the step follow from.
  /// - Returns: The mean loss before the step.
  mutating func step(on rows: [Int], seed: UInt64) -> Float

  /// Doubts and a step in one pass, for models that need no pass of their own to doubt.
  ///
  /// - Parameters:
  ///   - rows: The numbers of the rows.
  ///   - kept: How many are kept, those least doubted; from 1 to all.
  ///   - seed: What noise of the step follows from.
  /// - Returns: The mean loss of those kept, before the step.
  mutating func step(onLeastDoubted kept: Int, of rows: [Int], seed: UInt64) -> Float
}

extension SelectableModel {
  public mutating func step(onLeastDoubted kept: Int, of rows: [Int], seed: UInt64) -> Float {
    let doubts = doubts(about: rows)
    return step(on: RowSelection.least(doubts, kept: kept).map { rows[$0] }, seed: seed)
  }
}

/// Choosing rows by a value each.
public enum RowSelection {
  /// The places of the smallest values, in ascending order of place; of equal values the first.
  ///
  /// - Parameters:
  ///   - values: One a row; NaN counts as the largest.
  ///   - kept: How many, at most all.
  public static func least(_ values: [Float], kept: Int) -> [Int] {
    if kept >= values.count { return Array(values.indices) }
    let order = values.indices.sorted { one, other in
      let (left, right) = (values[one], values[other])
      if left.isNaN || right.isNaN { return !left.isNaN && right.isNaN || left.isNaN == right.isNaN && one < other }
      return left == right ? one < other : left < right
    }
    return order.prefix(kept).sorted()
  }

  /// The number of a batch's rows that are kept: the share, rounded up, at least one.
  public static func count(_ share: Double, of rows: Int) -> Int {
    // A product such as 0.7 · 10 may be a rounding error over a whole number.
    min(rows, max(1, Int((share * Double(rows) - 1e-9).rounded(.up))))
  }
}

/// The share of each mini-batch that is kept, epoch by epoch: 1 at first, falling evenly to 1 − ε.
///
/// RCA's β ← max(β − ε/(α·E), 1 − ε) (Liu, thesis, Algorithm 1) and co-teaching's R(T) = 1 − min(T·τ/T_k, τ) (Han et al.
/// 2018, Eq. 1; thesis, Algorithm 5) are both this, with α·E and T_k epochs.
public struct KeptShare: Hashable, Sendable {
  /// ε, the share that is left out in the end, from 0 to under 1.
  public var leftOut: Double
  /// Over how many epochs it falls; 0: it begins as it ends.
  public var epochs: Double

  /// - Parameters:
  ///   - leftOut: ε, from 0 to under 1.
  ///   - epochs: Over how many epochs the share falls, from 0.
  public init(leftOut: Double, over epochs: Double) {
    precondition((0..<1).contains(leftOut) && epochs >= 0)
    self.leftOut = leftOut
    self.epochs = epochs
  }

  /// The share in an epoch, counted from 0.
  public subscript(epoch: Int) -> Double {
    epochs == 0 ? 1 - leftOut : 1 - leftOut * min(1, Double(epoch) / epochs)
  }
}
