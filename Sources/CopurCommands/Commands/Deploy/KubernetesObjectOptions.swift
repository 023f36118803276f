import ArgumentParser
import CopurCore
import CopurDeploy
import Foundation

/// Options that all objects on Kubernetes have.
struct KubernetesObjectOptions: ParsableArguments {
  @Option(help: "The name that all objects' names begin with, and by which agents call the fusion center.")
  var name = "copur"

  @Option(help: "The namespace. (default: the one that the manifests are applied in)")
  var namespace: String?

  @Flag(help: "Also make the namespace, with Kubernetes' restricted rules for its pods.")
  var createNamespace = false

  @Option(help: "The container image, which has copur on its PATH.")
  var image: String

  @Option(help: ArgumentHelp("The Secret with the image registry's password.", valueName: "secret"))
  var imagePullSecret: String?

  @Option(help: ArgumentHelp("The number of the user and of the group that processes run as.", valueName: "n"))
  var userId = 10001

  @Option(help: ArgumentHelp("The size of the journal's volume, or of results', in GiB.", valueName: "n"))
  var storageGib = 1

  @Option(help: ArgumentHelp("That volume's class of storage. (default: the cluster's)", valueName: "class"))
  var storageClass: String?

  @Option(
    help: ArgumentHelp(
      """
      A volume that holds the bundle, by its claim, and the folder in it; for one with files of more than 1 MiB, which no \
      ConfigMap takes.
      """, valueName: "claim[:folder]"))
  var bundleClaim: String?

  @Option(help: ArgumentHelp("The bundle's folder in the image, in place of ConfigMaps.", valueName: "path"))
  var bundleInImage: String?

  func validate() throws {
    if let namespace, !ObjectNames.isLabel(namespace) {
      throw ValidationError("--namespace is 1 to 63 of a-z, 0-9 and -, no - at an end (actual: \"\(namespace)\")")
    }
    if createNamespace, namespace == nil { throw ValidationError("--create-namespace needs --namespace, its name.") }
    guard !image.isEmpty, !image.contains(where: \.isWhitespace) else {
      throw ValidationError("--image is a container image, such as registry.example/copur:1 (actual: \"\(image)\")")
    }
    for (option, value) in [("--image-pull-secret", imagePullSecret), ("--storage-class", storageClass)] {
      if let value { try Self.requireName(value, of: option) }
    }
    guard (1...65_535).contains(userId) else {
      throw ValidationError("--user-id is 1 to 65535: nothing runs as root (actual: \(userId))")
    }
    guard (1...65_536).contains(storageGib) else {
      throw ValidationError("--storage-gib is 1 to 65536 (actual: \(storageGib))")
    }
    guard bundleClaim == nil || bundleInImage == nil else {
      throw ValidationError("The bundle is in a volume, --bundle-claim, or in the image, --bundle-in-image, not both.")
    }
    if let bundleInImage, !bundleInImage.hasPrefix("/") {
      throw ValidationError("--bundle-in-image is a path that begins with / (actual: \"\(bundleInImage)\")")
    }
    if let claim = bundleClaim.map(Self.parts) {
      try Self.requireName(claim.name, of: "--bundle-claim")
      if let folder = claim.folder, folder.hasPrefix("/") || folder.split(separator: "/").contains("..") {
        throw ValidationError("The folder of --bundle-claim is one in the volume (actual: \"\(folder)\")")
      }
    }
  }

  /// Makes sure that a text is an object's name: several labels of DNS with points between.
  static func requireName(_ name: String, of option: String) throws {
    guard name.utf8.count <= 253,
      name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({
        ObjectNames.isLabel(String($0))
      })
    else {
      throw ValidationError("\(option) is the name of an object of Kubernetes (actual: \"\(name)\")")
    }
  }

  private static func parts(_ claim: String) -> (name: String, folder: String?) {
    guard let colon = claim.firstIndex(of: ":") else { return (claim, nil) }
    return (String(claim[..<colon]), String(claim[claim.index(after: colon)...]))
  }

  /// The place at which pods find a bundle.
  func place(of bundle: ModelBundle, in folder: URL) throws -> KubernetesSettings.BundlePlace {
    guard bundleClaim != nil || bundleInImage != nil else {
      return .configMaps(try BundleFiles(of: folder, modelVersion: bundle.modelVersion))
    }
    let bytes = [ModelBundle.manifestFile, ModelBundle.weightsFile].reduce(0) { sum, name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
      return sum + (attributes?[.size] as? Int ?? 0)
    }
    if let bundleInImage { return .image(bundleInImage, modelVersion: bundle.modelVersion, bytes: bytes) }
    let (claim, subfolder) = Self.parts(bundleClaim!)
    return .claim(claim, folder: subfolder, modelVersion: bundle.modelVersion, bytes: bytes)
  }

  func apply(to settings: inout KubernetesSettings) throws {
    settings.namespace = namespace
    settings.makesNamespace = createNamespace
    settings.imagePullSecret = imagePullSecret
    settings.user = userId
    settings.journalGibibytes = storageGib
    settings.storageClass = storageClass
  }
}
