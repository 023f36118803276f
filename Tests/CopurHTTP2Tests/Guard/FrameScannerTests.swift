import CopurHTTP2
import Testing

struct FrameScannerTests {
  private let frames =
    Frame.headers(1, [1, 2, 3], flags: 0x1) + Frame.make(type: 9, flags: 0x4, stream: 1, [4])
    + Frame.make(type: 0, flags: 0x1, stream: 1, []) + Frame.make(type: 0xfe, flags: 0xff, stream: 0x7fff_ffff, [0])

  private func scan(_ bytes: [UInt8], slice: Int, into scanner: inout FrameScanner) -> [FrameHeader] {
    var found: [FrameHeader] = []
    for start in stride(from: 0, to: bytes.count, by: slice) {
      bytes[start..<min(start + slice, bytes.count)].withUnsafeBytes { buffer in
        var rest = buffer[...]
        while let header = scanner.next(in: &rest) { found.append(header) }
      }
    }
    return found
  }

  @Test("Headers are found behind the preface, however the bytes are cut", arguments: [1, 2, 8, 9, 10, 24, 4096])
  func cuts(_ slice: Int) {
    var scanner = FrameScanner()
    let found = scan(Frame.preface + frames, slice: slice, into: &scanner)
    #expect(
      found == [
        FrameHeader(length: 0, type: 4, flags: 0, stream: 0),
        FrameHeader(length: 3, type: 1, flags: 0x1, stream: 1),
        FrameHeader(length: 1, type: 9, flags: 0x4, stream: 1),
        FrameHeader(length: 0, type: 0, flags: 0x1, stream: 1),
        FrameHeader(length: 1, type: 0xfe, flags: 0xff, stream: 0x7fff_ffff),
      ])
  }

  @Test("The reserved bit of the stream's number is ignored")
  func reservedBit() {
    var scanner = FrameScanner()
    var bytes = Frame.make(type: 0, flags: 0, stream: 3, [])
    bytes[5] |= 0x80
    #expect(scan(Frame.preface + bytes, slice: 100, into: &scanner).last?.stream == 3)
  }

  @Test("A list of headers is open until its last byte")
  func headerBlock() {
    var scanner = FrameScanner()
    var isOpen: [Bool] = []
    for byte in Frame.preface + frames {
      _ = scan([byte], slice: 1, into: &scanner)
      isOpen.append(scanner.isInsideHeaderBlock)
    }
    // From the ninth byte of HEADERS to the last of CONTINUATION.
    let first = Frame.preface.count + 8
    let last = Frame.preface.count + 12 + 9
    #expect(isOpen.indices.filter { isOpen[$0] } == Array(first..<last))
    #expect(scanner.headerBlocks == 1)
  }
}
