import CopurCore
import CopurLaunch
import Testing

struct ReadyLineTests {
  @Test(
    "A line and what it says",
    arguments: [
      ("copur: listening on 127.0.0.1:8001", "127.0.0.1", 8001),
      ("copur: listening on localhost:1", "localhost", 1),
      ("copur: listening on [::1]:65535", "::1", 65_535),
    ])
  func parses(line: String, host: String, port: Int) throws {
    let ready = try ReadyLine(parsing: line)
    #expect(ready == ReadyLine(host: host, port: port))
    #expect(ready.description == line)
  }

  @Test(
    "Other lines are the other side's fault",
    arguments: [
      "", "listening on 127.0.0.1:8001", "copur: listening on 127.0.0.1", "copur: listening on 127.0.0.1:",
      "copur: listening on 127.0.0.1:0", "copur: listening on 127.0.0.1:65536", "copur: listening on 127.0.0.1:-1",
      "copur: listening on 127.0.0.1:80x", "copur: listening on :8001", "copur: listening on []:8001",
      "copur: listening on ::1:8001", "copur: listening on 127.0.0.1:+1", "copur: listening on [::1:8001",
      " copur: listening on 127.0.0.1:8001",
    ])
  func refuses(line: String) {
    let error = #expect(throws: CopurError.self) { try ReadyLine(parsing: line) }
    #expect(error?.code == .protocolViolation)
    #expect(error?.message.contains("(actual: \"\(line)\")") == true)
  }
}
