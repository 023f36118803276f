internal import CopurAttacks
internal import CopurCore
internal import CopurDatasets
internal import CopurDefenses
internal import CopurExternal
internal import CopurLaunch
public import CopurReports
internal import CopurTraining
internal import Foundation

/// Runs a scenario: trains or reuses a bundle for each seed, plays each attack against each defence, and measures.
///
/// The same scenario and seed give the same predictions in this process and over the network: both compute embeddings,
/// attacks and decisions by the same code, row by row independent of batching.
public struct ScenarioRunner: Sendable {
  /// The scenario that is run.
  public let scenario: Scenario
  /// The way in which it is run, the machines, and what is written.
  public let options: RunOptions
  /// Called as things happen.
  public let observe: @Sendable (RunEvent) -> Void
  /// The data of the runs of a sweep.
  var datasets = LoadedDataset()

  /// - Parameter observe: Called as things happen.
  public init(scenario: Scenario, options: RunOptions, observe: @escaping @Sendable (RunEvent) -> Void = { _ in }) {
    self.scenario = scenario
    self.options = options
    self.observe = observe
  }

  /// Runs everything; results are written after each measurement, so that an interrupted run keeps what it has, and the same
  /// run in the same folder goes on from there. What is certified of the defences, against the sets that the attacks use and any one, two and three agents, is found before a
  /// bundle's attacks are played. The report is written at the end.
  ///
  /// - Returns: One row for each seed, attack and defence, and the predictions behind them.
  /// - Throws: ``CopurError``; `CancellationError`.
  public func run() async throws -> (results: [ResultRow], predictions: [PredictionRow]) {
    ExternalKinds.runBegan()
    defer { ExternalKinds.runEnded() }
    if options.mode == .network, let oracle = scenario.defenses.first(where: \.kind.isOracle) {
      throw CopurError(
        .configuration,
        "a defense that knows who lies is played in one process, with --in-process (actual: \"\(oracle.name)\" over the network)"
      )
    }
    if options.mode == .inProcess, scenario.timeline != nil {
      throw CopurError(
        .configuration,
        "a timeline is played on a running service: leave out --in-process (actual: a timeline in process)")
    }
    let dataset = try datasets.load(scenario, from: options.data)
    guard dataset.test.count > 0 else {
      throw CopurError(.configuration, "a scenario needs test rows to report on (\(dataset.name): 0)")
    }
    let notes = scenario.dataset.notes(of: dataset)
    for note in notes { observe(.noticed(note)) }
    var record = try RunRecord(scenario: scenario, options: options, dataset: dataset)
    record.notes = notes
    let folder = try options.output.map { try RunFolder(opening: $0) }
    if options.overwrites { try folder?.clear() }
    var earlier = try folder?.earlierRun(of: record, needsPredictions: options.writesPredictions)
    let pending = forgetUnfinished(in: &earlier)
    if let earlier {
      let finished = pending.isEmpty ? earlier.record.finished : nil
      observe(.continued(measured: earlier.results.count, total: total, finished: finished))
      if !earlier.certificates.isEmpty { observe(.certified(earlier.certificates)) }
      if finished != nil { return (earlier.results, earlier.predictions) }
      record = earlier.record
      record.finished = nil
    }
    try folder.map { try record.write(to: $0.url) }
    let collector = try ResultCollector(
      folder: folder, keepsPredictions: options.writesPredictions, earlier: earlier)
    for (seed, group) in pending {
      let (bundle, location) = try await bundle(of: group, for: dataset, seed: seed)
      record.bundles.append(
        try .init(
          seed: seed, defenses: group.defenses.map(\.name), bundle: bundle,
          curves: options.cache.curves(at: location), attacks: scenario.attacks))
      try folder.map { try record.write(to: $0.url) }
      if let choice = bundle.manifest.protection {
        observe(.chosen(seed: seed, defenses: group.defenses.map(\.name), choice))
      }
      let measured: @Sendable (ResultRow, [PredictionRow]) async throws -> Void = { row, predictions in
        var row = row
        row.warnings += BundleWarnings.warnings(of: row, beside: await collector.undefended(row, in: scenario))
        let completed = try await collector.add(row, predictions)
        observe(.measured(row, completed: completed, total: total))
      }
      for (_, certificates) in try certificates(of: group.defenses, in: bundle, for: dataset, seed: seed) {
        try await collector.add(certificates.results)
        observe(.certified(certificates.results))
      }
      if let timeline = scenario.timeline {
        try await play(
          TimelineTrials(
            scenario: scenario, timeline: timeline, dataset: dataset, defenses: group.defenses, bundle: bundle,
            seed: seed), bundleFolder: location, measured: measured)
      } else {
        try await play(
          SeedTrials(
            scenario: scenario, dataset: dataset, defenses: group.defenses, bundle: bundle, seed: seed,
            earlier: earlier?.results(seed: seed, defenses: group.defenses.map(\.name)) ?? []),
          bundleFolder: location, measured: measured)
      }
    }
    record.finished = RunRecord.now
    let everything = await collector.everything
    if let folder {
      try record.write(to: folder.url)
      try RunReport(record: record, rows: everything.results, certificates: await collector.certificates)
        .write(to: folder.url)
    }
    return everything
  }

