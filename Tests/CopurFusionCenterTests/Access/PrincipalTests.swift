import CopurFusionCenter
import Testing

@Suite struct PrincipalTests {
  @Test(arguments: Role.allCases) func aURINamesRoleAndName(role: Role) {
    let principal = Principal(uri: "spiffe://copur/\(role.rawValue)/audio-2.x_y")
    #expect(principal == Principal(role: role, name: "audio-2.x_y"))
    #expect(principal?.uri == "spiffe://copur/\(role.rawValue)/audio-2.x_y")
  }

  @Test(arguments: [
    "", "spiffe://copur/agent", "spiffe://copur/agent/", "spiffe://copur/agent/a/b", "spiffe://copur/agent/a/",
    "spiffe://copur//a", "spiffe://copur/root/a", "spiffe://copur/Agent/a", "spiffe://copur/server",
    "spiffe://copur.example/agent/a", "spiffe://other/agent/a", "https://copur/agent/a", " spiffe://copur/agent/a",
    "spiffe://copur/agent/a b", "spiffe://copur/agent/ä", "spiffe://copur/agent/-a", "spiffe://copur/agent/a\0",
    "spiffe://copur/agent/" + String(repeating: "a", count: 65),
  ])
  func whatIsNone(_ uri: String) {
    #expect(Principal(uri: uri) == nil)
  }
}
