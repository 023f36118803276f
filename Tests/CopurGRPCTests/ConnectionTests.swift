import CopurGRPC
import CopurTLS
import Foundation
import GRPCCore
import Testing

/// Calls whose connections come and go.
@Suite(.timeLimit(.minutes(1)))
struct ConnectionTests {
  /// Short enough for a test, with nothing left to chance.
  private let backoff = ConnectionBackoff(initial: .milliseconds(5), jitter: 0, maximum: .milliseconds(20))

  private var waitForReady: CallOptions {
    var options = CallOptions.defaults
    options.waitForReady = true
    return options
  }

  @Test("The client's certificate reaches the handler")
  func identity() async throws {
    try await withEcho(.mutualTLS) { client, _ in
      try await client.unary(
        request: ClientRequest(message: [] as [UInt8]), descriptor: Echo.whoAmI, serializer: RawSerializer(),
        deserializer: RawDeserializer(), options: .defaults
      ) { response in
        let names = String(decoding: try response.message, as: UTF8.self)
        #expect(names == "spiffe://copur/agent/time,time")
        let peer = response.metadata[stringValues: "peer"].first { _ in true }
        #expect(peer?.hasPrefix("ipv4:127.0.0.1:") == true)
      }
    }
  }

  @Test("Without TLS there is no certificate")
  func noIdentity() async throws {
    try await withEcho(.plaintext) { client, _ in
      let names = try await client.call(Echo.whoAmI, [])
      #expect(names == [])
    }
  }

  @Test("A client of another authority, or without a certificate, is refused with the reason")
  func wrongCertificate() async throws {
    let certificates = try TestCertificates.shared.get()
    let strangers = try TestCertificates.make()
    let refused: [(TLSContext, String)] = try [
      (
        .client(
          trustRoots: certificates.ca, certificateChain: strangers.agent("time").chain,
          privateKey: strangers.agent("time").key), "unknown ca"
      ),
      (.client(trustRoots: certificates.ca), "certificate required"),
      // A server's certificate is not good for a client.
      (.client(certificates.server, trusting: certificates), "unsupported certificate"),
    ]
    try await withServer(certificates) { _, address in
      for (tls, reason) in refused {
        let transport = HTTP2ClientTransport(
          host: address.host, port: address.port, tls: tls, serverName: "localhost", backoff: backoff)
        try await withGRPCClient(transport: transport) { client in
          let error = await #expect(throws: RPCError.self) { try await client.call(Echo.get, [1]) }
          #expect(error?.code == .unauthenticated)
          #expect("\(error!)".contains(reason), "\(error!)")
        }
      }
    }
  }

  @Test("A server whose name is another one is refused")
  func wrongServerName() async throws {
    let certificates = try TestCertificates.shared.get()
    try await withServer(certificates) { _, address in
      let transport = HTTP2ClientTransport(
        host: address.host, port: address.port,
        tls: try .client(certificates.agent("time"), trusting: certificates), serverName: "elsewhere",
        backoff: backoff)
      try await withGRPCClient(transport: transport) { client in
        let error = await #expect(throws: RPCError.self) { try await client.call(Echo.get, [1]) }
        #expect(error?.code == .unauthenticated)
        #expect("\(error!)".contains("hostname mismatch"), "\(error!)")
      }
    }
  }

