import CopurCore
import CopurDefenses
import CopurFusionCenter
import Foundation
import Logging

/// Reads a fusion center's bundle again and, if it is sound and fits, has the center decide by it from then on.
///
/// A bundle fits if everything that agents compute is the same: agents, widths and extractors, bit for bit, and the
/// classes. Then embeddings mean the same to the old model and to the new one, and agents of either version go on. A
/// bundle with other extractors needs its agents to be started with it, and so does the fusion center.
struct BundleReload: Sendable {
  let folder: URL
  let defenses: [DefenseSpec]
  /// The bundle that the fusion center was started with.
  let first: ModelBundle
  let center: FusionCenter
  let logger: Logger

  /// Reads, checks and exchanges; whatever is wrong, the old model stays, and the log says why.
  func callAsFunction() async {
    do {
      // Off the caller's thread: reading takes a while.
      let bundle = try await Task.detached { try ModelBundle(reading: folder) }.value
      guard bundle.modelVersion != center.model.version else {
        return logger.info("the bundle is the one that is served", metadata: ["version": "\(bundle.modelVersion)"])
      }
      try check(bundle)
      try center.reload(
        roster: bundle.roster, version: bundle.modelVersion,
        defenses: try defenses.map { try $0.make(from: bundle) })
      center.watch(for: bundle)
      logger.tellChoice(of: bundle, by: defenses)
    } catch {
      logger.error(
        "the bundle is refused: the old model stays",
        metadata: ["error": "\(error)", "version": "\(center.model.version)"])
    }
  }

  private func check(_ bundle: ModelBundle) throws {
    guard bundle.manifest.classes == first.manifest.classes else {
      throw CopurError(
        .configuration,
        "a model is exchanged for one of the same classes (served: \(first.manifest.classes), new: "
          + "\(bundle.manifest.classes))")
    }
    guard bundle.roster == first.roster, bundle.extractors.areEqual(to: first.extractors) else {
      throw CopurError(
        .configuration,
        "a model is exchanged for one of the same agents and extractors: agents of another model would send embeddings "
          + "that mean something else (served: \(first.modelVersion), new: \(bundle.modelVersion))")
    }
  }
}
