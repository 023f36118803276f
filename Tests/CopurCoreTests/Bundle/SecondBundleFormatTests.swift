import CopurCore
import CopurLearning
import CopurNumerics
import Foundation
import Testing

/// Bundles that the program wrote when their format was `copur-bundle/2`, and what they predicted then.
@Suite("Bundles of the second format")
struct SecondBundleFormatTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/copur-bundle-2")

  private func expect(_ actual: Matrix, _ name: String, _ expected: Safetensors) throws {
    let tensor = try #require(expected.tensors[name])
    #expect(tensor.shape == [actual.rows, actual.columns])
    if ComputeKernel.hasFMA {
      #expect(tensor.values == actual.values, "\(name)")
    } else {
      for (a, b) in zip(tensor.values, actual.values) { #expect(abs(a - b) < 1e-4, "\(name)") }
    }
  }

  private func expectPredictions(of bundle: ModelBundle, _ expected: Safetensors) throws {
    let sent = try #require(expected.tensors["features"])
    var features = Matrix(rows: sent.shape[0], columns: sent.shape[1], values: sent.values)
    features.values[2] = .nan
    let embeddings = try bundle.embed(features, layout: BlockLayout(widths: [3, 3]))
    let projections = bundle.manifold.project(embeddings)
    try expect(embeddings, "embeddings", expected)
    try expect(projections, "projections", expected)
    try expect(bundle.jointModel.network.infer(embeddings), "joint", expected)
    try expect(bundle.purifiedModel.network.infer(projections), "purified", expected)
    for (index, further) in bundle.furtherModels.enumerated() {
      try expect(further.model.network.infer(embeddings), "further.\(index)", expected)
    }
  }

  @Test("they predict what they did, under the same version, and go on to do so once written anew")
  func reading() throws {
    for (kind, version, further) in [("linear", "bc05ce667e20ba22", 2), ("autoencoder", "0c0b6e9b28a42e43", 0)] {
      let expected = try Safetensors(
        decoding: Data(contentsOf: Self.fixtures.appending(path: "\(kind).expected.safetensors")))
      let bundle = try ModelBundle(reading: Self.fixtures.appending(path: kind))
      #expect(bundle.modelVersion == version && bundle.furtherModels.count == further)
      #expect(bundle.manifest.manifold == kind && bundle.manifest.format == BundleManifest.currentFormat)
      try expectPredictions(of: bundle, expected)
      let folder = FileManager.default.temporaryDirectory.appending(path: "copur-format-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      try bundle.write(to: folder)
      let again = try ModelBundle(reading: folder)
      try expectPredictions(of: again, expected)
      #expect(again.manifest.parts == bundle.manifest.parts && again.calibration == bundle.calibration)
      #expect(again.furtherModels == bundle.furtherModels && again.extractors.areEqual(to: bundle.extractors))
      if further > 0 { #expect(again.furtherModels[0].null == (0..<8).map { Float($0) }) }
    }
  }

  @Test("one that was changed is refused, and so is a format that nobody knows")
  func changed() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-format-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.copyItem(at: Self.fixtures.appending(path: "linear"), to: folder)
    let file = folder.appending(path: ModelBundle.manifestFile)
    let text = try String(contentsOf: file, encoding: .utf8)
    for (old, new, message) in [
      ("\"seed\" : 1", "\"seed\" : 2", "was changed"),
      ("copur-bundle/2", "copur-bundle/1", "\"copur-bundle/3\" or \"copur-bundle/2\" (actual: \"copur-bundle/1\")"),
    ] {
      try text.replacingOccurrences(of: old, with: new).write(to: file, atomically: true, encoding: .utf8)
      let error = #expect(throws: CopurError.self) { try ModelBundle(reading: folder) }
      #expect(error?.code == .invalidData && error?.description.contains(message) == true)
    }
  }
}
