import CopurCore
import CopurLaunch
import Foundation
import Testing

struct LaunchHostTests {
  @Test(
    "Names, users and addresses of machines",
    arguments: [
      ("gpu1", "gpu1", "gpu1", "0.0.0.0"),
      ("ann@gpu1", "ann@gpu1", "gpu1", "0.0.0.0"),
      ("ann@gpu1=10.0.0.5", "ann@gpu1", "10.0.0.5", "0.0.0.0"),
      ("gpu1=fd00::5", "gpu1", "fd00::5", "::"),
    ])
  func machine(text: String, name: String, address: String, listens: String) throws {
    let host = try LaunchHost(text)
    #expect(host.name == name && host.address == address && host.listens == listens)
  }

  @Test(
    "What is no machine, among it what ssh would take for an option",
    arguments: [
      "", "-oProxyCommand=reboot", "a b", "a=", "=b", "a;reboot", "$(reboot)", "a=-b",
    ])
  func wrong(text: String) {
    #expect(throws: CopurError.self) { try LaunchHost(text) }
  }

  @Test("A list, and a file with comments")
  func lists() throws {
    #expect(try LaunchHost.list("a,b=1.2.3.4").map(\.address) == ["a", "1.2.3.4"])
    let file = FileManager.default.temporaryDirectory.appending(path: "copur-hosts-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("# machines\na\n\n b # the second\n".utf8).write(to: file)
    #expect(try LaunchHost.list(file.path).map(\.name) == ["a", "b"])
    #expect(throws: CopurError.self) { try LaunchHost.list("a,b,a") }
    #expect(throws: CopurError.self) { try LaunchHost.list(file.path + "-not-there") }
  }
}
