import CopurTLS
import NIOCore

/// A client and a server that hand each other their ciphertext.
struct SessionPair {
  let client: TLSSession
  let server: TLSSession

  init(client: TLSContext, server: TLSContext, serverName: String = "localhost") throws {
    self.client = try TLSSession(context: client, role: .client(serverName: serverName))
    self.server = try TLSSession(context: server, role: .server)
  }

  /// The outcome of the handshake on each side.
  struct Outcome {
    var client: Result<Void, TLSError>?
    var server: Result<Void, TLSError>?
  }

  /// Shakes hands until neither side has anything to say. In TLS 1.3 a client is done before the server has judged it,
  /// so it then reads, as it would in earnest.
  func handshake() -> Outcome {
    var outcome = Outcome()
    var isMoving = true
    while isMoving {
      Self.step(client, &outcome.client)
      let toServer = client.takeCiphertext()
      if let toServer { server.receive(toServer) }
      Self.step(server, &outcome.server)
      let toClient = server.takeCiphertext()
      if let toClient { client.receive(toClient) }
      isMoving = toServer != nil || toClient != nil
    }
    return outcome
  }

  private static func step(_ session: TLSSession, _ result: inout Result<Void, TLSError>?) {
    do throws(TLSError) {
      switch result {
      case nil:
        if try session.handshake() == .complete { result = .success(()) }
      case .success:
        var buffer = ByteBuffer()
        _ = try session.read(into: &buffer)
      case .failure:
        break
      }
    } catch {
      result = .failure(error)
    }
  }
}

extension Result where Success == Void, Failure == TLSError {
  var error: TLSError? {
    if case .failure(let error) = self { return error }
    return nil
  }
}
