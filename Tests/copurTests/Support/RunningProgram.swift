import CopurLaunch
import CopurScenarios
import Foundation
import Subprocess
import SystemPackage
import Testing

/// A program that a test has started.
final class RunningProgram: Sendable {
  /// Its process, as the kernel lists it: a number alone may by then be another process's.
  let entry: ProcessEntry
  let output: LineLog
  let errors: LineLog
  private let running: Task<TerminationStatus, any Error>

  fileprivate init(
    entry: ProcessEntry, output: LineLog, errors: LineLog, running: Task<TerminationStatus, any Error>
  ) {
    self.entry = entry
    self.output = output
    self.errors = errors
    self.running = running
  }

  /// Waits for its end.
  func ending() async throws -> TerminationStatus { try await running.value }

  func send(_ signal: Int32) { entry.send(signal) }

  /// Waits for the line that says where a service listens.
  func listening() async throws -> ReadyLine {
    try ReadyLine(parsing: try await output.line(containing: "copur: listening on"))
  }
}

/// The exit code and the output of a program that has ended.
struct FinishedProgram: Sendable {
  let status: TerminationStatus
  let output: String
  let errors: String

  /// The exit code; nil if a signal ended it.
  var code: Int32? { if case .exited(let code) = status { code } else { nil } }
}

/// A line of a foreign client may hold hundreds of verdicts; the default of 128 KiB is too short for them.
private var longLines: SubprocessOutputSequence.StringSequence<UTF8>.BufferingPolicy { .maxLineLength(16 << 20) }

/// Starts a program, lets a test use it, and kills it if it is still there when the test has done with it.
///
/// - Parameters:
///   - environment: Added to this process's, without what would change results (see ``Programs/environment``).
func withProgram<Result>(
  _ executable: String, _ arguments: [String], environment: [String: String] = [:],
  _ body: (RunningProgram) async throws -> Result
) async throws -> Result {
  let (output, errors) = (LineLog(), LineLog())
  let (started, starting) = AsyncStream.makeStream(of: pid_t.self)
  let variables = Programs.environment.merging(environment) { $1 }
  let running = Task {
    defer {
      starting.finish()
      output.end()
      errors.end()
    }
    var platform = PlatformOptions()
    // Cancelled: killed at once.
    platform.teardownSequence = []
    return try await Subprocess.run(
      .path(FilePath(executable)), arguments: Arguments(arguments),
      environment: .custom(
        Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })),
      platformOptions: platform, input: .none, output: .sequence, error: .sequence
    ) { execution in
      starting.yield(execution.processIdentifier.value)
      async let printed: Void = {
        for try await line in execution.standardOutput.strings(bufferingPolicy: longLines) {
          output.append(line.trimmed)
        }
      }()
      async let reported: Void = {
        for try await line in execution.standardError.strings(bufferingPolicy: longLines) {
          errors.append(line.trimmed)
        }
      }()
      _ = try await (printed, reported)
    }.terminationStatus
  }
  return try await withTaskCancellationHandler {
    guard let id = await started.first(where: { _ in true }) else {
      throw MissingProgram("\(executable) could not be started: \(await running.result)")
    }
    let program = RunningProgram(
      entry: ProcessTable.entry(id) ?? .gone(id), output: output, errors: errors, running: running)
    do {
      let result = try await body(program)
      running.cancel()
      _ = await running.result
      return result
    } catch {
      running.cancel()
      _ = await running.result
      throw error
    }
  } onCancel: {
    running.cancel()
  }
}

/// Runs a program to its end.
func run(
  _ executable: String, _ arguments: [String], environment: [String: String] = [:]
) async throws -> FinishedProgram {
  try await withProgram(executable, arguments, environment: environment) { program in
    let status = try await program.ending()
    return FinishedProgram(status: status, output: program.output.text, errors: program.errors.text)
  }
}

extension String {
  /// Without the line feed at its end.
  fileprivate var trimmed: String {
    var text = self
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }
}

/// Waits for a program's end, and expects it to be a certain one.
func expectEnding(
  of program: RunningProgram, _ expected: TerminationStatus, at location: SourceLocation = #_sourceLocation
) async throws {
  let status = try await program.ending()
  #expect(status == expected, "\(program.errors.text)", sourceLocation: location)
}
