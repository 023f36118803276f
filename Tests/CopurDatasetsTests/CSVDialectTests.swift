import CopurCore
import CopurDatasets
import Foundation
import Testing

/// Tables as other systems write them.
struct CSVDialectTests {
  private func read(_ text: String, _ dialect: CSVDialect = CSVDialect()) throws -> (CSVReader, [[Float]]) {
    var reader = try CSVReader(file: "t", bytes: Array(text.utf8), dialect: dialect)
    var rows: [[Float]] = []
    while try reader.next() { rows.append(try reader.columns.indices.map { try reader.number($0) }) }
    return (reader, rows)
  }

  @Test(
    "The same table in every dialect, guessed",
    arguments: [
      "a,b\n1.5,-2\n3,4.25\n", "a;b\r\n1,5;-2\r\n3;4,25\r\n", "a;b\n1.5;-2\n3;4.25\n", "a\tb\n1.5\t-2\n3\t4.25\n",
      "a|b\n1.5|-2\n3|4.25", "a,b\r1.5,-2\r3,4.25\r", "\u{FEFF}a,b\r\n1.5,-2\r\n3,4.25\r\n\r\n\r\n",
      "a,b\n1.5,-2\n3,4.25\n\n",
      "\"a\";\"b\"\n\"1,5\";-2\n3;\"4,25\"\n",
    ])
  func guessed(_ text: String) throws {
    let (reader, rows) = try read(text)
    #expect(reader.columns == ["a", "b"] && rows == [[1.5, -2], [3, 4.25]], "\(rows)")
  }

  @Test("What was said counts for more than a guess")
  func given() throws {
    var dialect = CSVDialect()
    dialect.separator = .comma
    #expect(try read("a;b,c\n1,2\n", dialect).0.columns == ["a;b", "c"])
    dialect.separator = .semicolon
    dialect.decimal = .point
    #expect(throws: CopurError.self) { try read("a;b\n1,5;2\n", dialect) }
    dialect.decimal = .comma
    #expect(try read("a;b\n1,5;2\n", dialect).1 == [[1.5, 2]])
    // A point in a number with decimal commas is none of its digits.
    #expect(throws: CopurError.self) { try read("a;b\n1.234,5;2\n", dialect) }
  }

  @Test("Words for a missing value, in any case; others are errors that name them")
  func missing() throws {
    let (_, rows) = try read("a,b\nNA,nan\nn/a,NULL\nNone,?\n,1\n")
    #expect(rows.dropLast().joined().allSatisfy(\.isNaN) && rows[3][1] == 1)
    let error = #expect(throws: CopurError.self) { try read("a,b\n-,1\n") }
    #expect(error?.message.contains("column \"a\": expected a finite number, nothing or nan, NA") == true)
    var dialect = CSVDialect()
    dialect.missing = ["-"]
    #expect(try read("a,b\n-,1\n", dialect).1[0][0].isNaN)
    #expect(throws: CopurError.self) { try read("a,b\nNA,1\n", dialect) }
  }

  @Test("Blank lines are no rows at the end alone; unnamed columns have a name; UTF-16 is refused by name")
  func others() throws {
    #expect(throws: CopurError.self) { try read("a,b\n1,2\n\n3,4\n") }
    #expect(try read("a\n\n1\n").1.count == 2)
    #expect(try read(",a,\n0,1,2\n").0.columns == ["unnamed:1", "a", "unnamed:3"])
    let error = #expect(throws: CopurError.self) {
      try CSVReader(file: "t", bytes: [0xFF, 0xFE, 0x61, 0x00])
    }
    #expect(error?.message == "t: a table is text in UTF-8 (actual: UTF-16)")
  }

  @Test("A guess is said, and what is usual is not; a table with a dialect says it in the bundle")
  func said() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func table(_ lines: [String]) throws -> CSVTable {
      let file = folder.appending(path: "t.csv")
      try Data(lines.joined(separator: "\n").utf8).write(to: file)
      return CSVTable(
        file: file.path, label: "y", classes: ["0", "1"], trainRows: 2,
        agents: [.init(name: try AgentID("p"), columns: ["a"]), .init(name: try AgentID("q"), columns: ["b"])])
    }
    func notes(_ table: CSVTable) throws -> [String] {
      try DatasetSource(table).load(from: DataDirectory(explicit: folder.path, environment: [:])).notes
    }
    #expect(try notes(table(["a,b,y", "1,2,0", "2,3,1", "3,5,0"])) == [])
    var semicolons = try table(["a;b;y", "1;2,5;0", "2;3;1", "3;5;", "3;5;NA", "3;4;1"])
    let found = try notes(semicolons)
    #expect(found.count == 2 && found[0].contains("separator semicolon and decimal commas"))
    #expect(found[1].contains("2 rows have no label"))
    semicolons.dialect.separator = .semicolon
    semicolons.dialect.decimal = .comma
    #expect(try notes(semicolons).count == 1)
    let copy = try JSONDecoder().decode(CSVTable.self, from: JSONEncoder().encode(semicolons))
    #expect(copy == semicolons)
    // The label among an agent's columns: every prediction would be read off it.
    let leak = CSVTable(
      file: semicolons.file, label: "y", classes: ["0", "1"], trainRows: 2,
      agents: [.init(name: try AgentID("p"), columns: ["a", "y"]), .init(name: try AgentID("q"), columns: ["b"])])
    let error = #expect(throws: CopurError.self) { try notes(leak) }
    #expect(error?.code == .invalidArgument && error?.message.contains("agent p: \"y\"") == true)
  }
}
