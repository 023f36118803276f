/// A joint training's loss over time, in a bounded number of points.
package struct LossCurve: Sendable {
  /// How many points are kept; of more every second one is.
  package static let limit = 400

  package private(set) var points: [(seconds: Double, loss: Double)] = []
  /// The epoch of the last point.
  private var epoch = 0

  package init() {}

  /// Adds the loss of an epoch, if it is a new one.
  ///
  /// - Returns: Whether it is.
  package mutating func add(loss: Float?, epoch: Int, at seconds: Double) -> Bool {
    guard let loss, loss.isFinite, epoch != self.epoch else { return false }
    self.epoch = epoch
    if points.count == Self.limit {
      points = points.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
    }
    points.append((seconds.rounded(digits: 4), Double(loss)))
    return true
  }
}
