internal import CopurCore
internal import Foundation

/// Frames over a pipe each way or a socket, each with a time within which it has to be through.
struct FrameStream: Sendable {
  /// A message that no program of this kind sends; a larger length is taken for something that is no frame.
  private static let largest = 1 << 30

  /// For errors.
  let name: String
  let input: Int32
  let output: Int32

  /// - Parameters:
  ///   - input: A descriptor to read from, which does not block.
  ///   - output: A descriptor to write to, which does not block; may be the same.
  init(name: String, input: Int32, output: Int32) {
    self.name = name
    self.input = input
    self.output = output
    for descriptor in [input, output] { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }
  }

  /// - Throws: ``CopurError`` of code `.unavailable` if the other side has ended or takes too long.
  func write(_ message: Data, by deadline: ContinuousClock.Instant) throws {
    var frame = withUnsafeBytes(of: UInt32(message.count).bigEndian) { Data($0) }
    frame += message
    var start = 0
    while start < frame.count {
      let count = frame.withUnsafeBytes { Foundation.write(output, $0.baseAddress! + start, $0.count - start) }
      if count > 0 {
        start += count
        continue
      }
      guard count < 0, errno == EAGAIN || errno == EINTR else { throw ended() }
      try wait(for: POLLOUT, on: output, by: deadline)
    }
  }

  /// - Throws: ``CopurError``: `.unavailable` if the other side has ended or takes too long, `.protocolViolation` if what it
  ///   sends is no frame.
  func read(by deadline: ContinuousClock.Instant) throws -> Data {
    let head = try read(4, by: deadline)
    let length = head.reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.largest else {
      throw CopurError(
        .protocolViolation,
        "the program \"\(name)\": a frame begins with its length, at most \(Self.largest) (actual: \(length)); does it print to its standard output?"
      )
    }
    return try read(length, by: deadline)
  }

  private func read(_ count: Int, by deadline: ContinuousClock.Instant) throws -> Data {
    var bytes = Data(count: count)
    var start = 0
    while start < count {
      let got = bytes.withUnsafeMutableBytes { Foundation.read(input, $0.baseAddress! + start, count - start) }
      if got > 0 {
        start += got
        continue
      }
      guard got < 0, errno == EAGAIN || errno == EINTR else { throw ended() }
      try wait(for: POLLIN, on: input, by: deadline)
    }
    return bytes
  }

  private func wait(for event: Int32, on descriptor: Int32, by deadline: ContinuousClock.Instant) throws {
    let left = deadline - .now
    guard left > .zero else {
      throw CopurError(.unavailable, "the program \"\(name)\" does not answer in time")
    }
    var waiting = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    _ = poll(&waiting, 1, Int32(min(100, left / .milliseconds(1) + 1)))
  }

  private func ended() -> CopurError { CopurError(.unavailable, "the program \"\(name)\" has ended") }
}
