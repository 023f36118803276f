package import CopurCore
package import CopurDatasets
internal import CopurNumerics
package import CopurTraining
public import Foundation

/// Bundles that were trained before, by what went into them: settings, data, agents, seed, this program's training, and the
/// kernel of its products.
public struct BundleCache: Sendable {
  /// Raised whenever the same settings and data give another bundle than before.
  static let trainingVersion = 13

  /// The folder that holds one folder a bundle.
  public let folder: URL

  /// - Parameter folder: Holds one folder a bundle.
  public init(folder: URL) { self.folder = folder }

  /// The user's cache: `$XDG_CACHE_HOME/copur/bundles`, else `~/.cache/copur/bundles`.
  public init(environment: [String: String]) {
    let root =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
      ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache")
    folder = root.appending(path: "copur/bundles")
  }

  /// Why bundles cannot be added, such as "/.cache: Permission denied"; nil if they can.
  public var reasonNotToWrite: String? {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      return "\(folder.path): \(error.localizedDescription)"
    }
    guard access(folder.path, W_OK | X_OK) != 0 else { return nil }
    return "\(folder.path): \(String(cString: strerror(errno)))"
  }

  /// The place at which the bundle of these inputs is or will be.
  package func location(
    of trainer: BundleTrainer, source: DatasetSource, dataset: Dataset, seed: UInt64
  ) throws -> URL {
    struct Inputs: Encodable {
      var trainingVersion: Int
      var bundleFormat: String
      var training: TrainingSettings
      var manifold: ManifoldSettings
      var further: [FusionTraining]?
      var protection: Protection?
      var isCalibrated: Bool?
      var source: DatasetSource
      var datasetDigest: String
      var agents: [AgentID]
      var seed: UInt64
      var kernel: String
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let inputs = Inputs(
      trainingVersion: Self.trainingVersion, bundleFormat: BundleManifest.currentFormat, training: trainer.training,
      manifold: trainer.manifold, further: trainer.further.isEmpty ? nil : trainer.further,
      protection: trainer.protection, isCalibrated: trainer.isCalibrated ? nil : false, source: source,
      datasetDigest: dataset.digest, agents: dataset.roster.agents, seed: seed, kernel: ComputeKernel.current)
    return folder.appending(path: String(SHA256Digest.hexadecimal(of: try encoder.encode(inputs)).prefix(32)))
  }

  /// A bundle from the cache; nil if there is none, or one that was damaged, which is then removed.
  package func bundle(at location: URL) -> ModelBundle? {
    guard FileManager.default.fileExists(atPath: location.path) else { return nil }
    if let bundle = try? ModelBundle(reading: location) { return bundle }
    try? FileManager.default.removeItem(at: location)
    return nil
  }

  /// The losses of a bundle's training; nil if they are not there, as of bundles of earlier programs.
  package func curves(at location: URL) -> [TrainingCurve]? {
    guard let data = try? Data(contentsOf: Self.curves(of: location)) else { return nil }
    return try? JSONDecoder().decode([TrainingCurve].self, from: data)
  }

  /// The file of the losses lies beside the bundle's folder, which holds the bundle alone.
  private static func curves(of location: URL) -> URL { location.appendingPathExtension("losses.json") }

  /// Keeps a bundle, unless another run has put the same one there meanwhile: its processes may be reading it.
  package func add(_ bundle: ModelBundle, curves: [TrainingCurve] = [], at location: URL) throws {
    guard self.bundle(at: location) == nil else { return }
    do {
      // First, so that a bundle that is there has its losses.
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try JSONEncoder().encode(curves).write(to: Self.curves(of: location), options: .atomic)
      try bundle.write(to: location)
    } catch {
      guard self.bundle(at: location) != nil else { throw error }
    }
  }
}
