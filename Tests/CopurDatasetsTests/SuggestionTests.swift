import CopurDatasets
import Testing

struct SuggestionTests {
  @Test(
    "Near names, nearest first",
    arguments: [
      ("copr", ["copur"]), ("unsecurd", ["unsecured"]), ("COPUR", ["copur"]), ("quantum", []), ("", []),
      ("manifold_projection", ["manifold-projection"]),
    ])
  func near(written: String, expected: [String]) {
    #expect(Suggestion.names(like: written, in: ["unsecured", "manifold-projection", "copur"]) == expected)
  }

  @Test("The clause for a message")
  func clause() {
    #expect(Suggestion.clause(for: "bath", in: ["batch", "path"]) == "; did you mean \"batch\" or \"path\"?")
    #expect(Suggestion.clause(for: "xyz", in: ["embedding"]) == "")
  }
}
