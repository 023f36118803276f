internal import CopurCore
internal import CopurWire
internal import Foundation
internal import SwiftProtobuf
internal import Synchronization

/// A conversation with a program, from its start to its end (Protocols/copur/v1/plugin.proto).
///
/// Work waits for the answer on the thread that it is on. The first failure is the last word: what a program that has failed
/// once says later is not asked for.
final class PluginProgram: Sendable {
  private let location: ProgramLocation
  private let stream: FrameStream
  private let process: Process?
  private let failed = NotedFailure()
  private let turn = Mutex(())

  /// The time that a program that is to end has for it.
  private static let timeToEnd = 2.0

  /// Starts the program, or connects to it, and says what it is to be.
  ///
  /// - Throws: ``CopurError`` of code `.unavailable` if there is no such program or it does not answer.
  init(_ location: ProgramLocation, _ open: Copur_V1_PluginOpen) throws {
    self.location = location
    // A program that has ended is an error of the write, not the end of this one.
    signal(SIGPIPE, SIG_IGN)
    if location.command.isEmpty {
      let descriptor = try Self.connected(to: location.address)
      process = nil
      stream = FrameStream(name: location.name, input: descriptor, output: descriptor)
    } else {
      let (process, input, output) = try Self.started(location.command)
      self.process = process
      stream = FrameStream(name: location.name, input: input, output: output)
    }
    var request = Copur_V1_PluginRequest()
    request.open = open
    guard case .opened = try ask(request, answering: { _ in throw Self.noQuestions }) else {
      throw unexpected("opened")
    }
  }

  deinit {
    close(stream.output)
    if stream.input != stream.output { close(stream.input) }
    guard let process else { return }
    // It ends by itself as its input has; one that does not is ended.
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.timeToEnd) {
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
  }

  /// Why it failed; nil if it did not.
  var failure: CopurError? { failed.failure }

  /// Sends a request and waits for its answer.
  ///
  /// - Parameter answering: Answers the program's questions.
  /// - Throws: ``CopurError``, which is then its ``failure``.
  func ask(
    _ request: Copur_V1_PluginRequest,
    answering: (Copur_V1_PluginQuestion) throws -> Copur_V1_PluginAnswer
  ) throws -> Copur_V1_PluginReply.OneOf_Reply {
    try turn.withLock { _ in
      do {
        if let failure { throw failure }
        return try converse(request, answering: answering)
      } catch {
        throw fail(error)
      }
    }
  }

  /// Notes a failure, the first one for good.
  func fail(_ error: any Error) -> CopurError {
    failed.note(
      error as? CopurError ?? CopurError(.protocolViolation, "the program \"\(location.name)\"", cause: error))
  }

  /// The error that it sent something else than it was to.
  func unexpected(_ rule: String) -> CopurError {
    fail(CopurError(.protocolViolation, "the program \"\(location.name)\": expected \(rule)"))
  }

  private static let noQuestions = CopurError(.protocolViolation, "there is nothing to ask before the first request")

  private func converse(
    _ request: Copur_V1_PluginRequest,
    answering: (Copur_V1_PluginQuestion) throws -> Copur_V1_PluginAnswer
  ) throws -> Copur_V1_PluginReply.OneOf_Reply {
    var request = request
    while true {
      let deadline = ContinuousClock.now + .seconds(Double(location.timeout))
      try stream.write(try request.serializedData(), by: deadline)
      let bytes = try stream.read(by: deadline)
      let reply: Copur_V1_PluginReply
      do { reply = try Copur_V1_PluginReply(serializedBytes: bytes) } catch {
        throw CopurError(.protocolViolation, "the program \"\(location.name)\": expected a PluginReply", cause: error)
      }
      switch reply.reply {
      case .question(let question):
        request = Copur_V1_PluginRequest()
        request.answer = try answering(question)
      case .error(let reason):
        throw CopurError(.unavailable, "the program \"\(location.name)\" says: \(reason.prefix(2000))")
      case let other?: return other
      case nil:
        throw CopurError(.protocolViolation, "the program \"\(location.name)\": expected a PluginReply with content")
      }
    }
  }

  // MARK: Start

  private static func started(_ command: [String]) throws -> (Process, input: Int32, output: Int32) {
    let process = Process()
    let (toProgram, fromProgram) = (Pipe(), Pipe())
    guard let executable = executable(command[0]) else {
      throw CopurError(.unavailable, "there is no program \"\(command[0])\" to start")
    }
    process.executableURL = URL(filePath: executable)
    process.arguments = Array(command.dropFirst())
    process.standardInput = toProgram
    process.standardOutput = fromProgram
    do { try process.run() } catch {
      throw CopurError(.unavailable, "the program \"\(command[0])\" cannot be started", cause: error)
    }
    // The pipes close their own descriptors with them.
    return (
      process, fcntl(fromProgram.fileHandleForReading.fileDescriptor, F_DUPFD_CLOEXEC, 0),
      fcntl(toProgram.fileHandleForWriting.fileDescriptor, F_DUPFD_CLOEXEC, 0)
    )
  }

  private static func executable(_ name: String) -> String? {
    if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
    return (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
      .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func connected(to address: String) throws -> Int32 {
    let descriptor = try SocketConnection.connected(to: address)
    guard descriptor >= 0 else {
      throw CopurError(
        .unavailable, "no program listens at \(address): \(String(cString: strerror(errno)))")
    }
    return descriptor
  }
}
