import CopurLearning
import CopurNumerics
import Foundation
import Testing

/// Files that PyTorch wrote: `Fixtures/PyTorch/make.py` says how.
enum ImportFixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/PyTorch")

  static func data(_ name: String) throws -> Data { try Data(contentsOf: folder.appending(path: name)) }

  /// The greatest distance of outputs from PyTorch's.
  static let tolerance: Float = 1e-5

  /// The largest difference of a network's outputs from PyTorch's.
  static func difference(_ network: ImportedNetwork, examples name: String) throws -> Float {
    let examples = try Safetensors(importing: try data(name)).tensors
    let (input, output) = (try #require(examples["input"]), try #require(examples["output"]))
    let given = network.infer(Matrix(rows: input.shape[0], columns: input.shape[1], values: input.values))
    try #require([given.rows, given.columns] == output.shape)
    #expect(Set(output.values).count > output.values.count / 2)
    return zip(given.values, output.values).map { abs($0 - $1) }.max() ?? .infinity
  }
}
