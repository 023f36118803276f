import CopurCore
import CopurDatasets
import CopurNumerics
import Testing

struct FileBytesTests {
  private let folder: TemporaryFolder
  /// Random, so that the compressed file is about as long.
  private let content: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 0)
    content = (0..<300_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }

  @Test("Plain and gzip-compressed files give the same bytes, whatever the name says")
  func plainAndGzip() throws {
    #expect(try FileBytes.read(folder.write(content, to: "a.csv")) == content)
    #expect(try FileBytes.read(folder.writeGzip(content, to: "a.csv.gz")) == content)
    #expect(try FileBytes.read(folder.writeGzip(content, to: "b.csv")) == content)
    #expect(try FileBytes.read(folder.write([], to: "empty.csv")) == [])
  }

  @Test("A gzip file that is cut off is named, wherever the cut is", arguments: [2, 11, 1000, 50_000])
  func cutOff(length: Int) throws {
    let path = try folder.writeGzip(content, to: "a.gz", cutAfter: length)
    let error = #expect(throws: CopurError.self) { try FileBytes.read(path) }
    #expect(error?.code == .invalidData)
    #expect(error?.message.hasPrefix("\(path): the gzip stream is cut off") == true, "\(String(describing: error))")
  }

  @Test("A gzip file without its last byte is cut off, though all of its content is there")
  func cutOffTrailer() throws {
    let whole = try folder.writeGzip(content, to: "a.gz")
    var bytes = try FileBytes.read(whole)
    #expect(bytes == content)
    bytes = try folder.compressedBytes(of: whole)
    let path = try folder.write(bytes.dropLast(), to: "b.gz")
    let error = #expect(throws: CopurError.self) { try FileBytes.read(path) }
    #expect(error?.message.contains("cut off") == true)
  }

  /// What followed a stream was ignored, so that two files that were joined by mistake counted as the first of them.
  @Test("Members one after the other are one file; anything else behind a gzip stream is an error, zeros apart")
  func behindTheStream() throws {
    let bytes = try folder.compressedBytes(of: folder.writeGzip(content, to: "a.gz"))
    #expect(try FileBytes.read(folder.write(bytes + bytes, to: "two.gz")) == content + content)
    #expect(try FileBytes.read(folder.write(bytes + [0, 0, 0], to: "padded.gz")) == content)
    for (name, tail) in [("text.gz", Array("timestamp\n".utf8)), ("byte.gz", [0, 7]), ("magic.gz", [0x1F])] {
      let path = try folder.write(bytes + tail, to: name)
      let error = #expect(throws: CopurError.self) { try FileBytes.read(path) }
      #expect(error?.code == .invalidData)
      #expect(
        error?.message.hasPrefix("\(path): nothing follows the gzip stream (actual: ") == true,
        "\(String(describing: error))")
    }
    let half = try folder.write(bytes + bytes.dropLast(9), to: "half.gz")
    let error = #expect(throws: CopurError.self) { try FileBytes.read(half) }
    #expect(error?.message.contains("cut off") == true)
  }

  @Test("A changed byte is found")
  func corrupt() throws {
    var bytes = try folder.compressedBytes(of: folder.writeGzip(content, to: "a.gz"))
    bytes[bytes.count / 2] ^= 0x55
    let path = try folder.write(bytes, to: "b.gz")
    let error = #expect(throws: CopurError.self) { try FileBytes.read(path) }
    #expect(error?.code == .invalidData)
    #expect(error?.message.hasPrefix("\(path): the gzip stream is corrupt (") == true, "\(String(describing: error))")
  }

  @Test("A file named .gz that is none is not taken as it is", arguments: [[], Array("timestamp".utf8)] as [[UInt8]])
  func notGzip(bytes: [UInt8]) throws {
    let path = try folder.write(bytes, to: "a.gz")
    let error = #expect(throws: CopurError.self) { try FileBytes.read(path) }
    #expect(error?.message.hasPrefix("\(path): a file named .gz begins with the bytes 1f 8b") == true)
  }

  @Test("A file that unpacks to more than is allowed is refused")
  func limit() throws {
    let path = try folder.writeGzip([UInt8](repeating: 0, count: 5_000_000), to: "bomb.gz")
    let error = #expect(throws: CopurError.self) { try FileBytes.read(path, limit: 1_000_000) }
    #expect(error?.message.hasPrefix("\(path): unpacks to more than is allowed (max: 1000000 bytes)") == true)
    #expect(try FileBytes.read(path, limit: 5_000_000).count == 5_000_000)
  }

  @Test("A file that is not there, and a folder")
  func unreadable() throws {
    let missing = #expect(throws: CopurError.self) { try FileBytes.read("\(folder.path)/none") }
    #expect(missing?.code == .missingInput)
    let directory = #expect(throws: CopurError.self) { try FileBytes.read(folder.path) }
    #expect(directory?.code == .io)
  }
}
