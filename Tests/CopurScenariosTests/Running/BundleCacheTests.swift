import CopurCore
import CopurDatasets
import CopurNumerics
import CopurReports
import CopurScenarios
import CopurTraining
import Foundation
import Synchronization
import Testing

struct BundleCacheTests {
  @Test(
    "Where the cache is: XDG's variable if it is an absolute path, else under the home folder",
    arguments: [("/var/x", "/var/x/copur/bundles"), ("relative", nil), ("", nil), (nil, nil)] as [(String?, String?)])
  func folder(variable: String?, expected: String?) {
    let home = FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache/copur/bundles").path
    let cache = BundleCache(environment: variable.map { ["XDG_CACHE_HOME": $0] } ?? [:])
    #expect(cache.folder.path == expected ?? home)
  }

  /// The inputs of a bundle.
  private struct Inputs {
    var training = TrainingSettings()
    var manifold = ManifoldSettings()
    var source = DatasetSource(ImageDataset(collection: .mnist))
    var further: [FusionTraining] = []
    var protection: Protection?
    var seed: UInt64 = 0
    var digest = "digest"
    var agents = ["a", "b"]
  }

  private func location(_ inputs: Inputs) throws -> String {
    let roster = try AgentRoster(agents: inputs.agents.map { try AgentID($0) }, widths: [6, 6])
    let rows = LabelledRows(features: Matrix(rows: 10, columns: 12), labels: [Int](repeating: 0, count: 10))
    let dataset = Dataset(
      name: "test", roster: roster, featureNames: (0..<12).map { "x\($0)" }, classNames: ["low", "high"], train: rows,
      test: rows, digest: inputs.digest)
    return try BundleCache(folder: URL(filePath: "/cache")).location(
      of: BundleTrainer(
        name: "test", training: inputs.training, manifold: inputs.manifold, further: inputs.further,
        protection: inputs.protection, source: .null), source: inputs.source, dataset: dataset, seed: inputs.seed
    ).path
  }

  @Test("Whatever goes into a bundle moves its place; nothing else does")
  func keys() throws {
    let changes: [(inout Inputs) -> Void] = [
      { $0.seed = 1 }, { $0.digest = "other" }, { $0.agents = ["b", "a"] },
      { $0.training.embedding = 31 }, { $0.training.epochs = 99 }, { $0.training.batch = 63 },
      { $0.training.learningRate = 0.1 }, { $0.training.hidden = 15 }, { $0.training.slope = 0.8 },
      { $0.training.optimizer = .adam }, { $0.training.fusion.epochs = 99 },
      { $0.training.fusion.learningRate = 0.1 }, { $0.training.validationRows = 10 },
      { $0.further = [.ablation(settings: AblationTrainingSettings(keep: 1))] },
      { $0.further = [.ablation(settings: AblationTrainingSettings(keep: 2))] },
      { $0.further = [.adversarial(settings: AdversarialTrainingSettings(goal: .untargeted))] },
      { $0.protection = Protection(threat: Threat(any: 1), cost: 0.05) },
      { $0.protection = Protection(threat: Threat(any: 2), cost: 0.05) },
      { $0.training.extractor = .voters }, { $0.manifold.kind = AutoencoderManifold.Settings() },
      { $0.manifold.code = 2 },
      { $0.manifold.kind = AutoencoderManifold.Settings(hidden: 100) },
      { $0.manifold.kind = AutoencoderManifold.Settings(slope: 0.1) },
      { $0.manifold.kind = AutoencoderManifold.Settings(epochs: 9) },
      { $0.manifold.kind = AutoencoderManifold.Settings(learningRate: 0.1) },
      { $0.source = DatasetSource(ImageDataset(collection: .mnist, testRows: 5)) },
    ]
    let base = try location(Inputs())
    #expect(try location(Inputs()) == base)
    #expect(base.hasPrefix("/cache/"))
    let places = try changes.map { change in
      var inputs = Inputs()
      change(&inputs)
      return try location(inputs)
    }
    #expect(Set(places + [base]).count == changes.count + 1)
  }

  /// Whether a run found its bundle in the cache.
  private func isReused(_ images: SyntheticImages) async throws -> Bool? {
    let reused = Mutex<Bool?>(nil)
    let runner = ScenarioRunner(scenario: try images.scenario(), options: images.options()) { event in
      if case .trained(_, _, _, let found) = event { reused.withLock { $0 = found } }
    }
    _ = try await runner.run()
    return reused.withLock { $0 }
  }

  @Test(
    "A second run takes the bundle from the cache; one that was damaged is removed, and trained again",
    arguments: ["weights.safetensors", "bundle.json"])
  func damaged(file: String) async throws {
    let images = try SyntheticImages()
    #expect(try await isReused(images) == false)
    #expect(try await isReused(images) == true)
    let folders = try FileManager.default.contentsOfDirectory(
      at: images.folder.appending(path: "cache"), includingPropertiesForKeys: nil
    ).filter { $0.pathExtension != "json" }  // A bundle's losses are beside it.
    #expect(folders.count == 1)
    let damaged = try #require(folders.first)
    var bytes = try Data(contentsOf: damaged.appending(path: file))
    bytes.removeLast(8)
    try bytes.write(to: damaged.appending(path: file))
    #expect(BundleCache(folder: images.folder).bundle(at: damaged) == nil)
    #expect(!FileManager.default.fileExists(atPath: damaged.path))
    #expect(try await isReused(images) == false)
    #expect(try await isReused(images) == true)
  }

  @Test("A bundle that another run has put there meanwhile stays: its processes may be reading it")
  func twoRuns() async throws {
    let training = TrainingSettings(
      embedding: 3, epochs: 1, batch: 16, hidden: 8, fusion: TrainingSettings.Fusion(epochs: 1))
    let bundle = try await BundleTrainer(
      name: "test", training: training, manifold: ManifoldSettings(kind: .linear, code: 2), source: .null
    ).train(on: SyntheticRows.dataset(), seed: 0)
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-cache-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = BundleCache(folder: folder)
    let location = folder.appending(path: "bundle")
    func file() throws -> Int? {
      let path = location.appending(path: ModelBundle.weightsFile).path
      return try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
    }
    try cache.add(bundle, at: location)
    let first = try file()
    try cache.add(bundle, at: location)
    #expect(try first != nil && file() == first)
    #expect(cache.bundle(at: location)?.modelVersion == bundle.modelVersion)
  }
}
