internal import Foundation

/// The files of an ONNX model, and how many numbers may still be taken out of them: weights may name the same bytes as often
/// as they like.
final class ONNXSource {
  private let beside: (String) throws -> Data
  private var read: [String: Data] = [:]
  private var remaining = Architecture.parameterLimit

  /// - Parameter beside: Gives the content of a file beside the model by its name.
  init(beside: @escaping (String) throws -> Data) { self.beside = beside }

  /// The content of a file beside the model.
  func file(_ name: String) throws -> Data {
    if let data = read[name] { return data }
    let data = try beside(name)
    read[name] = data
    return data
  }

  /// Takes numbers out.
  ///
  /// - Throws: ``ImportError`` if a network has no room for them.
  func take(_ count: Int, name: String) throws {
    guard count <= remaining else {
      throw ImportError("a model has at most \(Architecture.parameterLimit) numbers (more with \"\(name)\")")
    }
    remaining -= count
  }
}
