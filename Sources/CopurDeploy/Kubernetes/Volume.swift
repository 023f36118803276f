/// A volume of a pod, and its place in the container.
struct Volume: Sendable {
  let mount: ManifestValue
  /// Nil where a claim's template of a StatefulSet makes it.
  let source: ManifestValue?

  private init(
    _ name: String, at path: String, isWritable: Bool = false, folder: String? = nil,
    _ source: KeyValuePairs<String, ManifestValue?>?
  ) {
    mount = .map([
      "name": .text(name), "mountPath": .text(path), "subPath": folder.map { .text($0) },
      "readOnly": isWritable ? nil : true,
    ])
    self.source = source.map { source in
      var volume: ManifestValue = ["name": .text(name)]
      for (key, value) in source { volume[key] = value }
      return volume
    }
  }

  /// A folder that ends with the pod.
  static func scratch(_ name: String, at path: String) -> Volume {
    Volume(name, at: path, isWritable: true, ["emptyDir": ["sizeLimit": "64Mi"]])
  }

  /// Files of a Secret, readable by the pod's user and group alone.
  static func secret(_ name: String, at path: String, of secret: String) -> Volume {
    // 0440: Kubernetes gives the files to root and to the pod's group.
    Volume(name, at: path, ["secret": ["secretName": .text(secret), "defaultMode": 0o440]])
  }

  /// The files of several ConfigMaps, side by side.
  static func configMaps(_ name: String, at path: String, of maps: [String]) -> Volume {
    Volume(
      name, at: path,
      ["projected": ["sources": .list(maps.map { ["configMap": ["name": .text($0)]] }), "defaultMode": 0o444]])
  }

  /// A volume that is claimed already.
  static func claim(
    _ name: String, at path: String, of claim: String, folder: String? = nil, isWritable: Bool = false
  ) -> Volume {
    Volume(
      name, at: path, isWritable: isWritable, folder: folder,
      [
        "persistentVolumeClaim": .map(["claimName": .text(claim), "readOnly": isWritable ? nil : true])
      ])
  }

  /// A volume of a StatefulSet's template.
  static func template(_ name: String, at path: String) -> Volume {
    Volume(name, at: path, isWritable: true, nil)
  }
}
