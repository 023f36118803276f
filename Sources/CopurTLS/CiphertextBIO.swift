internal import COpenSSL
internal import NIOCore

/// The ciphertext on its way from and to the network, as an OpenSSL `BIO`.
///
/// Received buffers are read in place, and what OpenSSL writes lands in the buffer that goes to the socket.
final class CiphertextBIO {
  /// Bytes that have come from the network and that OpenSSL has not read.
  var inbound = ByteBuffer()

  /// Bytes that OpenSSL has written and that the network has not taken.
  var outbound = ByteBuffer()

  /// OpenSSL never writes to the method table once it is made.
  private nonisolated(unsafe) static let method: OpaquePointer? = {
    guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "copur ciphertext") else { return nil }
    BIO_meth_set_read_ex(method, readCiphertext)
    BIO_meth_set_write_ex(method, writeCiphertext)
    BIO_meth_set_ctrl(method, controlCiphertext)
    return method
  }()

  /// Makes the `BIO` that OpenSSL uses; it must not outlive this object, and the caller owns the reference.
  func makeBIO() throws(TLSError) -> OpaquePointer {
    // NULL only when memory is short.
    guard let method = Self.method, let bio = BIO_new(method) else {
      throw OpenSSLErrorQueue.libraryFailure("BIO_new")
    }
    BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    BIO_set_init(bio, 1)
    return bio
  }

  /// Adds bytes from the network.
  func receive(_ bytes: ByteBuffer) {
    if inbound.readableBytes == 0 {
      inbound = bytes
    } else {
      inbound.writeImmutableBuffer(bytes)
    }
  }

  /// Takes what has to go to the network.
  func takeOutbound() -> ByteBuffer? {
    guard outbound.readableBytes > 0 else { return nil }
    defer { outbound = ByteBuffer() }
    return outbound
  }

  fileprivate func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(target.count, inbound.readableBytes)
    inbound.readWithUnsafeReadableBytes { source in
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
      return count
    }
    return count
  }

  fileprivate func write(_ bytes: UnsafeRawBufferPointer) {
    outbound.writeBytes(bytes)
  }

  fileprivate static func of(_ bio: OpaquePointer?) -> CiphertextBIO? {
    BIO_get_data(bio).map { Unmanaged<CiphertextBIO>.fromOpaque($0).takeUnretainedValue() }
  }
}

private func readCiphertext(
  bio: OpaquePointer?,
  data: UnsafeMutablePointer<CChar>?,
  count: Int,
  readCount: UnsafeMutablePointer<Int>?
) -> Int32 {
  copur_BIO_clear_retry_flags(bio)
  guard let self = CiphertextBIO.of(bio), let data else { return 0 }
  let copied = self.read(into: UnsafeMutableRawBufferPointer(start: data, count: count))
  readCount?.pointee = copied
  guard copied > 0 else {
    copur_BIO_set_retry_read(bio)
    return 0
  }
  return 1
}

private func writeCiphertext(
  bio: OpaquePointer?,
  data: UnsafePointer<CChar>?,
  count: Int,
  writtenCount: UnsafeMutablePointer<Int>?
) -> Int32 {
  copur_BIO_clear_retry_flags(bio)
  guard let self = CiphertextBIO.of(bio), let data else { return 0 }
  self.write(UnsafeRawBufferPointer(start: data, count: count))
  writtenCount?.pointee = count
  return 1
}

private func controlCiphertext(_: OpaquePointer?, command: Int32, _: Int, _: UnsafeMutableRawPointer?) -> Int {
  // OpenSSL flushes after each flight and treats 0 as failure.
  command == BIO_CTRL_FLUSH ? 1 : 0
}
