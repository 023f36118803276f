internal import CopurCore
internal import CopurGRPC
internal import CopurHTTP2
internal import CopurLearning
internal import CopurScenarios
internal import Foundation
internal import NIOCore

/// The readers that are fuzzed. Errors are what these are for; traps, hangs and memory without bound are what is looked for.
private enum FuzzTarget: String {
  case deframer
  case session
  case scenario
  case bundle

  /// The one that the environment names.
  static let chosen: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["COPUR_FUZZ"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
      fatalError("COPUR_FUZZ is deframer, session, scenario or bundle (actual: \"\(name)\")")
    }
    return target
  }()

  func run(_ bytes: UnsafeRawBufferPointer) throws {
    switch self {
    case .deframer: try Self.deframe(bytes)
    case .session: try SessionFuzzer().run(bytes)
    case .scenario:
      _ = try Scenario(parsing: ScenarioDocument(text: String(decoding: bytes, as: UTF8.self), file: "fuzz.yaml"))
    case .bundle: try Self.readBundle(Data(bytes))
    }
  }

  /// gRPC's messages: the first byte cuts the others into reads.
  private static func deframe(_ bytes: UnsafeRawBufferPointer) throws {
    guard let first = bytes.first else { return }
    var deframer = GRPCMessageDeframer(maximumMessageBytes: 1 << 16)
    var messages: [[UInt8]] = []
    var rest = bytes.dropFirst()
    while !rest.isEmpty {
      let read = rest.prefix(Int(first) + 1)
      try deframer.feed(UnsafeRawBufferPointer(rebasing: read), into: &messages)
      rest = rest.dropFirst(read.count)
    }
    try deframer.finish()
    let framed = messages.reduce(0) { $0 + $1.count + GRPCMessageDeframer.prefixBytes }
    precondition(framed == bytes.count - 1, "the messages are all of the bytes")
  }

  /// A bundle: two bytes of the description's length, the description, the weights. The digests, which no fuzzer
  /// guesses, are left out.
  private static func readBundle(_ data: Data) throws {
    let weights: Data
    var description: Data?
    if data.count >= 2 {
      let length = min(Int(data[0]) << 8 | Int(data[1]), data.count - 2)
      description = data.dropFirst(2).prefix(length)
      weights = Data(data.dropFirst(2 + length))
    } else {
      weights = data
    }
    let tensors = try Safetensors(decoding: weights)
    if let description { _ = try ModelBundle(description: Data(description), weights: tensors) }
  }
}

/// A server's session that is fed by a client, and answers its requests.
private final class SessionFuzzer: HTTP2SessionDelegate, HTTP2StreamDelegate {
  func run(_ bytes: UnsafeRawBufferPointer) throws {
    let server = try HTTP2Session(role: .server)
    server.delegate = self
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    try preface.withUnsafeBytes { try server.receive($0) }
    var rest = bytes[...]
    while !rest.isEmpty, !server.isFinished {
      let read = rest.prefix(512)
      try server.receive(UnsafeRawBufferPointer(rebasing: read))
      while try server.takeOutput(limit: 1 << 16) != nil {}
      rest = rest.dropFirst(read.count)
    }
    server.connectionClosed(error: CancellationError())
  }

  func streamOpened(_ stream: HTTP2Stream) { stream.delegate = self }
  func received(headers: [HTTP2Header], on stream: HTTP2Stream) {
    try? stream.respond([HTTP2Header(":status", "200")], endStream: false)
  }
  func received(data: UnsafeRawBufferPointer, on stream: HTTP2Stream) { stream.consume(data.count) }
  func receivedEnd(on stream: HTTP2Stream) {}
  func nextOutbound(on stream: HTTP2Stream) -> HTTP2Outbound {
    .chunk(ByteBuffer(string: "answer"), end: .trailers([HTTP2Header("grpc-status", "0")]))
  }
  func closed(_ code: HTTP2ErrorCode, error: (any Error)?) {}
  func settingsReceived() {}
  func settingsAcknowledged() {}
  func goAwayReceived(_ code: HTTP2ErrorCode, lastStream: Int32) {}
  func pingAcknowledged(_ payload: UInt64) {}
  func streamRefused(_ rule: HTTP2Rule) {}
  func streamNumbersUsed(_ last: Int32) {}
  func outputWaiting() {}
}

/// The function that libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  try? FuzzTarget.chosen.run(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}
