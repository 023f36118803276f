import CopurCore
import CopurFusionCenter
import CopurServing
import Foundation
import Testing

struct BearerTokensTests {
  private static let text = """
    # monitoring
    viewer prometheus 0123456789abcdef

    client app  fedcba9876543210
    """

  @Test(
    "A token is its principal's, as a bearer's and as a password",
    arguments: [
      ("Bearer 0123456789abcdef", Principal(role: .viewer, name: "prometheus")),
      ("bearer fedcba9876543210", Principal(role: .client, name: "app")),
      ("Basic \(Data("x:0123456789abcdef".utf8).base64EncodedString())", Principal(role: .viewer, name: "prometheus")),
      ("Bearer 0123456789abcdee", nil), ("Bearer ", nil), ("Bearer", nil), ("", nil), ("Basic !", nil),
      ("Digest 0123456789abcdef", nil),
    ])
  func principals(_ header: String, _ expected: Principal?) throws {
    let tokens = try BearerTokens(Self.text, path: "tokens")
    #expect(tokens.principal(authorization: header) == expected)
  }

  @Test(
    "A line that is none is named by its number, without its token",
    arguments: [
      "viewer prometheus", "agent acc 0123456789abcdef", "nobody x 0123456789abcdef", "viewer prometheus short",
    ])
  func badLines(_ line: String) throws {
    let error = #expect(throws: CopurError.self) { try BearerTokens("\n\(line)", path: "tokens") }
    #expect(error?.code == .configuration)
    #expect(error?.message.hasPrefix("tokens:2: a line is a role") == true)
  }

  @Test("A token opens what its role may, and nothing is open without one")
  func routes() async throws {
    let tokens = try BearerTokens(Self.text, path: "tokens")
    try await withPlane(tokens: tokens) { url, _ async throws in
      #expect(try await get("v2/health/live", of: url).status == 200)
      #expect(try anonymousStatus("v2", of: url) == 401)
      #expect(try await get("metrics", of: url, token: "0123456789abcdef").status == 200)
      let body = #"{"inputs":[]}"#
      #expect(try await post("v2/models/fusion/infer", body, of: url, token: "0123456789abcdef").status == 403)
      #expect(try await post("v2/models/fusion/infer", body, of: url, token: "fedcba9876543210").status == 400)
    }
  }

  @Test("A token that was taken out of the file opens nothing once it is read again; a broken file leaves the old ones")
  func readAgain() throws {
    // Certificates were read again on SIGHUP, and tokens were not: a revoked one still worked.
    let file = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    func write(_ text: String) throws { try Data(text.utf8).write(to: file) }
    try write("viewer a aaaaaaaaaaaaaaaa\nclient b bbbbbbbbbbbbbbbb\n")
    let tokens = try BearerTokens(reading: file.path)
    #expect(tokens.principal(authorization: "Bearer aaaaaaaaaaaaaaaa")?.name == "a")
    try write("client b bbbbbbbbbbbbbbbb\nclient c cccccccccccccccc\n")
    try tokens.readAgain()
    #expect(tokens.principal(authorization: "Bearer aaaaaaaaaaaaaaaa") == nil)
    #expect(tokens.principal(authorization: "Bearer cccccccccccccccc")?.name == "c")
    try write("nonsense\n")
    #expect(throws: CopurError.self) { try tokens.readAgain() }
    #expect(tokens.principal(authorization: "Bearer cccccccccccccccc")?.name == "c")
  }
}
