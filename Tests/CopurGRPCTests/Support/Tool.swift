import Foundation
import Testing

/// A program that others wrote.
struct Tool {
  var name: String

  struct Outcome {
    var status: Int32
    var output: String
  }

  /// Runs the program and collects what it prints. A program that is not installed fails the test.
  func run(_ arguments: [String]) async throws -> Outcome {
    let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let path = directories.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: try #require(path, "\(name) has to be installed (looked for in PATH)"))
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    // A file, because reading from a pipe would block one of the few threads that the server's tasks run on.
    let log = FileManager.default.temporaryDirectory.appending(path: "copur-tool-\(UUID())")
    defer { try? FileManager.default.removeItem(at: log) }
    try Data().write(to: log)
    let output = try FileHandle(forWritingTo: log)
    process.standardOutput = output
    process.standardError = output
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in continuation.resume() }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return Outcome(
      status: process.terminationStatus, output: String(decoding: try Data(contentsOf: log), as: UTF8.self))
  }
}
