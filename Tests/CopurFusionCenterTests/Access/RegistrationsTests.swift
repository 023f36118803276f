import CopurCore
import CopurFusionCenter
import Testing

/// The authorities that may name each agent.
@Suite struct RegistrationsTests {
  private static let (one, two) = (String(repeating: "1a", count: 32), String(repeating: "2b", count: 32))

  private func access(_ text: String, trustDomain: String = Principal.defaultTrustDomain) throws -> AccessControl {
    AccessControl(
      identification: .certificates(trustDomain: trustDomain) { _ in nil },
      registrations: try Registrations(text, path: "r"), logger: quietLogger)
  }

  private func refusal(
    _ access: AccessControl, _ uri: String, _ fingerprints: [String]
  ) -> AccessRefusal? {
    do {
      try access.check(
        .http("GET /nothing"), credentials: PeerCredentials(uris: [uri], fingerprints: fingerprints), peer: "")
    } catch .unknownEndpoint {
      return nil
    } catch {
      return error
    }
    return nil
  }

  @Test func anotherPartysAuthorityMayNotNameAnAgent() throws {
    // Any of several trusted authorities could once speak as anybody's agent.
    let colons = stride(from: 0, to: 64, by: 2).map { String(Self.one.uppercased().dropFirst($0).prefix(2)) }
    let access = try access(
      """
      # parties
      agent a \(colons.joined(separator: ":"))
      agent b \(Self.two)

      client * \(Self.one)
      client special \(Self.two)
      """)
    let leaf = String(repeating: "0", count: 64)
    #expect(refusal(access, "spiffe://copur/agent/a", [leaf, Self.one]) == nil)
    #expect(
      refusal(access, "spiffe://copur/agent/a", [leaf, Self.two])
        == .notRegistered(Principal(role: .agent, name: "a"), fingerprint: leaf))
    #expect(refusal(access, "spiffe://copur/agent/b", [leaf, Self.two]) == nil)
    #expect(refusal(access, "spiffe://copur/agent/c", [leaf, Self.two])?.reason == "not-registered")
    #expect(refusal(access, "spiffe://copur/client/x", [Self.one]) == nil)
    // Who has a line of its own is no longer one of all.
    #expect(refusal(access, "spiffe://copur/client/special", [Self.one])?.reason == "not-registered")
    #expect(refusal(access, "spiffe://copur/admin/x", [Self.one])?.reason == "not-registered")
    #expect(refusal(access, "spiffe://copur/agent/a", [])?.reason == "not-registered")
    #expect(access.refusals.map(\.reason) == ["not-registered", "unknown-endpoint"])
    access.replace(registrations: try Registrations("agent a \(Self.two)", path: "r"))
    #expect(refusal(access, "spiffe://copur/agent/a", [Self.two]) == nil)
    #expect(refusal(access, "spiffe://copur/agent/a", [Self.one])?.reason == "not-registered")
  }

  @Test func namesAreOfTheTrustDomain() throws {
    let access = try access("agent a \(Self.one)", trustDomain: "lab.example")
    #expect(refusal(access, "spiffe://lab.example/agent/a", [Self.one]) == nil)
    #expect(refusal(access, "spiffe://copur/agent/a", [Self.one])?.reason == "no-principal")
    #expect(!Principal.isTrustDomain("") && !Principal.isTrustDomain("A") && !Principal.isTrustDomain("a/b"))
  }

  @Test(
    arguments: [
      "agent a", "agent a 1a2b", "operator a \(one)", "agent a/b \(one)", "agent a \(one) \(two)", "agent ** \(one)",
      "",
      "# nothing", "agent a \(String(repeating: "g", count: 64))",
    ])
  func whatIsNoRegistrationIsSaidWithItsLine(_ text: String) throws {
    let error = #expect(throws: CopurError.self) { try Registrations("\n\(text)", path: "parties.txt") }
    #expect(error?.code == .configuration && error?.message.hasPrefix("parties.txt:") == true)
  }
}
