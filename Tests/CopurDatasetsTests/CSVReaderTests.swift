import CopurCore
import CopurDatasets
import Testing

struct CSVReaderTests {
  private func records(_ text: String) throws -> [[String]] {
    var reader = try CSVReader(file: "t.csv", bytes: Array(text.utf8))
    var records = [reader.columns]
    while try reader.next() { records.append(reader.columns.indices.map { reader.text($0) }) }
    return records
  }

  @Test(
    "Records, as RFC 4180 has them",
    arguments: [
      ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
      ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
      ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
      ("a,b\n,\n", [["a", "b"], ["", ""]]),
      ("a\n\"x,y\"\n", [["a"], ["x,y"]]),
      ("a,b\r\n\"x\r\ny\",\"\"\r\n", [["a", "b"], ["x\r\ny", ""]]),
      ("a\n\"say \"\"hi\"\"\"", [["a"], ["say \"hi\""]]),
      ("\u{FEFF}a\n1\n", [["a"], ["1"]]),
      ("a", [["a"]]),
    ])
  func records(text: String, expected: [[String]]) throws {
    #expect(try records(text) == expected)
  }

  @Test(
    "What breaks the format is named by file, line and rule",
    arguments: [
      ("", "t.csv: a header is expected"),
      ("a,a\n1,2\n", "t.csv: a column is named once in the header (twice: \"a\")"),
      ("a,b\n1,2\n1\n", "t.csv:3: a row has as many fields as the header (max: 2, actual: 1)"),
      ("a,b\n1,2,3\n", "t.csv:2: a row has as many fields as the header (max: 2, actual: 3)"),
      ("a,b\n\"1,2\n", "t.csv:2: a quoted field ends with a quote"),
      ("a,b\n\"1\"x,2\n", "t.csv:2: after a closing quote comes a comma"),
      ("a,b\n\"1\n\",2\n3\n", "t.csv:4: a row has as many fields"),
    ])
  func errors(text: String, message: String) {
    let error = #expect(throws: CopurError.self) { try records(text) }
    #expect(error?.code == .invalidData)
    #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error))")
  }

  @Test(
    "Numbers, and what is none",
    arguments: [("1.5", 1.5), ("-0", 0), ("1e3", 1000), (".5", 0.5), ("5.", 5), ("+2", 2)] as [(String, Float)])
  func numbers(text: String, expected: Float) throws {
    var reader = try CSVReader(file: "t.csv", bytes: Array("a,b\n\(text),x\n".utf8))
    #expect(try reader.next())
    #expect(try reader.number(0) == expected)
  }

  @Test(
    "No number is repaired",
    arguments: ["x", "1x", "1.2.3", "1e", "1e+", "--1", " 1", "1 ", "inf", "1e39", "-1e400", "0x10", ".", "-", "nano"])
  func noNumbers(text: String) throws {
    var reader = try CSVReader(file: "t.csv", bytes: Array("a,b\n1,\(text)\n".utf8))
    #expect(try reader.next())
    let error = #expect(throws: CopurError.self) { try reader.number(1) }
    let rule = "expected a finite number, nothing or nan, NA, N/A, null, none, ?"
    #expect(error?.message == "t.csv:2: column \"b\": \(rule) (actual: \"\(text)\")")
  }

  @Test("Missing values are NaN", arguments: ["", "nan", "NaN"])
  func missing(text: String) throws {
    var reader = try CSVReader(file: "t.csv", bytes: Array("a,b\n\(text),1\n".utf8))
    #expect(try reader.next())
    #expect(try reader.number(0).isNaN)
  }
}
