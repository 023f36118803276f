import CopurCore
import Foundation

/// A process of a benchmark. It ends when its standard input does.
final class BenchProcess: Sendable {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let name: String
  private let log: URL

  /// Starts it.
  ///
  /// - Parameters:
  ///   - name: What an error calls it.
  ///   - log: The file that its standard error goes to.
  init(_ name: String, executable: String, arguments: [String], log: URL) throws {
    self.name = name
    self.log = log
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    guard FileManager.default.createFile(atPath: log.path, contents: nil) else {
      throw CopurError(.cannotCreate, "\(log.path): the log of the \(name) cannot be written")
    }
    process.standardError = try FileHandle(forWritingTo: log)
    do {
      try process.run()
    } catch {
      throw CopurError(.unavailable, "the \(name) could not be started", cause: error)
    }
  }

  var usage: ProcessUsage { get throws { try ProcessUsage(of: process.processIdentifier) } }

  /// Waits for the next line of its output.
  func line() async throws -> String {
    let (handle, lines) = (output.fileHandleForReading, AsyncStream.makeStream(of: String.self))
    // Reading blocks, so it has a thread of its own; it ends with the line or the process.
    Thread.detachNewThread {
      var line = Data()
      while let byte = try? handle.read(upToCount: 1), !byte.isEmpty {
        if byte[byte.startIndex] == UInt8(ascii: "\n") {
          lines.continuation.yield(String(decoding: line, as: UTF8.self))
          break
        }
        line += byte
      }
      lines.continuation.finish()
    }
    for await line in lines.stream { return line }
    try Task.checkCancellation()
    throw CopurError(.unavailable, "the \(name) ended early\(lastWords)")
  }

  func say(_ line: String) throws { try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8)) }

  /// Ends its standard input and waits for its end.
  func end() async throws {
    try input.fileHandleForWriting.close()
    let process = process
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      Thread.detachNewThread {
        process.waitUntilExit()
        continuation.resume()
      }
    }
    guard process.terminationStatus == 0 else {
      throw CopurError(.unavailable, "the \(name) ended with \(process.terminationStatus)\(lastWords)")
    }
  }

  /// Ends it if it still runs.
  func kill() { if process.isRunning { process.terminate() } }

  /// The end of its log, for an error message.
  private var lastWords: String {
    let lines = ((try? String(contentsOf: log, encoding: .utf8)) ?? "").split(separator: "\n").suffix(5)
    return lines.isEmpty ? "" : "\nIts last words:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
  }
}
