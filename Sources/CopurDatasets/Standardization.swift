/// By which rows' statistics features are standardised.
public enum Standardization: String, Hashable, Sendable, Codable, CaseIterable {
  /// Training rows and test rows by the training rows' statistics; the only way that a deployed system has.
  case training
  /// Each split by its own statistics, as the reference code of the CoPur paper does. The test rows then know of each
  /// other, so use it for comparisons with that code alone.
  case reference
}
