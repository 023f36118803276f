import CopurDeploy
import Testing

struct ManifestValueTests {
  @Test("Keys keep their order, and what is nil is left out")
  func order() throws {
    var value: ManifestValue = .map(["z": "last", "none": nil, "a": 1])
    value["b"] = ["x", true, []]
    #expect(try ManifestValue.yaml([value]) == "z: last\na: 1\nb:\n- x\n- true\n- []\n")
  }

  @Test("Several documents are divided")
  func documents() throws {
    #expect(try ManifestValue.yaml([["a": 1], ["b": 2]]) == "a: 1\n---\nb: 2\n")
  }

  @Test(
    "A text that some reader of YAML takes for something else is quoted",
    arguments: [
      "on", "Yes", "n", "NULL", "true", "1e3", "0x1F", "0o7", "1_000", ".inf", "12:30:45", "2001-01-01", "~", "",
      "a: b", "- a",
      "*a", "&a", "a #b", "{a}", "0.1.0", "--key", "a:b", "e:",
    ])
  func quoted(_ text: String) throws {
    #expect(try ManifestValue.yaml([["key": .text(text)]]) == "key: \"\(text)\"\n")
  }

  @Test(
    "Other texts are plain", arguments: ["top-left", "/etc/copur", "apps/v1", "https://copur:8001", "Ordinary.name_1"])
  func plain(_ text: String) throws {
    #expect(try ManifestValue.yaml([["key": .text(text)]]) == "key: \(text)\n")
  }

  @Test("A key is set in its place, put last, or removed")
  func keys() {
    var value: ManifestValue = ["a": 1, "b": 2]
    value["a"] = 3
    value["c"] = 4
    value["b"] = nil
    #expect(value == ["a": 3, "c": 4] && value["b"] == nil)
  }
}
