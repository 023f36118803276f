/// The server's name, version and extensions in its metadata.
enum ServerDescription {
  static let name = "copur"
  /// Of the interface that this module serves.
  static let version = "1.0.0"
  static let extensions = [
    "binary_tensor_data", "classification", "model_configuration", "model_repository", "statistics",
  ]
}
