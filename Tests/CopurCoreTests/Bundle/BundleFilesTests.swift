import CopurCore
import CopurLearning
import CopurNumerics
import Foundation
import Testing

/// The page on a bundle's files names what the program writes.
struct BundleFilesTests {
  private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/CopurCore/Docs.docc/BundleFiles.md")

  /// The rows of a section's table, a list of cells each.
  private func rows(of section: String) throws -> [[String]] {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let part = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix("\(section)\n") })
    return part.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") }.dropFirst().map { row in
      row.dropFirst().dropLast().split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  private func names(in cell: String) -> [String] { cell.matches(of: /`([^`]+)`/).map { "\($0.1)" } }

  @Test("Each key of bundle.json has a row, and each row is a key")
  func keys() throws {
    let manifest = BundleManifest(
      name: "small", agents: [], classes: [], seed: 0, candidates: [], leverage: [],
      calibration: .init(falseAlarmRate: 0, rows: 0, reconstruction: nil), settings: .object([:]),
      dataset: .object([:]),
      datasetDigest: "")
    let keys = Mirror(reflecting: manifest).children.compactMap(\.label)
    #expect(keys.count > 15)
    #expect(try rows(of: "bundle.json").map { names(in: $0[0])[0] }.sorted() == keys.sorted())
  }

  @Test(
    "Each kind of part has a row, and a part's settings and arrays are in it", arguments: ["linear", "autoencoder"])
  func parts(fixture: String) throws {
    let rows = try rows(of: "Parts")
    #expect(Set(rows.flatMap { names(in: $0[1]) }) == Set(BundlePartKinds.builtIn.names))
    // A bundle of an earlier program, as this one reads and would write it.
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/copur-bundle-2/\(fixture)")
    let copy = FileManager.default.temporaryDirectory.appending(path: "copur-bundle-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: copy) }
    let bundle = try ModelBundle(reading: folder)
    try bundle.write(to: copy)
    let arrays = try Safetensors(decoding: Data(contentsOf: copy.appending(path: "weights.safetensors"))).tensors.keys
    #expect(bundle.manifest.parts.count > 4 && !arrays.isEmpty)
    for part in bundle.manifest.parts {
      let row = try #require(rows.first { names(in: $0[1]).contains(part.kind) }, "\(part.kind)")
      let text = row.joined(separator: "|")
      for key in part.settings.keys { #expect(names(in: row[2]).contains(key), "\(part.name): \(key)") }
      for array in arrays where array.hasPrefix("\(part.name).") {
        let name = array.dropFirst(part.name.count + 1).split(separator: ".").last ?? ""
        let isParameter = ["weight", "bias"].contains(name) && text.contains("network")
        let isNamed = names(in: row[3]).contains { $0 == name || $0.hasSuffix(".\(name)") }
        #expect(isParameter || isNamed, "\(array)")
      }
    }
  }

  @Test("Each kind of layer has a row with its parameters")
  func layers() throws {
    let rows = try rows(of: "Layers")
    #expect(rows.map { names(in: $0[0])[0] } == LayerKinds.builtIn.names)
    let picture = ImageShape(rows: 4, columns: 4, channels: 2)
    let layers: [any LayerSpecification] = [
      ActivationSpecification(.tanh), AffineCouplingSpecification(hidden: 3, keepsFirst: true),
      BatchNormalizationSpecification(channels: 2), ConvolutionSpecification(picture, channels: 3, kernel: 3),
      DenseSpecification(outputs: 5), DropoutSpecification(rate: 0.5), LayerNormalizationSpecification(),
      PoolingSpecification(picture, .maximum, size: 2),
      TransposedConvolutionSpecification(picture, channels: 3, kernel: 3),
    ]
    #expect(layers.map { type(of: $0).kind } == LayerKinds.builtIn.names)
    for (row, layer) in zip(rows, layers) {
      var parameters = try layer.parameters(inputWidth: picture.count).map(\.name)
      if layer is AffineCouplingSpecification {
        parameters = Set(parameters.map { String($0.prefix { $0 != "." }) }).sorted()
      }
      #expect(row.count > 1 ? names(in: row[1]) == parameters : parameters.isEmpty, "\(row[0]): \(parameters)")
    }
  }
}
