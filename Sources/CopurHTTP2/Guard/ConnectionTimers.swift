package import NIOCore

/// The deadlines of a connection's peer.
///
/// A value without a clock: whoever owns it calls ``elapsed(at:hasStreams:)`` when ``nextDeadline`` has come.
package struct ConnectionTimers: Sendable {
  /// An action that has become due.
  package enum Action: Equatable {
    /// The connection has to end.
    case close(ConnectionGuard.Violation)
    /// The connection has been idle: no new streams, then close.
    case drain(ConnectionGuard.Violation)
    /// The peer has to be asked whether it is there.
    case ping
    /// The peer has not said that it saw the announced shutdown; it is shut down all the same.
    case finishDrain
  }

  private struct Stall {
    var began: NIODeadline
    var progress: Int
  }

  private let limits: HTTP2Configuration
  /// Two of the limits as the event loop counts them: they are needed with every read.
  private let idleTimeout, writeStallTimeout: TimeAmount
  private var preface: NIODeadline?
  private var settings: NIODeadline?
  private var headers: (block: Int, deadline: NIODeadline)?
  private var stall: Stall?
  private var drain: NIODeadline?
  private var isDraining = false
  private var lastReceived: NIODeadline
  private var asked: NIODeadline?

  /// Starts the time of a connection over which HTTP/2 begins now.
  package init(_ limits: HTTP2Configuration, at now: NIODeadline) {
    self.limits = limits
    idleTimeout = TimeAmount(limits.idleTimeout)
    writeStallTimeout = TimeAmount(limits.writeStallTimeout)
    preface = now + TimeAmount(limits.prefaceTimeout)
    settings = now + TimeAmount(limits.settingsTimeout)
    lastReceived = now
  }

  /// The time at which ``elapsed(at:hasStreams:)`` has to be called, at the latest.
  package var nextDeadline: NIODeadline {
    var next = asked ?? lastReceived + idleTimeout
    func consider(_ deadline: NIODeadline?) {
      if let deadline, deadline < next { next = deadline }
    }
    consider(preface)
    consider(settings)
    consider(headers?.deadline)
    consider(stallDeadline)
    consider(drain)
    return next
  }

  private var stallDeadline: NIODeadline? { stall.map { $0.began + writeStallTimeout } }

  /// The client's SETTINGS have come.
  package mutating func settingsReceived() { preface = nil }

  /// The server's SETTINGS have been acknowledged.
  package mutating func settingsAcknowledged() { settings = nil }

  /// Bytes have come and been dealt with.
  ///
  /// - Parameters:
  ///   - headerBlock: Which list of headers is incomplete, if one is.
  ///   - now: The time.
  package mutating func received(headerBlock: Int?, at now: NIODeadline) {
    lastReceived = now
    asked = nil
    guard headerBlock != headers?.block else { return }
    headers = headerBlock.map { ($0, now + TimeAmount(limits.headerTimeout)) }
  }

  /// As much output has been made as the peer takes.
  ///
  /// - Parameters:
  ///   - isWaiting: Whether output waits for the peer.
  ///   - progress: How many bytes the peer has taken, counted from anywhere.
  ///   - now: The time.
  package mutating func outputMade(isWaiting: Bool, progress: Int, at now: NIODeadline) {
    guard isWaiting else {
      stall = nil
      return
    }
    if let stall, progress - stall.progress < limits.writeStallBytes { return }
    stall = Stall(began: now, progress: progress)
  }

  /// The shutdown has been announced, and a PING asks whether the peer has seen it.
  package mutating func drainAnnounced(at now: NIODeadline) {
    isDraining = true
    drain = now + TimeAmount(limits.pingTimeout)
  }

  /// The shutdown is final.
  package mutating func drainFinished() { drain = nil }

  /// Time has passed.
  ///
  /// - Parameters:
  ///   - now: The time.
  ///   - hasStreams: Whether streams are open.
  /// - Returns: What has to be done, `nil` if nothing is due.
  package mutating func elapsed(at now: NIODeadline, hasStreams: Bool) -> Action? {
    if let preface, now >= preface {
      return .close(.init(.prefaceTimeout, "the preface has to come in \(limits.prefaceTimeout)"))
    }
    if let headers, now >= headers.deadline {
      return .close(.init(.headerTimeout, "a list of headers has to be complete in \(limits.headerTimeout)"))
    }
    if let settings, now >= settings {
      return .close(.init(.settingsTimeout, "SETTINGS have to be acknowledged in \(limits.settingsTimeout)"))
    }
    if let stallDeadline, now >= stallDeadline {
      return .close(
        .init(
          .writeStall,
          "the peer has to take what is sent (bytes in \(limits.writeStallTimeout), min: \(limits.writeStallBytes))"))
    }
    if let drain, now >= drain {
      self.drain = nil
      return .finishDrain
    }
    return silence(at: now, hasStreams: hasStreams)
  }

  private mutating func silence(at now: NIODeadline, hasStreams: Bool) -> Action? {
    if let asked {
      guard now >= asked else { return nil }
      return .close(.init(.idle, "a silent peer has to answer a PING in \(limits.pingTimeout)"))
    }
    guard now >= lastReceived + idleTimeout else { return nil }
    if hasStreams || isDraining {
      asked = now + TimeAmount(limits.pingTimeout)
      return .ping
    }
    // The next time that this is called, the drain is over or the peer is gone.
    lastReceived = now
    return .drain(.init(.idle, "a connection without streams is silent for \(limits.idleTimeout)"))
  }
}
