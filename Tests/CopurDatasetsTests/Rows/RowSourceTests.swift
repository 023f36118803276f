import CopurCore
import CopurDatasets
import Foundation
import Testing

/// Sources of an agent's rows.
struct RowSourceTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString)").path

  private func append(_ text: String) throws {
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data(text.utf8))
  }

  private func all(_ source: RowSource) async throws -> String {
    var bytes = Data()
    while let more = try await source.next() { bytes += more }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func aFileEndsAndOneThatGrowsDoesNot() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("a\n".utf8).write(to: URL(filePath: path))
    #expect(try await all(RowSource(path)) == "a\n")
    let source = try RowSource(path, follows: true)
    #expect(try await source.next() == Data("a\n".utf8))
    async let next = source.next()
    try append("b\n")
    #expect(try await next == Data("b\n".utf8))
    async let last = source.next()
    source.stop()
    #expect(try await last == nil)
  }

  @Test func aFileThatIsCutShortIsNotReadOn() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("abc\n".utf8).write(to: URL(filePath: path))
    let source = try RowSource(path, follows: true)
    _ = try await source.next()
    try Data("x".utf8).write(to: URL(filePath: path), options: [])
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.truncate(atOffset: 1)
    await #expect(throws: CopurError.self) { try await source.next() }
  }

  @Test func aSocketIsReadUntilItsEnd() async throws {
    defer { unlink(path) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0 && listen(listener, 1) == 0)
    let source = try RowSource("unix:\(path)")
    let peer = accept(listener, nil, nil)
    #expect(write(peer, "one\n", 4) == 4)
    close(peer)
    #expect(try await all(source) == "one\n")
  }

  @Test(arguments: ["nowhere/rows.csv", "unix:nowhere", "tcp:127.0.0.1:1"])
  func whatIsNotThereIsNamed(_ location: String) {
    let error = #expect(throws: CopurError.self) { try RowSource(location) }
    #expect(error?.code == .missingInput && error?.message.hasPrefix(location) == true)
  }

  @Test(arguments: ["unix:", "tcp:host", "tcp:host:0", "tcp:host:x"])
  func whatIsNoSourceIsRefused(_ location: String) {
    let error = #expect(throws: CopurError.self) { try RowSource(location) }
    #expect(error?.code == .invalidArgument)
  }
}
