internal import CopurCore
package import CopurWire
internal import Foundation

/// A line of an agent's ledger: what became of some blocks of one session.
package struct LedgerEntry: Codable, Hashable, Sendable {
  /// The session.
  package let session: String
  /// The samples, in the order in which their blocks were sent.
  package let samples: [UInt64]
  /// The receipt's status in the words of ``Receipt/Status``: "accepted".
  package let status: String
  /// SHA-256 of each block as it is on the wire: 32-bit floats, little-endian. 64 hexadecimal digits each.
  package let hashes: [String]

  package init(session: String, samples: [UInt64], status: Receipt.Status, hashes: [String]) {
    precondition(samples.count == hashes.count)
    self.session = session
    self.samples = samples
    self.status = "\(status)"
    self.hashes = hashes
  }

  /// Whether the fusion center has the blocks.
  var isStored: Bool { status == "\(Receipt.Status.accepted)" || status == "\(Receipt.Status.duplicate)" }

  /// The digest of a block, as ``hashes`` has it.
  package static func hash(of block: ArraySlice<Float>) -> String {
    var bytes = Data(capacity: 4 * block.count)
    for value in block {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return SHA256Digest.hexadecimal(of: bytes)
  }
}
