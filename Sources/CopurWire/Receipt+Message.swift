extension Receipt {
  /// The receipt that a message says.
  ///
  /// - Throws: ``WireError`` if the status is none that is known.
  public init(_ message: Copur_V1_Receipt) throws(WireError) {
    let status: Status =
      switch message.status {
      case .accepted: .accepted
      case .duplicate: .duplicate
      case .conflict: .conflict
      case .late: .late
      case .invalid: .invalid
      case .unspecified, .UNRECOGNIZED:
        throw WireError(field: "Receipt.status", rule: "1 to 5 (actual: \(message.status.rawValue))")
      }
    self.init(session: message.session, samples: message.samples, status: status, reason: message.reason)
  }
}

extension Copur_V1_Receipt {
  /// The message that says a receipt.
  public init(_ receipt: Receipt) {
    self.init()
    session = receipt.session
    samples = receipt.samples
    reason = receipt.reason
    status =
      switch receipt.status {
      case .accepted: .accepted
      case .duplicate: .duplicate
      case .conflict: .conflict
      case .late: .late
      case .invalid: .invalid
      }
  }
}
