import CopurCore
import CopurDatasets

extension ModelBundle {
  /// The data that the bundle was trained on.
  ///
  /// - Throws: ``CopurError``: `.invalidData` if the bundle does not say which, or what is there is other data.
  func dataset(from directory: DataDirectory) throws -> Dataset {
    let source: DatasetSource
    do {
      source = try manifest.dataset.decoded(as: DatasetSource.self)
    } catch {
      throw CopurError(.invalidData, "the bundle does not say which data set it was trained on", cause: error)
    }
    let dataset = try source.load(from: directory, agents: roster.agents)
    guard dataset.digest == manifest.datasetDigest else {
      throw CopurError(
        .invalidData,
        "an agent reads the data that its model was trained on (SHA-256 of the model's: \(manifest.datasetDigest), found: \(dataset.digest))"
      )
    }
    return dataset
  }
}
