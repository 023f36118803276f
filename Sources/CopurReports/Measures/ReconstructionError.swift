/// The distance of the embeddings that a defence predicts from to those that it would predict from had nobody attacked:
/// ‖D(E(l̂)) − D(E(l*))‖₂, over the samples of a trial (CoPur, figures 4 and 5).
public struct ReconstructionError: Hashable, Sendable {
  /// The mean.
  public var mean: Double
  /// The quartiles.
  public var quartiles: Quartiles

  /// - Parameter mean: Over the samples, as are the quartiles.
  public init(mean: Double, quartiles: Quartiles) {
    self.mean = mean
    self.quartiles = quartiles
  }

  /// - Parameter distances: One a sample, finite; nil if there is none.
  public init?(of distances: [Double]) {
    guard let quartiles = Quartiles(of: distances) else { return nil }
    self.init(mean: distances.reduce(0, +) / Double(distances.count), quartiles: quartiles)
  }
}
