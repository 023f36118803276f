internal import CopurNumerics

/// The best pictures of a search so far.
struct BestPictures {
  private(set) var pictures: Matrix
  private(set) var values: [Float]

  /// - Parameter values: The objective of each.
  init(_ pictures: Matrix, values: [Float]) {
    self.pictures = pictures
    self.values = values
  }

  /// Takes over the pictures whose objective is larger than that of the best so far.
  ///
  /// - Parameter candidates: [n, d], with n objectives.
  /// - Returns: Whether each was taken over.
  @discardableResult
  mutating func consider(_ candidates: Matrix, values: [Float]) -> [Bool] {
    var taken = [Bool](repeating: false, count: values.count)
    for row in values.indices where values[row] > self.values[row] {
      taken[row] = true
      self.values[row] = values[row]
      pictures[row: row] = candidates[row: row]
    }
    return taken
  }
}
