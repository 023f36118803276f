public import CopurNumerics

/// An agent's local model f_θi: raw features in, embedding out.
public protocol FeatureExtractor: Sendable {
  /// How many raw features a row has.
  var inputWidth: Int { get }
  /// d_i, how wide an embedding is.
  var embeddingWidth: Int { get }

  /// Embeds a batch of rows.
  ///
  /// A row's embedding is the same, bit for bit, whatever else is in the batch.
  ///
  /// - Parameter rows: Raw features, [n, inputWidth]; NaN where a value is missing.
  /// - Returns: [n, embeddingWidth].
  func embed(_ rows: Matrix) -> Matrix
}
