import CopurCore
import CopurFusionCenter
import Testing

@Suite struct JournalRegistryTests {
  /// A kind whose journals remember nothing but are of a name.
  private struct NamedKind: JournalKind {
    struct Reader: JournalReader {
      let name: String
      func forEachRound(session: String?, _ body: (JournalRound) throws -> Void) {}
      func verify() -> JournalReport { JournalReport() }
    }

    let scheme: String

    func journal(at location: JournalLocation, roster: AgentRoster) -> any Journal { MemoryJournal() }
    func reader(at location: JournalLocation) -> any JournalReader { Reader(name: "\(scheme) \(location.text)") }
  }

  private let registry = JournalRegistry([NamedKind(scheme: "first"), NamedKind(scheme: "postgresql")])

  /// Plain paths are the first kind's, and a scheme is what RFC 3986 calls one, in either case.
  @Test(arguments: [
    ("rounds", "first"), ("/a/b:c", "first"), ("./first:x", "first"), ("", "first"), ("1st:x", "first"),
    (":x", "first"), ("first:x", "first"), ("FIRST:x", "first"), ("postgresql://host/rounds", "postgresql"),
    ("PostgreSQL:", "postgresql"),
  ])
  func aKindIsFoundByItsScheme(_ text: String, _ scheme: String) async throws {
    let reader = try await registry.reader(at: JournalLocation(text))
    #expect(reader.name == "\(scheme) \(text)")
  }

  /// An error names the schemes, and not the password.
  @Test(arguments: ["mysql://user:secret@host/rounds", "rounds:1", "a+b-c.d:secret"])
  func anUnknownSchemeIsRefused(_ text: String) async throws {
    let location = JournalLocation(text)
    let scheme = try #require(location.scheme)
    for open in [
      { _ = try await registry.reader(at: location) }, { _ = try await registry.journal(at: location, roster: roster) },
    ] as [() async throws -> Void] {
      let error = await #expect(throws: CopurError.self) { try await open() }
      #expect(error?.code == .invalidArgument)
      #expect(
        error?.message == "a journal is a path, or a URL of the scheme first or postgresql; a file whose name has a "
          + "colon is ./NAME (actual scheme: \"\(scheme)\")")
    }
  }
}
