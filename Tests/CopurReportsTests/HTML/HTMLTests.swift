import CopurReports
import Testing

struct HTMLTests {
  @Test("Text and attributes are escaped, wherever they come from")
  func escaping() {
    let hostile = "<script>alert(\"a\" & 'b')</script>"
    let piece = HTML("p", ["title": hostile]) { hostile }
    let escaped = "&lt;script&gt;alert(&quot;a&quot; &amp; &#39;b&#39;)&lt;/script&gt;"
    #expect(piece.markup == "<p title=\"\(escaped)\">\(escaped)</p>\n")
  }

  @Test("What no markup can hold is replaced", arguments: ["\u{0}", "\u{1}", "\u{1B}", "\r", "\u{7F}", "\u{FFFE}"])
  func controlCharacters(character: String) {
    #expect(HTML("b") { "a\(character)b" }.markup == "<b>a\u{FFFD}b</b>")
  }

  @Test("Attributes without a value are left out; elements that hold nothing are one tag where HTML has them so")
  func elements() {
    #expect(HTML("td", ["class": nil, "id": "a"]).markup == "<td id=\"a\"></td>\n")
    #expect(HTML("meta", ["charset": "utf-8"]).markup == "<meta charset=\"utf-8\"/>\n")
  }

  @Test("Pieces are built from conditions, loops and values")
  func builder() {
    let numbers = [1, 2, 3]
    let none: HTML? = nil
    let piece = HTML("span") {
      for number in numbers where number != 2 { "\(number)" }
      if numbers.isEmpty { "none" } else { HTML("b") { "some" } }
      none
    }
    #expect(piece.markup == "<span>13<b>some</b></span>")
  }
}
