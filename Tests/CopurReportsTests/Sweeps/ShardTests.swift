import CopurCore
import CopurReports
import Foundation
import Testing

/// The division of work among machines.
struct ShardTests {
  @Test("Every division has each unit once, in parts that differ by one at most", arguments: 0...40)
  func partition(units: Int) throws {
    for count in 1...45 {
      let shards = try (1...count).map { try Shard($0, of: count) }
      let parts = shards.map { shard in (0..<units).filter { shard.contains($0) } }
      #expect(parts.flatMap { $0 }.sorted() == Array(0..<units))
      let sizes = parts.map(\.count)
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }
  }

  @Test(
    "A shard is i/n, and nothing else",
    arguments: ["0/3", "4/3", "1/0", "-1/3", "1", "1/2/3", "a/b", "", "1/100001", "/"])
  func refused(text: String) {
    let error = #expect(throws: CopurError.self) { try Shard.parsing(text, environment: [:]) }
    #expect(error?.code == .invalidArgument && error?.message.contains("a shard is i/n") == true)
  }

  @Test("The task of a job array, whatever its first number and its step are")
  func jobArray() throws {
    func environment(_ task: Int, from first: Int, count: Int, step: Int? = nil) -> [String: String] {
      var variables = [
        "SLURM_ARRAY_TASK_ID": "\(task)", "SLURM_ARRAY_TASK_MIN": "\(first)", "SLURM_ARRAY_TASK_COUNT": "\(count)",
      ]
      variables["SLURM_ARRAY_TASK_STEP"] = step.map { "\($0)" }
      return variables
    }
    #expect(try Shard.parsing("auto", environment: [:]) == nil)
    #expect(try Shard.parsing("2/3", environment: environment(5, from: 1, count: 60)) == Shard(2, of: 3))
    for word in ["auto", "slurm"] {
      #expect(try Shard.parsing(word, environment: environment(3, from: 1, count: 60)) == Shard(3, of: 60))
      #expect(try Shard.parsing(word, environment: environment(0, from: 0, count: 4)) == Shard(1, of: 4))
      #expect(try Shard.parsing(word, environment: environment(14, from: 10, count: 3, step: 2)) == Shard(3, of: 3))
      // Numbers with gaps, as of --array=1,5,9, say no division.
      for (task, step) in [(9, nil), (2, 4), (-3, 2)] as [(Int, Int?)] {
        let error = #expect(throws: CopurError.self) {
          try Shard.parsing(word, environment: environment(task, from: 1, count: 3, step: step))
        }
        #expect(error?.message.contains("numbered without gaps") == true)
      }
    }
    let error = #expect(throws: CopurError.self) { try Shard.parsing("slurm", environment: [:]) }
    #expect(error?.message.contains("SLURM_ARRAY_TASK_ID") == true)
  }

  @Test("Shards have folders of their own, of one division")
  func folders() throws {
    let run = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: run) }
    let first = try Shard(1, of: 3).folder(in: run)
    #expect(first.lastPathComponent == "1-of-3")
    try FileManager.default.createDirectory(at: first, withIntermediateDirectories: true)
    #expect(try Shard(3, of: 3).folder(in: run).lastPathComponent == "3-of-3")
    let error = #expect(throws: CopurError.self) { try Shard(1, of: 4).folder(in: run) }
    #expect(error?.code == .cannotCreate && error?.message.contains("\"1-of-3\", actual: 1/4") == true)
  }

  @Test("A record keeps a shard as text")
  func coding() throws {
    let shard = try Shard(3, of: 60)
    #expect(try String(decoding: JSONEncoder().encode([shard]), as: UTF8.self) == #"["3\/60"]"#)
    #expect(try JSONDecoder().decode([Shard].self, from: Data(#"["3/60"]"#.utf8)) == [shard])
    for text in ["\"auto\"", "\"61/60\"", "3"] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode([Shard].self, from: Data("[\(text)]".utf8)) }
    }
  }
}