  /// The number of measurements in all.
  private var total: Int {
    scenario.seeds.count * scenario.defenses.count * measurements
  }

  /// The number of measurements of a defence with one seed.
  private var measurements: Int { scenario.timeline?.segments.count ?? scenario.attacks.count }

  /// The measurements that an earlier run has not finished, in the order of a run: each seed with the defences of one
  /// bundle. Of those the run keeps the measurements alone, and of a timeline, which is played as a whole, nothing.
  private func forgetUnfinished(in earlier: inout EarlierRun?) -> [(seed: UInt64, group: ModelGroup)] {
    var pending: [(UInt64, ModelGroup)] = []
    for seed in scenario.seeds {
      for group in scenario.modelGroups {
        let defenses = group.defenses.map(\.name)
        if earlier?.results(seed: seed, defenses: defenses).count == defenses.count * measurements { continue }
        pending.append((seed, group))
        earlier?.forgetCertificates(seed: seed, defenses: defenses)
        if scenario.timeline != nil { earlier?.forgetResults(seed: seed, defenses: defenses) }
      }
    }
    return pending
  }

  private func play(
    _ trials: SeedTrials, bundleFolder: URL,
    measured: @escaping @Sendable (ResultRow, [PredictionRow]) async throws -> Void
  ) async throws {
    switch options.mode {
    case .inProcess: try await trials.play(on: InProcessStage(), mode: options.mode, measured: measured)
    case .network:
      var processes = try await processes(
        for: trials.bundle, in: bundleFolder, rows: trials.dataset.test.count, defenses: trials.defenses)
      processes.measuresDeadline = !scenario.rounds.isDeadlineGiven
      try await processes.run { [processes] stage, page in
        observe(.launched(seed: trials.seed, processes: processes.count, dashboard: page))
        try await trials.play(on: stage, mode: options.mode, measured: measured)
      } replayed: { trial, samples, late in
        observe(.replayed(attack: trial.attack.name, defense: trial.defense.name, samples: samples, late: late))
      }
    }
  }

  private func play(
    _ trials: TimelineTrials, bundleFolder: URL,
    measured: @escaping @Sendable (ResultRow, [PredictionRow]) async throws -> Void
  ) async throws {
    let processes = try await processes(
      for: trials.bundle, in: bundleFolder, rows: trials.dataset.test.count, defenses: trials.defenses)
    try await processes.run { stage, page in
      observe(.launched(seed: trials.seed, processes: processes.count, dashboard: page))
      try await trials.play(
        on: TimelineStage(center: stage.center, agents: stage.agents, roster: stage.roster), measured: measured)
    } replayed: { _, _, _ in
    }
  }

  private func processes(
    for bundle: ModelBundle, in folder: URL, rows: Int, defenses: [DefenseSpec]
  ) async throws -> SimulationProcesses {
    let launch = options.launch ?? scenario.launch
    let launcher = try await launch.launcher()
    if options.http != nil, !launcher.isLocal {
      throw CopurError(
        .configuration,
        "the dashboard of a run is served on this machine alone, by the launcher local (actual: \(launcher.name))")
    }
    return SimulationProcesses(
      launcher: launcher,
      agentsInProcess: launch.agentsInProcess(of: bundle.roster.count, hosts: launcher.hosts.count),
      executable: options.executable, bundle: bundle, bundleFolder: folder, rows: rows, rounds: scenario.rounds,
      defenses: defenses, data: options.namedDataFolder, scenarioFolder: options.data.scenarioFolder,
      logs: options.output?.appending(path: RunFolder.logsFolderName),
      startLimit: options.startLimit, name: scenario.name, http: options.http)
  }

  /// The bundle of a seed, and the folder that it is in, which processes read.
  func bundle(of group: ModelGroup, for dataset: Dataset, seed: UInt64) async throws -> (ModelBundle, URL) {
    let trainer = try group.trainer(
      for: scenario.name, source: try JSONValue(encoding: scenario.dataset), agents: dataset.roster.agents)
    let location = try options.cache.location(
      of: trainer, source: scenario.dataset, dataset: dataset, seed: seed)
    if let bundle = options.cache.bundle(at: location) {
      observe(
        .trained(seed: seed, modelVersion: bundle.modelVersion, code: bundle.manifold.codeWidth, reused: true))
      return (bundle, location)
    }
    let (observe, recorder) = (observe, TrainingRecorder())
    let bundle = try await trainer.train(on: dataset, seed: seed) { progress in
      recorder.observe(progress)
      observe(.training(seed: seed, progress))
    }
    try options.cache.add(bundle, curves: recorder.curves, at: location)
    observe(.trained(seed: seed, modelVersion: bundle.modelVersion, code: bundle.manifold.codeWidth, reused: false))
    return (bundle, location)
  }
}
