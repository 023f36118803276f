import CopurCore
import CopurLearning
import CopurNumerics
import Foundation
import Testing

@Suite("ModelBundle")
struct BundleTests {
  private func bundle(
    _ kind: String, further trainings: [FusionTraining] = [], others: [NamedPart] = []
  ) throws -> ModelBundle {
    var generator = SeededGenerator(seed: 1)
    let agents = try ["acc", "time"].map { try AgentID($0) }
    let layout = BlockLayout(widths: [4, 4])
    let manifold: any Manifold
    switch kind {
    case "network":
      let bent = try Architecture(
        inputWidth: 2,
        layers: [
          .init("hidden", DenseSpecification(outputs: 6)), .init("bend", ActivationSpecification(.tanh)),
          .init("output", DenseSpecification(outputs: 8)),
        ])
      manifold = NetworkManifold(
        encoder: try Network(Architecture(widths: [8, 2], hidden: .identity), using: &generator),
        decoder: try Network(bent, using: &generator), layout: layout,
        embeddings: generator.normalMatrix(rows: 50, columns: 8))
    case "linear":
      manifold = try LinearManifold(
        fitting: generator.normalMatrix(rows: 50, columns: 8), layout: layout, dimension: 2)
    default:
      let network = DenseNetwork(widths: [8, 6, 2, 6, 8], hidden: .leakyReLU(slope: 0.8), using: &generator)
      manifold = AutoencoderManifold(
        network: network, layout: layout, embeddings: generator.normalMatrix(rows: 50, columns: 8))
    }
    return try ModelBundle(
      manifest: BundleManifest(
        name: "small", agents: agents.map { .init(name: $0, features: 3, embedding: 4) }, classes: ["no", "yes"],
        seed: 1, candidates: [.init(code: 2, clean: 0.9, corrupted: 0.1, corruptedWithoutGate: 0)],
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
      }, others: others)
  }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-bundle-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test(
    "what was written is read again, and writing over it replaces it whole",
    arguments: [
      "linear", "autoencoder", "network",
    ])
  func roundTrip(kind: String) throws {
    try withFolder { folder in
      let original = try bundle(kind)
      try original.write(to: folder)
      try original.write(to: folder)
      let read = try ModelBundle(reading: folder)
      #expect(read.manifest == original.manifest)
      #expect(read.extractors.areEqual(to: original.extractors) && read.manifest.manifold == kind)
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
      let original = try bundle("linear", further: trainings)
      try original.write(to: folder)
      let read = try ModelBundle(reading: folder)
      #expect(read.furtherModels == original.furtherModels && read.manifest == original.manifest)
      #expect(read.furtherModels.map(\.training) == trainings)
      for (index, training) in trainings.enumerated() {
        #expect(read.furtherModel(training) == original.furtherModels[index])
      }
      #expect(
        read.furtherModel(.ablation(settings: AblationTrainingSettings(keep: 2, null: .learned, epochs: 3))) == nil)
      let plain = try bundle("linear")
      #expect(plain.furtherModels.isEmpty && plain.modelVersion != original.modelVersion)
      try plain.write(to: folder)
      let text = try String(contentsOf: folder.appending(path: ModelBundle.manifestFile), encoding: .utf8)
      #expect(!text.contains("further"))
    }
  }

  @Test("further models that cannot be: more agents kept than there are, a target that is no class")
  func impossibleFurtherModels() throws {
    for training: FusionTraining in [
      .ablation(settings: AblationTrainingSettings(keep: 3)), .ablation(settings: AblationTrainingSettings(keep: 0)),
      .adversarial(settings: AdversarialTrainingSettings(goal: .targeted(label: 2))),
    ] {
      let error = #expect(throws: CopurError.self) { try bundle("linear", further: [training]) }
      #expect(error?.code == .invalidData)
    }
  }

  /// A part that the module does not know: a threshold that some defence of a user's own has learned.
  private struct Threshold: BundlePart, Equatable {
    static let kind = "threshold"
    var limits: [Float]
    var name: String

    init(limits: [Float], name: String) {
      self.limits = limits
      self.name = name
    }

    init(from reader: PartReader) throws {
      limits = try reader.vector("limits", count: reader.classes)
      name = try reader.setting("name", as: String.self)
    }

    func write(to writer: inout PartWriter) throws {
      writer.write(limits, "limits")
      try writer.set("name", to: name)
    }
  }

  @Test("a part of another kind is read by whoever knows the kind, and refused elsewhere with the kinds that there are")
  func otherParts() throws {
    let threshold = Threshold(limits: [0.25, 3], name: "strict")
    try withFolder { folder in
      let original = try bundle("linear", others: [NamedPart("purifier.mine", threshold)])
      try original.write(to: folder)
      let read = try ModelBundle(reading: folder, kinds: .builtIn.adding([Threshold.self]))
      #expect(read.part("purifier.mine") as? Threshold == threshold && read.manifest == original.manifest)
      let error = #expect(throws: CopurError.self) { try ModelBundle(reading: folder) }
      #expect(error?.description.contains("(\"purifier.mine\": \"threshold\")") == true)
    }
    for name in ["manifold", "", "a/b"] {
      let error = #expect(throws: CopurError.self) { try bundle("linear", others: [NamedPart(name, threshold)]) }
      #expect(error?.message.contains("no two the same (actual: \"\(name)\")") == true)
    }
  }

  @Test("parts that are missing or of another kind are named")
  func unfit() throws {
    let whole = try bundle("linear")
    for (parts, message) in [
      (whole.parts.filter { $0.name != "fusion.joint" }, "a bundle has a part \"fusion.joint\" (it is missing)"),
      (
        whole.parts.filter { $0.name != "manifold" } + [NamedPart("manifold", whole.jointModel)],
        "part \"manifold\" is a manifold (actual: fusion-model)"
      ),
    ] {
      let error = #expect(throws: CopurError.self) { try ModelBundle(manifest: whole.manifest, parts: parts) }
      #expect(error?.code == .invalidData && error?.message == message)
    }
    var manifest = whole.manifest
    manifest.agents[1].geometry = .grid(rows: 2, columns: 2, channels: 1)
    let error = #expect(throws: CopurError.self) { try ModelBundle(manifest: manifest, parts: whole.parts) }
    #expect(error?.message.contains("\"time\" leads from 3 features (2 × 2 × 1)") == true)
    manifest.agents[1].geometry = .grid(rows: 1, columns: 1, channels: 3)
    try withFolder { folder in
      let images = try ModelBundle(manifest: manifest, parts: whole.parts)
      try images.write(to: folder)
      #expect(try ModelBundle(reading: folder).manifest == images.manifest)
    }
  }

  @Test("a folder that holds anything but a bundle is left alone, even beside one")
  func otherFiles() throws {
    // It was replaced as a whole, so that `copur train --out .` deleted whatever lay there.
    try withFolder { folder in
      let bundle = try bundle("linear")
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
      try bundle("linear").write(to: folder)
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
