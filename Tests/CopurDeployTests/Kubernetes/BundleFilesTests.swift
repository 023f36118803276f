import CopurCore
import CopurDeploy
import Foundation
import Testing

struct BundleFilesTests {
  private func files(manifest: Int, weights: Int) throws -> (ManifestFile?, BundleFiles) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(count: manifest).write(to: folder.appending(path: ModelBundle.manifestFile))
    try Data(count: weights).write(to: folder.appending(path: ModelBundle.weightsFile))
    let files = try BundleFiles(of: folder, modelVersion: "0123456789abcdef")
    let settings = KubernetesSettings(
      names: try ObjectNames(prefix: "copur", agents: []), image: "x", version: "1", bundle: .configMaps(files),
      agents: [])
    return (try KubernetesDeployment(settings).files.first { $0.name == "bundle.yaml" }, files)
  }

  /// The length of both files' names, which count.
  private let names = ModelBundle.manifestFile.utf8.count + ModelBundle.weightsFile.utf8.count

  @Test("Files that fit into a ConfigMap together are in one, and one byte more makes two")
  func parts() throws {
    let most = BundleFiles.longestConfigMap
    #expect(try files(manifest: 1000, weights: most - 1000 - names).0?.documents.count == 1)
    let (file, bundle) = try files(manifest: 1000, weights: most - 1000 - names + 1)
    #expect(file?.documents.count == 2 && bundle.bytes == most - names + 1)
    #expect(Set(file?.documents.map { $0["metadata"]?["name"] } ?? []).count == 2)
  }

  @Test("A file that fits into no ConfigMap is an error that says the options")
  func tooLarge() throws {
    let most = BundleFiles.longestConfigMap - ModelBundle.weightsFile.utf8.count
    #expect(try files(manifest: 10, weights: most).0?.documents.count == 2)
    let error = try #require(throws: CopurError.self) { try files(manifest: 10, weights: most + 1) }
    #expect(error.code == .invalidArgument && error.message.contains("\(most + 1)"))
    #expect(error.message.contains("--bundle-claim") && error.message.contains("--bundle-in-image"))
  }
}
