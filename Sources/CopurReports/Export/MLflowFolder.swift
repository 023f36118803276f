internal import CopurCore
public import Foundation

/// A folder as MLflow keeps its runs in files (`file:FOLDER`): an experiment for each scenario, a run for each seed.
public enum MLflowFolder {
  /// Adds runs.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path, also where the same run is there already.
  public static func write(_ runs: [RunReport], to folder: URL) throws -> Int {
    var count = 0
    for run in runs {
      let experiment = SHA256Digest.hexadecimal(of: Data(run.record.scenario.utf8)).digits(18)
      let place = folder.appending(path: experiment)
      do {
        try make(place)
        // Always the same for a scenario, whichever run came first.
        try write(
          """
          artifact_location: \(quoted(place.absoluteURL.absoluteString))
          creation_time: \(milliseconds(run.record.started))
          experiment_id: '\(experiment)'
          last_update_time: \(milliseconds(run.record.started))
          lifecycle_stage: active
          name: \(quoted(run.record.scenario))

          """, to: place.appending(path: "meta.yaml"))
        for scalars in RunScalars.all(of: run) {
          try write(run, scalars, experiment: experiment, to: place)
          count += 1
        }
      } catch let error as CopurError {
        throw error
      } catch {
        throw CopurError(.cannotCreate, "\(place.relativePath): runs cannot be written", cause: error)
      }
    }
    return count
  }

  private static func write(
    _ run: RunReport, _ scalars: RunScalars, experiment: String, to folder: URL
  ) throws {
    let (record, seed) = (run.record, scalars.seed)
    let identity = "\(record.title)\n\(seed)\n\(record.datasetDigest)\n\(milliseconds(record.started))"
    let id = String(SHA256Digest.hexadecimal(of: Data(identity.utf8)).prefix(32))
    let place = folder.appending(path: id)
    guard !FileManager.default.fileExists(atPath: place.path) else {
      throw CopurError(.cannotCreate, "\(place.relativePath): a run is exported once, and this one is there")
    }
    let begin = milliseconds(record.started)
    for name in ["artifacts", "metrics", "params", "tags"] { try make(place.appending(path: name)) }
    // The numbers of a metric are lines of one file, whose path is the metric's name.
    for (name, values) in Dictionary(grouping: scalars.scalars, by: \.name) {
      let file = place.appending(path: "metrics/\(name)")
      try make(file.deletingLastPathComponent())
      try write(values.map { "\(begin) \($0.value) \($0.step)\n" }.joined(), to: file)
    }
    let parameters = [
      "dataset": record.dataset, "mode": record.mode.rawValue, "seed": "\(seed)", "train_rows": "\(record.trainRows)",
      "test_rows": "\(record.testRows)", "point": record.point, "settings": record.settings?.joined(separator: " "),
    ].compactMapValues { $0 }
    for (key, value) in parameters { try write(value, to: place.appending(path: "params/\(key)")) }
    let tags = [
      "mlflow.runName": "\(record.title), seed \(seed)", "mlflow.user": "copur", "mlflow.source.name": record.command,
      "mlflow.source.git.commit": record.commit, "copur.version": record.copurVersion,
      "copur.dataset_digest": record.datasetDigest,
    ].compactMapValues { $0 }
    for (key, value) in tags { try write(value, to: place.appending(path: "tags/\(key)")) }
    // Last, so that a run that MLflow sees is whole. Status 3: finished; 4: failed.
    try write(
      """
      artifact_uri: \(quoted(place.appending(path: "artifacts").absoluteURL.absoluteString))
      end_time: \(milliseconds(record.finished ?? record.started))
      entry_point_name: ''
      experiment_id: '\(experiment)'
      lifecycle_stage: active
      run_id: \(id)
      run_name: \(quoted("\(record.title), seed \(seed)"))
      run_uuid: \(id)
      source_name: ''
      source_type: 4
      source_version: ''
      start_time: \(begin)
      status: \(record.finished == nil ? 4 : 3)
      tags: []
      user_id: copur

      """, to: place.appending(path: "meta.yaml"))
  }

  private static func milliseconds(_ date: Date) -> Int { Int(date.timeIntervalSince1970 * 1000) }

  private static func make(_ folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private static func write(_ text: String, to file: URL) throws {
    try Data(text.utf8).write(to: file, options: .atomic)
  }

  /// A text in YAML's single quotes; line ends become spaces.
  private static func quoted(_ text: String) -> String {
    "'" + String(text.map { $0.isNewline ? " " : $0 }).replacing("'", with: "''") + "'"
  }
}

extension String {
  /// The first so many decimal digits that hexadecimal ones give: MLflow's experiments have numbers.
  fileprivate func digits(_ count: Int) -> String {
    String(utf8.prefix(count).map { Character("\(Int($0) % 10)") })
  }
}
