import CopurCore
import Testing

/// Texts for other readers: durations, words of a command, fields of a CSV file.
struct TextTests {
  @Test(
    "A duration is a decimal number and one of the units that it may have",
    arguments: [
      ("250ms", 0.25), ("1.5s", 1.5), ("2m", 120), ("12h", 43_200), ("30d", 2_592_000), ("1e3s", 1000), ("-1s", -1),
      ("5", nil), ("ms", nil), ("0x10s", nil), ("infs", nil), ("nand", nil), ("1e400s", nil), ("1 s", nil), ("5w", nil),
    ] as [(String, Double?)])
  func durations(_ text: String, _ seconds: Double?) {
    #expect(DurationText.seconds(text, units: DurationText.Unit.allCases) == seconds)
  }

  @Test("A unit that it may not have is none")
  func units() {
    #expect(DurationText.seconds("5ms", units: [.seconds, .minutes]) == nil)
    #expect(DurationText.seconds("5h", units: [.milliseconds, .seconds, .minutes]) == nil)
  }

  @Test("A word has quotation marks where a shell would read it otherwise without")
  func words() {
    #expect(ShellWord.typed("results/run-1,a=b") == "results/run-1,a=b")
    #expect(ShellWord.typed("it's here") == #"'it'\''s here'"#)
    #expect(ShellWord.typed("") == "''" && ShellWord.typed("$HOME") == "'$HOME'" && ShellWord.typed("a;b") == "'a;b'")
    #expect(ShellWord.quoted("plain") == "'plain'")
  }

  @Test(
    "A field of a CSV file has quotation marks if it has to",
    arguments: [
      ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""),
      ("two\r\nlines", "\"two\r\nlines\""),
      ("a;b", "a;b"), ("", ""),
    ])
  func fields(_ text: String, _ field: String) {
    #expect(CSVText.field(text) == field)
  }

  @Test("A field has them for any separator that a reader may guess")
  func separators() {
    #expect(
      CSVText.field("a;b", separators: ",;\t") == "\"a;b\"" && CSVText.field("a\tb", separators: ",;\t") == "\"a\tb\"")
  }
}
