import CopurCore
import CopurLearning
import CopurNumerics
import Foundation
import Testing

@Suite("ModelBundle")
struct BundleTests {
  private func bundle(
    _ kind: BundleManifest.ManifoldKind, further trainings: [FusionTraining] = []
  ) throws -> ModelBundle {
    var generator = SeededGenerator(seed: 1)
    let agents = try ["acc", "time"].map { try AgentID($0) }
    let layout = BlockLayout(widths: [4, 4])
    let manifold: any Manifold
    switch kind {
    case .linear:
      manifold = try LinearManifold(
        fitting: generator.normalMatrix(rows: 50, columns: 8), layout: layout, dimension: 2)
    case .autoencoder:
      let network = DenseNetwork(widths: [8, 6, 2, 6, 8], hidden: .leakyReLU(slope: 0.8), using: &generator)
      manifold = AutoencoderManifold(
        network: network, layout: layout, embeddings: generator.normalMatrix(rows: 50, columns: 8))
    }
    return try ModelBundle(
      manifest: BundleManifest(
        name: "small", agents: agents.map { .init(name: $0, features: 3, embedding: 4) }, classes: ["no", "yes"],
        seed: 1, manifold: kind, candidates: [.init(code: 2, clean: 0.9, corrupted: 0.1, corruptedWithoutGate: 0)],
        leverage: [.init(corrupted: 1, bound: 0.25, attained: 0.5)],
        calibration: .init(
          falseAlarmRate: 0.01, rows: 9, reconstruction: .init(value: 1.5, rate: 0.99, confidence: 0.1)),
        settings: .object(["learning_rate": .number(0.005), "epochs": .number(100)]), dataset: .string("toy"),
        datasetDigest: "00"),
      extractors: agents.map { _ in
        NetworkExtractor(
          standardizer: Standardizer(means: [1, 2, 3], standardDeviations: [1, 0.5, 3]),
          network: DenseNetwork(widths: [3, 4], hidden: .identity, using: &generator))
      },
      manifold: manifold,
      jointModel: FusionModel(
        network: DenseNetwork(widths: [8, 5, 1], hidden: .leakyReLU(slope: 0.9), using: &generator), classes: 2),
      purifiedModel: FusionModel(
        network: DenseNetwork(widths: [8, 5, 1], hidden: .relu, using: &generator), classes: 2),
      calibration: Calibration(
        profiles: agents.map { _ in
          EmbeddingProfile(
            centre: [1, 2, 3, 4], axes: Matrix([[1, 0, 0, 0], [0, 1, 0, 0]]), scales: [1, 0.5], units: [3, 2, 0.1])
        },
        gateLimits: [1.5, .greatestFiniteMagnitude], residualLimits: [1, 2], gatedResidualLimits: [3, 4]),
      furtherModels: trainings.map { training in
        let network = DenseNetwork(widths: [8, 4, 1], hidden: .relu, using: &generator)
        var null: [Float]?
        if case .ablation = training { null = (0..<8).map { Float($0) } }
        return FurtherModel(training: training, model: FusionModel(network: network, classes: 2), null: null)
      })
  }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-bundle-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test(
    "what was written is read again, and writing over it replaces it whole",
    arguments: [
      BundleManifest.ManifoldKind.linear, .autoencoder,
    ])
  func roundTrip(kind: BundleManifest.ManifoldKind) throws {
    try withFolder { folder in
      let original = try bundle(kind)
      try original.write(to: folder)
      try original.write(to: folder)
      let read = try ModelBundle(reading: folder)
      #expect(read.manifest == original.manifest)
      #expect(read.extractors == original.extractors)
      #expect(read.jointModel == original.jointModel && read.purifiedModel == original.purifiedModel)
      #expect(read.calibration == original.calibration)
      let codes = Matrix([[1, -1]])
      #expect(read.manifold.decode(codes) == original.manifold.decode(codes))
      #expect(read.manifold.blockScale == original.manifold.blockScale)
    }
  }

