import CopurAttacks
import CopurCore
import CopurDatasets
import CopurDefenses
import CopurScenarios
import Foundation
import Testing

struct ScenarioLoadingTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func write(_ text: String, to name: String) throws -> String {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  private func scenario(_ name: String, dataset: String) -> String {
    "name: \(name)\ndataset: \(dataset)\nattacks: [{ name: clean }]\n"
  }

  private var data: DataDirectory { DataDirectory(roots: [folder.appending(path: "data").path]) }

  /// Two scenarios and a file that names both, beside or below it.
  private func writeEither() throws -> String {
    _ = try write(scenario("first", dataset: "{ kind: extrasensory, user: AB, label: X }"), to: "sub/first.yaml")
    _ = try write(scenario("second", dataset: "{ kind: extrasensory, user: CD, label: X }"), to: "second.yaml")
    return try write("either: [sub/first.yaml, second.yaml]\n", to: "either.yaml")
  }

  @Test("Of several scenarios the first whose data is found is taken")
  func either() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = try writeEither()
    _ = try write("", to: "data/extrasensory/CD.features_labels.csv")
    #expect(try Scenario.load(path, data: data).name == "second")
    _ = try write("", to: "data/extrasensory/AB.features_labels.csv")
    #expect(try Scenario.load(path, data: data).name == "first")
  }

  @Test("A file may be named by its absolute path, too")
  func absolutePath() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let inside = try write(scenario("inside", dataset: "{ kind: extrasensory, user: AB, label: X }"), to: "in.yaml")
    _ = try write("", to: "data/extrasensory/AB.features_labels.csv")
    #expect(try Scenario.load(write("either: [\(inside)]\n", to: "sub/either.yaml"), data: data).name == "inside")
  }

  @Test("If no data is found, each scenario says what it misses")
  func eitherWithoutData() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = try writeEither()
    let error = #expect(throws: CopurError.self) { try Scenario.load(path, data: data) }
    #expect(error?.code == .missingInput)
    for part in ["either.yaml: none", "sub/first.yaml: no file", "AB.features", "second.yaml: no file", "CD.features"] {
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
  }

  @Test("A wrong scenario is found even if another one would be taken, and is named")
  func eitherWithError() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = try writeEither()
    _ = try write("", to: "data/extrasensory/AB.features_labels.csv")
    _ = try write("name: x\ndatset: y\n", to: "second.yaml")
    let error = #expect(throws: CopurError.self) { try Scenario.load(path, data: data) }
    #expect(error?.code == .configuration)
    #expect(error?.message.contains("second.yaml:2:1: error: unknown key \"datset\"") == true)
    _ = try write("either: [first.yaml]\n", to: "second.yaml")
    let nested = #expect(throws: CopurError.self) { try Scenario.load(path, data: data) }
    #expect(nested?.message.contains("second.yaml:1:1: error: a scenario that \"either:\" names") == true)
  }

  @Test(
    "What is wrong with an \"either\"",
    arguments: [
      ("either: []", 1, 9, "at least one"), ("either: none.yaml", 1, 9, "expected a list of scenario files"),
      ("either:\n  - none.yaml", 2, 5, "no such file"), ("either: [a]\nname: b", 2, 1, "unknown key \"name\""),
    ])
  func eitherErrors(text: String, line: Int, column: Int, message: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = try write(text, to: "either.yaml")
    let error = #expect(throws: CopurError.self) { try Scenario.load(path, data: data) }
    #expect(error?.code == .configuration)
    #expect(error?.message.hasPrefix("\(path):\(line):\(column): error: ") == true, "\(error?.message ?? "")")
    #expect(error?.message.contains(message) == true)
  }

  @Test("A file that is not there, is too long, or is no text")
  func unreadable() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let missing = #expect(throws: CopurError.self) {
      try Scenario.load(folder.appending(path: "none.yaml").path, data: data)
    }
    #expect(missing?.code == .missingInput)
    let long = try write(String(repeating: "#", count: 2 << 20), to: "long.yaml")
    #expect(#expect(throws: CopurError.self) { try Scenario.load(long, data: data) }?.code == .invalidData)
    let binary = folder.appending(path: "binary.yaml")
    try Data([0xFF, 0xFE, 0x80]).write(to: binary)
    #expect(#expect(throws: CopurError.self) { try Scenario.load(binary.path, data: data) }?.code == .invalidData)
  }
}

