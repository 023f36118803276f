internal import CopurCore
internal import CopurNumerics
public import CopurReports
public import Foundation

/// Runs a sweep: a scenario for each point, in a folder each.
///
/// A sweep that was interrupted goes on where it was, and points that failed are tried again. Points with the same training
/// share their bundles through the cache.
public struct SweepRunner: Sendable {
  /// The sweep.
  public let sweep: Sweep
  /// The options of every point's run; their output is the folder of the sweep, or of the shard.
  public let options: RunOptions
  /// The part of it that is run; nil for all.
  public let shard: Shard?
  /// Called as things happen.
  public let observe: @Sendable (RunEvent) -> Void

  /// - Parameters:
  ///   - options: How each point is run.
  ///   - shard: The part of it that is run; nil for all.
  ///   - observe: Called as things happen.
  public init(
    sweep: Sweep, options: RunOptions, shard: Shard? = nil, observe: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) {
    self.sweep = sweep
    self.options = options
    self.shard = shard
    self.observe = observe
  }

  /// Runs every point that is not finished. Tables, record and report are written after each.
  ///
  /// - Parameter folder: The folder of the sweep, or of the shard.
  /// - Returns: The points that are finished.
  /// - Throws: ``CopurError``: `.cannotCreate` if the folder holds something else; at the end, with the first failure's code,
  ///   if points failed. `CancellationError`.
  public func run(in url: URL) async throws -> SweepReport {
    let folder = try SweepFolder(opening: url)
    if options.overwrites { try folder.clear() }
    var record = self.record
    if let earlier = try folder.earlierSweep(of: record) {
      record = earlier
      record.finished = nil
    }
    try record.write(to: url)
    let datasets = LoadedDataset()
    var failures: [(point: String, error: any Error)] = []
    for (index, point) in sweep.points.enumerated() where !record.points[index].seeds.isEmpty {
      if isFinished(record.points[index], in: folder) { continue }
      observe(.point(point.name, number: index + 1, of: sweep.points.count))
      (record.points[index].isFinished, record.points[index].failure) = (false, nil)
      do {
        try await run(point, seeds: record.points[index].seeds, in: folder, datasets: datasets)
        record.points[index].isFinished = true
      } catch {
        // What ends a run that is told to stop is no failure of the point.
        try Task.checkCancellation()
        if error is CancellationError { throw error }
        failures.append((point.name, error))
        record.points[index].failure = Self.words(error)
        observe(.failed(point: point.name, error))
      }
      try record.write(to: url)
      try folder.write(SweepReport(record, in: url))
    }
    if record.points.allSatisfy({ $0.isFinished || $0.seeds.isEmpty }) { record.finished = RunRecord.now }
    try record.write(to: url)
    let report = try SweepReport(record, in: url)
    try folder.write(report)
    guard let first = failures.first else { return report }
    throw CopurError(
      (first.error as? CopurError)?.code ?? .software,
      "\(failures.count) of \(record.points.count { !$0.seeds.isEmpty }) points failed: "
        + failures.map(\.point).joined(separator: " ") + "; the same command tries them again")
  }

  private func run(_ point: Sweep.Point, seeds: [UInt64], in folder: SweepFolder, datasets: LoadedDataset) async throws
  {
    var options = options
    options.output = folder.point(point.name)
    // The sweep's own folder was looked at before.
    options.overwrites = false
    options.command = options.command.map { "\($0) --point \(point.name)" }
    options.shard = shard.map { ($0, point.scenario.seeds) }
    var runner = ScenarioRunner(scenario: point.scenario.withSeeds(seeds), options: options, observe: observe)
    runner.datasets = datasets
    _ = try await runner.run()
  }

  /// Whether an earlier run has measured all of a point.
  private func isFinished(_ point: SweepRecord.Point, in folder: SweepFolder) -> Bool {
    let url = folder.point(point.name)
    guard point.isFinished, let record = try? RunRecord(reading: url), record.finished != nil else { return false }
    return !options.writesPredictions
      || FileManager.default.fileExists(atPath: url.appending(path: RunFolder.predictionsFileName).path)
  }

  /// The record of a sweep that begins.
  private var record: SweepRecord {
    var unit = 0
    let points = sweep.points.map { point in
      var seeds: [UInt64] = []
      for seed in point.scenario.seeds {
        if shard?.contains(unit) ?? true { seeds.append(seed) }
        unit += 1
      }
      return SweepRecord.Point(name: point.name, values: point.values, seeds: seeds)
    }
    return SweepRecord(
      copurVersion: copurVersionString, commit: options.commit, command: options.command,
      machine: RunRecord.Machine(
        blas: ComputeKernel.library, kernel: ComputeKernel.current, instructions: ComputeKernel.instructions),
      scenario: sweep.name, scenarioText: sweep.source, settings: sweep.settings, mode: options.mode,
      seeds: sweep.points[0].scenario.seeds, shard: shard, axes: sweep.axes, points: points)
  }

  private static func words(_ error: any Error) -> String {
    let text = (error as? CopurError)?.message ?? "\(error)"
    return String(text.split(separator: "\n").first ?? "")
  }
}