  @Test("Without a server, a call fails at once or waits until there is one, as it says")
  func noServer() async throws {
    // A port that was free a moment ago.
    let port = try await withServer(nil) { _, address in address.port }
    let draws = Counter()
    let transport = HTTP2ClientTransport(
      host: "127.0.0.1", port: port, tls: nil, backoff: backoff, random: CountingGenerator(draws: draws))
    let options = waitForReady
    try await withGRPCClient(transport: transport) { client in
      let error = await #expect(throws: RPCError.self) { try await client.call(Echo.get, [1]) }
      #expect(error?.code == .unavailable)
      // Once: each layer repeated what the one below it had said.
      #expect(
        "\(error!)".components(separatedBy: "cannot connect to 127.0.0.1:\(port): Connection refused").count == 2)
      #expect("\(error!)".components(separatedBy: "refused").count == 2, "\(error!)")

      let waiting = Task { try await client.call(Echo.get, [2], options: options) }
      let echoed = try await withServer(nil, port: port) { _, _ in try await waiting.value }
      #expect(echoed == [2])
    }
    #expect(draws.value > 0, "the jitter comes from the generator that was given")
  }

  @Test("A client connects again after the server was restarted")
  func restart() async throws {
    let certificates = try TestCertificates.shared.get()
    let options = waitForReady
    let tls = try TLSContext.client(certificates.agent("time"), trusting: certificates)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let stopFirst = Signal()
    let first = Task {
      try await withServer(certificates) { _, address in
        port.yield(address.port)
        await stopFirst.wait()
      }
    }
    var iterator = ports.makeAsyncIterator()
    let firstPort = try #require(await iterator.next())
    let transport = HTTP2ClientTransport(
      host: "127.0.0.1", port: firstPort, tls: tls, serverName: "localhost", backoff: backoff)
    try await withGRPCClient(transport: transport) { client in
      let before = try await client.call(Echo.get, [1])
      #expect(before == [1])
      stopFirst.fire()
      try await first.value
      try await withServer(certificates, port: firstPort) { _, _ in
        let after = try await client.call(Echo.get, [2], options: options)
        #expect(after == [2])
      }
    }
  }

  @Test("Calls in flight fail with UNAVAILABLE when the connection is lost")
  func lostConnection() async throws {
    let service = EchoService()
    let transport = try HTTP2ServerTransport(host: "127.0.0.1", port: 0, tls: nil)
    let server = GRPCServer(transport: transport, services: [service])
    let serving = Task { try await server.serve() }
    let address = try await transport.listeningAddress
    let clientTransport = HTTP2ClientTransport(host: address.host, port: address.port, tls: nil, backoff: backoff)
    try await withGRPCClient(transport: clientTransport) { client in
      let call = Task { try await client.call(Echo.wait, []) }
      await service.waitBegan.wait()
      // Cancelled, a server closes its connections at once.
      serving.cancel()
      let error = await #expect(throws: RPCError.self) { try await call.value }
      #expect(error?.code == .unavailable)
      _ = try await serving.value
    }
  }

  @Test("A server that shuts down finishes the calls in flight and takes no new ones", arguments: Security.allCases)
  func gracefulShutdown(_ security: Security) async throws {
    let service = EchoService()
    // Large, so that the end of the response waits for the socket when the connection is about to be closed.
    let message = [UInt8](repeating: 9, count: 3 << 20)
    try await withEcho(security, service: service) { client, server in
      let call = Task {
        try await client.bidirectionalStreaming(
          request: StreamingClientRequest { try await $0.write(message) },
          descriptor: Echo.hold, serializer: RawSerializer(), deserializer: RawDeserializer(), options: .defaults
        ) { response in try await response.messages.reduce(into: []) { $0 += $1 } }
      }
      await service.holdBegan.wait()
      server.beginGracefulShutdown()
      // Refused while the first still goes on, as soon as the client has seen GOAWAY or the socket is closed.
      var refusal: RPCError?
      while refusal == nil {
        do { _ = try await client.call(Echo.get, [1]) } catch let error as RPCError { refusal = error }
      }
      #expect(refusal?.code == .unavailable)
      service.release.fire()
      let echoed = try await call.value
      #expect(echoed == message)
    }
  }

  @Test("A client that shuts down finishes its calls and takes no new ones")
  func clientShutdown() async throws {
    let service = EchoService()
    try await withEcho(.mutualTLS, service: service) { client, _ in
      let call = Task {
        try await client.bidirectionalStreaming(
          request: StreamingClientRequest { try await $0.write([9] as [UInt8]) },
          descriptor: Echo.hold, serializer: RawSerializer(), deserializer: RawDeserializer(), options: .defaults
        ) { response in try await response.messages.reduce(into: []) { $0 += $1 } }
      }
      await service.holdBegan.wait()
      client.beginGracefulShutdown()
      await #expect(throws: (any Error).self) { try await client.call(Echo.get, [1]) }
      service.release.fire()
      let echoed = try await call.value
      #expect(echoed == [9])
    }
  }

  @Test("An address in use is an error that names it")
  func addressInUse() async throws {
    try await withServer(nil) { _, address in
      let second = try HTTP2ServerTransport(host: "127.0.0.1", port: address.port, tls: nil)
      let error = await #expect(throws: (any Error).self) { try await second.listen { _, _ in } }
      #expect("\(error!)".contains("127.0.0.1:\(address.port): Address already in use"), "\(error!)")
      await #expect(throws: (any Error).self) { try await second.listeningAddress }
    }
  }

  @Test("A port out of range is refused", arguments: [-1, 65_536])
  func invalidPort(_ port: Int) {
    let error = #expect(throws: RPCError.self) { try HTTP2ServerTransport(host: "127.0.0.1", port: port, tls: nil) }
    #expect(error?.message == "a port has to be 0 to 65535 (actual: \(port))")
  }

  @Test("More calls at once than a connection allows wait for their turn")
  func manyStreams() async throws {
    try await withEcho(.mutualTLS) { client, _ in
      let sum = try await withThrowingTaskGroup(of: Int.self) { group in
        for index in 0..<1000 {
          group.addTask { Int(try await client.call(Echo.get, [UInt8(index % 251)])[0]) }
        }
        return try await group.reduce(0, +)
      }
      #expect(sum == (0..<1000).reduce(0) { $0 + $1 % 251 })
    }
  }

  @Test("A reader that stalls holds its own stream back and no other")
  func backPressure() async throws {
    let service = EchoService()
    try await withEcho(.mutualTLS, service: service) { client, _ in
      let sent = Counter()
      let call = Task {
        try await client.bidirectionalStreaming(
          request: StreamingClientRequest { writer in
            for _ in 0..<256 {
              try await writer.write(Array(repeating: 1, count: 64 << 10))
              sent.increment()
            }
          },
          descriptor: Echo.hold, serializer: RawSerializer(), deserializer: RawDeserializer(), options: .defaults
        ) { response in try await response.messages.reduce(0) { $0 + $1.count } }
      }
      await service.holdBegan.wait()
      // 16 MiB do not fit in the windows and queues between a writer and a reader that does not read.
      for _ in 0..<200 {
        let echoed = try await client.call(Echo.get, [1])
        #expect(echoed == [1])
      }
      #expect(sent.value < 128)
      service.release.fire()
      let received = try await call.value
      #expect(received == 256 << 16)
    }
  }
}

/// Always in the middle; counts how often it was asked.
private struct CountingGenerator: RandomNumberGenerator, Sendable {
  let draws: Counter

  func next() -> UInt64 {
    draws.increment()
    return 1 << 63
  }
}
