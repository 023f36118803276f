import CopurCore
import CopurDatasets
import Foundation
import Testing

/// An agent's own rows, however their bytes come.
struct OwnRowsReaderTests {
  private static let csv = "minute,b,extra,a\r\n3,1.5,x,\n4,-2,y,7\n5,nan,\"z, z\",8"
  private static let json = """
    {"minute": 3, "b": 1.5, "a": null, "extra": "x"}
    {"minute": 4, "b": -2, "a": 7}

    {"minute": 5, "b": null, "a": 8}
    """

  private func read(_ text: String, key: RowKey, pieces: Int) throws -> [OwnRow] {
    var reader = OwnRowsReader(name: "rows", columns: ["a", "b"], key: key)
    var rows: [OwnRow] = []
    let bytes = Data(text.utf8)
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + pieces)
      rows += try reader.read(bytes[start..<end])
      start = end
    }
    return try rows + reader.finish()
  }

  @Test("CSV and JSON lines say the same, in any pieces", arguments: [csv, json], [1, 2, 7, 1000])
  func pieces(_ text: String, _ pieces: Int) throws {
    let rows = try read(text, key: .number(column: "minute"), pieces: pieces)
    #expect(rows.map(\.sample) == [3, 4, 5])
    #expect(rows[1].values == [7, -2] && rows.allSatisfy { $0.time == nil })
    #expect(rows[0].values[0].isNaN && rows[0].values[1] == 1.5 && rows[2].values[0] == 8 && rows[2].values[1].isNaN)
    #expect(try read(text, key: .place, pieces: pieces).map(\.sample) == [0, 1, 2])
  }

  @Test("Times name samples: numbers, and dates with and without a zone")
  func times() throws {
    let text = """
      t,a,b
      2026-11-26T00:00:59Z,1,1
      2026-11-26 00:01:00,1,1
      2026-11-26T01:02:30.5+01:00,1,1
      1795651320,1,1
      """
    let origin = try #require(OwnRowsReader.seconds("2026-11-26T00:00:00Z"))
    let rows = try read(text, key: .time(column: "t", origin: origin, period: 60), pieces: 1000)
    #expect(rows.map(\.sample) == [0, 1, 2, 2])
    #expect(rows.map { $0.time! - origin } == [59, 60, 150.5, 120])
    #expect(OwnRowsReader.seconds("yesterday") == nil && OwnRowsReader.seconds("inf") == nil)
  }

  @Test(
    "What is wrong is said with its line",
    arguments: [
      ("", "rows: rows are CSV with a header"),
      ("minute,b\n1,2\n", "(missing: \"a\")"),
      ("b,a\n1,2\n", "(missing: \"minute\")"),
      ("minute,a,b\n1,2,3\n2,3,x\n", "rows:3: column \"b\": expected a finite number"),
      ("minute,a,b\n1,2,3\n2,3\n", "rows:3: a row has as many fields as the header"),
      ("minute,a,b\n-1,2,3\n", "rows:2: \"minute\": expected a sample's number, 0 or more (actual: \"-1\")"),
      ("minute,a,b\n1.5,2,3\n", "(actual: \"1.5\")"),
      ("{\"minute\": 1, \"a\": 1}\n", "rows:1: \"b\": expected a finite number or null (actual: no such key)"),
      ("{\"minute\": 1, \"a\": true, \"b\": 1}\n", "rows:1: \"a\": expected a finite number"),
      ("{\"minute\": 1, \"a\": \"2\", \"b\": 1}\n", "rows:1: \"a\": expected a finite number"),
      ("{\"a\": 1, \"b\": 1}\n", "rows:1: \"minute\": expected the row's key"),
      ("{\"minute\": 1, \"a\": 1, \"b\": 1}\n{\"minute\": 2,\n", "rows:2: expected a JSON object"),
    ])
  func wrong(_ text: String, _ message: String) throws {
    let error = #expect(throws: CopurError.self) { try read(text, key: .number(column: "minute"), pieces: 5) }
    #expect(error?.code == .invalidData && error?.message.contains(message) == true, "\(error!)")
  }
}