/// The scenarios that the project ships.
struct ShippedScenarioTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "scenarios")

  @Test("Each one is right", arguments: ["extrasensory/quick.yaml", "fashion-mnist/quick.yaml"])
  func right(name: String) throws {
    let path = Self.folder.appending(path: name).path
    let scenario = try Scenario(parsing: ScenarioDocument(contentsOf: path))
    #expect(
      scenario.attacks.map(\.name) == [
        "clean", "flip", "pgd", "missing and flip", "any one agent, worst of 20 replays", "any one agent, adaptive",
      ])
    #expect(scenario.defenses.map(\.name) == ["unsecured", "manifold-projection", "copur", "agent-vote"])
    #expect(scenario.seeds == [0])
    #expect(scenario.agents == scenario.dataset.agents)
  }

  /// But for those that repeat what the paper and its reference code did, and those that drive a running service.
  @Test(
    "Each has an attacker who knows the defence and picks the worst agent for each sample, and the worst of 20 replays")
  func anyAgent() throws {
    let files = [
      "extrasensory/adaptive", "extrasensory/adaptive-baselines", "extrasensory/quick", "extrasensory/robustness",
      "extrasensory/worst-agents", "fashion-mnist/quick", "fashion-mnist/robustness",
    ]
    for file in files {
      let path = Self.folder.appending(path: "\(file).yaml").path
      let scenario = try Scenario(parsing: ScenarioDocument(contentsOf: path))
      let any = scenario.attacks.filter { $0.search?.budget == 1 && $0.search?.candidates == scenario.agents }
      #expect(any.contains { $0.knowledge == .defense }, "\(file)")
      #expect(any.contains { ($0.search?.attack as? Replay)?.donors == 20 }, "\(file)")
    }
  }

  @Test("Every file is a scenario, or names some; its name is its place's")
  func all() throws {
    let files = try #require(FileManager.default.enumerator(at: Self.folder, includingPropertiesForKeys: nil))
      .compactMap { $0 as? URL }.filter { $0.pathExtension == "yaml" && $0.lastPathComponent != "quickstart.yaml" }
    #expect(files.count >= 9)
    for file in files {
      let scenario = try ScenarioOrSweep(parsing: ScenarioDocument(contentsOf: file.path)).first
      let place = file.deletingLastPathComponent().lastPathComponent
      #expect(scenario.name == "\(place)-\(file.deletingPathExtension().lastPathComponent)")
    }
  }

  @Test("The paper's tables: its twelve rows, its eight columns, five seeds")
  func tables() throws {
    let path = Self.folder.appending(path: "extrasensory/tables.yaml").path
    let scenario = try Scenario(parsing: ScenarioDocument(contentsOf: path))
    #expect(scenario.attacks.count == 12 && scenario.seeds == [0, 1, 2, 3, 4])
    #expect(
      Set(scenario.defenses.map(\.kind.kind))
        == Set(KindRegistry.defenses.names).subtracting([
          "copur-smoothing", "copur-schedule", "copur-relaxed", "agent-vote", "double-masking", "auto", "external",
        ]))
    // Agent 10 of the paper is the last one, 7 the audio.
    let attack = try #require(scenario.attacks.first { $0.name == "7 miss, 10 targeted" })
    #expect(attack.missing == [scenario.agents[6]] && attack.compromised == [scenario.agents[9]])
    let trainings = scenario.modelGroups.flatMap(\.furtherTrainings)
    #expect(
      trainings.contains(.ablation(settings: AblationTrainingSettings(keep: 4)))
        && trainings.contains(.adversarial(settings: AdversarialTrainingSettings(goal: .targeted(label: nil))))
        && trainings.count == 5)
    // The paper's training for all but copur and its oracle, which share another.
    let groups = scenario.modelGroups
    #expect(groups.count == 2 && Set(groups[1].defenses.map(\.name)) == ["copur", "oracle"])
    #expect(groups[0].training.alternatives.isEmpty && groups[1].training.alternatives.count == 2)
  }

  @Test("The adaptive one attacks agent 10 and agents 8 to 10 in the same ways, five times")
  func adaptive() throws {
    let path = Self.folder.appending(path: "extrasensory/adaptive.yaml").path
    let scenario = try Scenario(parsing: ScenarioDocument(contentsOf: path))
    #expect(
      scenario.seeds.count == 5
        && scenario.defenses.map(\.name)
          == ["unsecured", "manifold-projection", "copur-paper", "copur-no-gate", "copur"]
    )
    let of = Dictionary(grouping: scenario.attacks.filter { !$0.isClean && $0.search == nil }) {
      $0.compromised.map(\.name)
    }
    #expect(Set(of.keys) == [["time"], ["phone", "environment", "time"]])
    #expect(of[["time"]]?.map(\.kinds) == of[["phone", "environment", "time"]]?.map(\.kinds))
  }

  @Test("The quickstart takes ExtraSensory if it is there, else Fashion-MNIST")
  func quickstart() throws {
    let data = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: data) }
    func add(_ name: String) throws {
      let url = data.appending(path: name)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: url)
    }
    let path = Self.folder.appending(path: "quickstart.yaml").path
    let directory = DataDirectory(roots: [data.path])
    for file in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] {
      try add("fashion-mnist/\(file)-ubyte.gz")
    }
    #expect(try Scenario.load(path, data: directory).name == "fashion-mnist-quick")
    try add("extrasensory/0BFC35E2-4817-4865-BFA7-764742302A2D.features_labels.csv.gz")
    #expect(try Scenario.load(path, data: directory).name == "extrasensory-quick")
  }
}
