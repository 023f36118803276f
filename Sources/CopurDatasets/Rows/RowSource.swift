internal import CopurCore
public import Foundation
internal import Synchronization

/// A source of an agent's rows, byte by byte: a file, a file that grows, standard input or a socket.
public final class RowSource: Sendable {
  /// The source's name, for messages.
  public let name: String
  private let descriptor: Int32
  /// Whether more may come after the end of the file.
  private let follows: Bool
  private let isStopped = Mutex(false)
  private let thread = DispatchQueue(label: "copur.rows")

  /// The pause between two looks whether it is to stop, and whether a file has grown.
  private static let pause = Duration.milliseconds(100)
  private static let chunk = 1 << 18

  /// Opens a source.
  ///
  /// - Parameters:
  ///   - location: A path; `-` for standard input; `tcp:HOST:PORT` or `unix:PATH` for a socket to connect to.
  ///   - follows: Whether a file is read on as it grows.
  /// - Throws: ``CopurError`` of code `.missingInput` if it cannot be opened, `.invalidArgument` if it is not understood.
  public init(_ location: String, follows: Bool = false) throws {
    self.follows = follows
    if location == "-" {
      (name, descriptor) = ("standard input", dup(STDIN_FILENO))
    } else if location.hasPrefix("tcp:") || location.hasPrefix("unix:") {
      (name, descriptor) = (location, try SocketConnection.connected(to: location))
    } else {
      (name, descriptor) = (location, open(location, O_RDONLY | O_CLOEXEC))
    }
    guard descriptor >= 0 else {
      throw CopurError(.missingInput, "\(name): the rows cannot be read: \(String(cString: strerror(errno)))")
    }
    guard !follows || Self.isRegular(descriptor) else {
      close(descriptor)
      throw CopurError(.invalidArgument, "\(name): a file that grows is a regular one; others are read as they come")
    }
  }

  deinit { close(descriptor) }

  /// Nothing more is read: ``next()`` gives nil from now on.
  public func stop() { isStopped.withLock { $0 = true } }

  /// The next bytes, as soon as there are any; nil at the end, or once it was stopped.
  ///
  /// - Throws: ``CopurError`` of code `.io` if reading fails, or a file that is followed was cut short. `CancellationError`.
  public func next() async throws -> Data? {
    while true {
      try Task.checkCancellation()
      if isStopped.withLock({ $0 }) { return nil }
      let outcome = await withCheckedContinuation { continuation in
        thread.async { continuation.resume(returning: self.readOnce()) }
      }
      switch outcome {
      case .bytes(let bytes): return bytes
      case .end where !follows: return nil
      case .end:
        try checkNotCut()
        try await Task.sleep(for: Self.pause)
      case .nothingYet: break
      case .failed(let reason):
        throw CopurError(.io, "\(name): reading the rows failed: \(String(cString: strerror(reason)))")
      }
    }
  }

  private enum Outcome {
    case bytes(Data)
    case nothingYet
    case end
    case failed(Int32)
  }

  /// Waits a moment for bytes, and reads them.
  private func readOnce() -> Outcome {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    switch poll(&waiting, 1, Int32(Self.pause / .milliseconds(1))) {
    case 0: return .nothingYet
    case -1: return errno == EINTR ? .nothingYet : .failed(errno)
    default: break
    }
    var bytes = [UInt8](repeating: 0, count: Self.chunk)
    let count = read(descriptor, &bytes, bytes.count)
    if count < 0 { return errno == EINTR || errno == EAGAIN ? .nothingYet : .failed(errno) }
    return count == 0 ? .end : .bytes(Data(bytes.prefix(count)))
  }

  private func checkNotCut() throws {
    var status = stat()
    let place = lseek(descriptor, 0, SEEK_CUR)
    guard fstat(descriptor, &status) == 0, Int(status.st_size) < place else { return }
    throw CopurError(
      .io, "\(name): a file that is followed only grows (read: \(place) bytes, there: \(status.st_size))")
  }

  private static func isRegular(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
