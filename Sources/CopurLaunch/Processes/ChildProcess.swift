internal import CopurCore
package import Foundation
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// A process of a simulation: the fusion center or an agent.
///
/// It is told by its standard input that its parent is gone: the pipe ends. It says on its standard output where it
/// listens, and logs to a file.
package struct ChildProcess: Sendable {
  /// The name that messages have for it: "fusion center", "agent time".
  package let name: String
  /// The words of a command of this machine, the first a path or a name that PATH finds.
  package let command: [String]
  /// The file that its log goes to, after what is there.
  package let log: URL
  /// The size of that file before it was started, in bytes.
  private let logStart: UInt64

  package init(name: String, command: [String], log: URL) {
    self.name = name
    self.command = command
    self.log = log
    let attributes = try? FileManager.default.attributesOfItem(atPath: log.path)
    logStart = (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
  }

  /// Runs the process until it exits or the task is cancelled, which ends it by SIGTERM and, 5 seconds later, SIGKILL.
  ///
  /// - Parameters:
  ///   - mayEnd: Whether it is to end by itself, with 0.
  ///   - printed: Called with each line that it prints.
  /// - Throws: ``CopurError`` of code `.unavailable` that says how it ended and the end of its log, if it was neither
  ///   cancelled nor ended as it may.
  package func run(mayEnd: Bool = false, printed: @Sendable (String) -> Void) async throws {
    let descriptor: FileDescriptor
    do {
      descriptor = try .open(
        FilePath(log.path), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
    } catch {
      throw CopurError(.cannotCreate, "\(log.path): the log of the \(name) cannot be written", cause: error)
    }
    var platform = PlatformOptions()
    platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
    let status: TerminationStatus
    do {
      status = try await Subprocess.run(
        command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0]),
        arguments: Arguments(Array(command.dropFirst())), platformOptions: platform, input: .inputWriter,
        output: .sequence, error: .fileDescriptor(descriptor, closeAfterSpawningProcess: true)
      ) { execution in
        for try await line in execution.standardOutput.strings() {
          printed(line.trimmingCharacters(in: .whitespacesAndNewlines))
        }
      }.terminationStatus
    } catch {
      if Task.isCancelled { throw CancellationError() }
      throw CopurError(.unavailable, "the \(name) could not be started", cause: error)
    }
    try Task.checkCancellation()
    if mayEnd, case .exited(0) = status { return }
    throw CopurError(.unavailable, "the \(name) ended during the run: \(words(for: status))\(lastWords)")
  }

  private func words(for status: TerminationStatus) -> String {
    switch status {
    case .exited(let code): "it exited with \(code)"
    case .signaled(let signal): "it was ended by signal \(signal)"
    }
  }

  /// The end of its log, for an error message.
  package var lastWords: String {
    guard let file = try? FileHandle(forReadingFrom: log), (try? file.seek(toOffset: logStart)) != nil,
      let text = try? file.readToEnd()
    else { return "" }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").suffix(5)
    return lines.isEmpty ? "" : "\nIts last words (\(log.path)):\n" + lines.map { "  \($0)" }.joined(separator: "\n")
  }
}
