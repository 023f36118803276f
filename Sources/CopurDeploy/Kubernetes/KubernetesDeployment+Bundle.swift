internal import Foundation

/// The bundle, in the pods of fusion center and agents.
extension KubernetesDeployment {
  private static let bundleFolder = "/etc/copur/bundle"

  /// The path by which processes find the bundle.
  var bundlePath: String {
    if case .image(let path, _, _) = settings.bundle { path } else { Self.bundleFolder }
  }

  var bundleVolume: Volume? {
    switch settings.bundle {
    case .configMaps(let files):
      .configMaps("bundle", at: Self.bundleFolder, of: files.parts.indices.map(configMapName))
    case .claim(let claim, let folder, _, _): .claim("bundle", at: Self.bundleFolder, of: claim, folder: folder)
    case .image: nil
    }
  }

  var configMaps: [ManifestValue] {
    guard case .configMaps(let files) = settings.bundle else { return [] }
    return files.parts.enumerated().map { index, part in
      object(
        "ConfigMap", of: "v1", name: configMapName(index),
        annotations: ["copur/model-version": .text(files.modelVersion)],
        with: ["immutable": true, "binaryData": .map(sorted: part.mapValues { $0.base64EncodedString() })])
    }
  }

  /// A model's own name: pods that still run with another one keep theirs.
  private func configMapName(_ index: Int) -> String {
    let name = "\(settings.names.prefix)-bundle-\(settings.bundle.modelVersion.prefix(16).lowercased())"
    return index == 0 ? name : "\(name)-\(index + 1)"
  }
}
