import CopurCore
import CopurDatasets
import Testing

struct DataDirectoryTests {
  @Test("The folder asked for comes first, then the environment's, then the system's")
  func order() throws {
    let folder = try TemporaryFolder()
    let asked = try DataDirectory(explicit: folder.path, environment: ["COPUR_DATA": "/data/of/mine"])
    #expect(asked.roots == [folder.path, "/data/of/mine", "/usr/share/datasets"])
    #expect(try DataDirectory(environment: ["COPUR_DATA": ""]).roots == ["/usr/share/datasets"])
  }

  @Test("A folder asked for by name has to be there")
  func missingFolder() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: CopurError.self) {
      try DataDirectory(explicit: "\(folder.path)/none", environment: [:])
    }
    #expect(error?.code == .missingInput)
    #expect(error?.message.contains("\(folder.path)/none") == true)
  }

  @Test("A file is taken from the first root that has it; packed before plain")
  func search() throws {
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    let source = DatasetSource(ExtraSensory(user: "AB", label: "SITTING"))
    let directory = DataDirectory(roots: ["\(first.path)/none", first.path, second.path])

    let error = #expect(throws: CopurError.self) { try source.files(in: directory) }
    let message = error?.message ?? ""
    #expect(message.contains("\(first.path)/none (no such folder)"))
    for folder in [first.path, second.path] {
      #expect(message.contains("\(folder)/extrasensory/AB.features_labels.csv.gz"))
      #expect(message.contains("\(folder)/extrasensory/AB.features_labels.csv\n"))
    }

    let plain = try second.write([], to: "extrasensory/AB.features_labels.csv")
    #expect(try source.files(in: directory) == [plain])
    let packed = try second.write([], to: "extrasensory/AB.features_labels.csv.gz")
    #expect(try source.files(in: directory) == [packed])
    let earlier = try first.write([], to: "extrasensory/AB.features_labels.csv")
    #expect(try source.files(in: directory) == [earlier])
  }

  /// A scenario with data beside it was played from inside its folder alone; elsewhere a file of the same name in the
  /// working directory would have been taken for its data.
  @Test(
    "A file that a scenario names is looked for beside the scenario, then under the roots; an absolute one at its place"
  )
  func besideTheScenario() throws {
    let (project, root) = (try TemporaryFolder(), try TemporaryFolder())
    func source(_ file: String) throws -> DatasetSource {
      DatasetSource(
        CSVTable(
          file: file, label: "y", classes: ["a", "b"], trainRows: 1,
          agents: [.init(name: try AgentID("x"), columns: ["x"])]))
    }
    let directory = DataDirectory(roots: [root.path], scenarioFolder: project.path)

    let error = #expect(throws: CopurError.self) { try source("own.csv").files(in: directory) }
    let message = error?.message ?? ""
    let places = ["\(project.path)/own.csv\n", "\(project.path)/own.csv.gz\n", "  own.csv\n", "\(root.path)/own.csv\n"]
    for place in places { #expect(message.contains(place), "\(place) in \(message)") }

    let below = try root.write([], to: "own.csv")
    #expect(try source("own.csv").files(in: directory) == [below])
    let beside = try project.write([], to: "own.csv.gz")
    #expect(try source("own.csv").files(in: directory) == [beside])
    #expect(try source(below).files(in: directory) == [below])
    let absolute = #expect(throws: CopurError.self) { try source("\(root.path)/none.csv").files(in: directory) }
    #expect(absolute?.message.contains(project.path) == false)
  }
}
