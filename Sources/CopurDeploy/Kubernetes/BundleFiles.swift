internal import CopurCore
package import Foundation

/// The files of a bundle as ConfigMaps hold them: each file in one, and as many in one as there is room for.
package struct BundleFiles: Hashable, Sendable {
  /// The most that a ConfigMap holds, in bytes; etcd's limit for an object stands behind it.
  package static let longestConfigMap = 1 << 20

  /// The version of the model.
  package let modelVersion: String
  /// The files of each ConfigMap, by their names.
  let parts: [[String: Data]]

  /// The size of all files together, in bytes.
  package var bytes: Int { parts.flatMap(\.values).reduce(0) { $0 + $1.count } }

  /// Reads the files of a bundle that has been read and found whole.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` if one is not there, `.invalidArgument` if one is too large for a
  ///   ConfigMap.
  package init(of folder: URL, modelVersion: String) throws {
    self.modelVersion = modelVersion
    var parts: [[String: Data]] = []
    // A file's name counts, too.
    func size(_ part: [String: Data]) -> Int { part.reduce(0) { $0 + $1.key.utf8.count + $1.value.count } }
    for name in [ModelBundle.manifestFile, ModelBundle.weightsFile] {
      let file = folder.appending(path: name)
      let data: Data
      do { data = try Data(contentsOf: file) } catch {
        throw CopurError(.missingInput, "\(file.path) cannot be read", cause: error)
      }
      guard size([name: data]) <= Self.longestConfigMap else {
        throw CopurError(
          .invalidArgument,
          "a file of a bundle that goes into a ConfigMap has at most \(Self.longestConfigMap) bytes (\(file.path): "
            + "\(data.count)); put the bundle into a volume and give --bundle-claim CLAIM, or into the image and give "
            + "--bundle-in-image PATH")
      }
      if let last = parts.last, size(last) + size([name: data]) <= Self.longestConfigMap {
        parts[parts.count - 1][name] = data
      } else {
        parts.append([name: data])
      }
    }
    self.parts = parts
  }
}