  @Test("further fusion models are read again, with how each was trained; a bundle without any says nothing of them")
  func furtherModels() throws {
    let trainings: [FusionTraining] = [
      .ablation(settings: AblationTrainingSettings(keep: 1, null: .learned, epochs: 3)),
      .adversarial(settings: AdversarialTrainingSettings(goal: .targeted(label: 1), learningRate: 0.5)),
      .adversarial(settings: AdversarialTrainingSettings(goal: .untargeted, isBlockwise: true, direction: .normalized)),
    ]
    try withFolder { folder in
      let original = try bundle(.linear, further: trainings)
      try original.write(to: folder)
      let read = try ModelBundle(reading: folder)
      #expect(read.furtherModels == original.furtherModels && read.manifest == original.manifest)
      #expect(read.manifest.furtherModels == trainings)
      for (index, training) in trainings.enumerated() {
        #expect(read.furtherModel(training) == original.furtherModels[index])
      }
      #expect(
        read.furtherModel(.ablation(settings: AblationTrainingSettings(keep: 2, null: .learned, epochs: 3))) == nil)
      let plain = try bundle(.linear)
      #expect(plain.manifest.furtherModels == nil && plain.modelVersion != original.modelVersion)
      try plain.write(to: folder)
      let text = try String(contentsOf: folder.appending(path: ModelBundle.manifestFile), encoding: .utf8)
      #expect(!text.contains("furtherModels"))
    }
  }

  @Test("further models that cannot be: more agents kept than there are, a target that is no class")
  func impossibleFurtherModels() throws {
    for training: FusionTraining in [
      .ablation(settings: AblationTrainingSettings(keep: 3)), .ablation(settings: AblationTrainingSettings(keep: 0)),
      .adversarial(settings: AdversarialTrainingSettings(goal: .targeted(label: 2))),
    ] {
      let error = #expect(throws: CopurError.self) { try bundle(.linear, further: [training]) }
      #expect(error?.code == .invalidData)
    }
  }

  @Test("a folder that holds anything but a bundle is left alone, even beside one")
  func otherFiles() throws {
    // It was replaced as a whole, so that `copur train --out .` deleted whatever lay there.
    try withFolder { folder in
      let bundle = try bundle(.linear)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try bundle.write(to: folder)
      let other = folder.appending(path: "notes.txt")
      try Data("precious".utf8).write(to: other)
      let error = try #require(throws: CopurError.self) { try bundle.write(to: folder) }
      #expect(error.code == .cannotCreate && error.message.contains("(also there: \"notes.txt\")"))
      #expect(try Data(contentsOf: other) == Data("precious".utf8))
      #expect(try ModelBundle(reading: folder).manifest == bundle.manifest)
    }
  }

  @Test("a bundle that was changed on disk is refused, byte by byte of the weights' end and key by key of the JSON")
  func changedOnDisk() throws {
    try withFolder { folder in
      try bundle(.linear).write(to: folder)
      let weights = folder.appending(path: ModelBundle.weightsFile)
      let whole = try Data(contentsOf: weights)
      for index in [0, 9, whole.count / 2, whole.count - 1] {
        var changed = whole
        changed[index] ^= 1
        try changed.write(to: weights)
        let error = try #require(throws: CopurError.self) { try ModelBundle(reading: folder) }
        #expect(error.code == .invalidData && error.message.contains("was changed"))
      }
      try whole.write(to: weights)
      let manifest = folder.appending(path: ModelBundle.manifestFile)
      let text = try String(contentsOf: manifest, encoding: .utf8)
      for (old, new) in [("\"yes\"", "\"not\""), ("0.005", "0.006"), ("\"seed\" : 1", "\"seed\" : 2")] {
        #expect(text.contains(old))
        try text.replacingOccurrences(of: old, with: new).write(to: manifest, atomically: true, encoding: .utf8)
        let error = try #require(throws: CopurError.self) { try ModelBundle(reading: folder) }
        #expect(error.code == .invalidData && error.message.contains("was changed"))
      }
      try "{".write(to: manifest, atomically: true, encoding: .utf8)
      #expect(throws: CopurError.self) { try ModelBundle(reading: folder) }
    }
  }

  @Test("a bundle that is not there is a missing input")
  func absent() throws {
    try withFolder { folder in
      let error = try #require(throws: CopurError.self) { try ModelBundle(reading: folder) }
      #expect(error.code == .missingInput)
    }
  }
}
