import CopurCore
import CopurDatasets
import CopurNumerics
import Foundation
import Testing

@Suite("NPZ files")
struct NumpyArchiveTests {
  /// An array as NumPy writes it.
  private func npy(_ type: String, _ shape: String, isFortran: Bool = false, _ bytes: [UInt8]) -> [UInt8] {
    var header = "{'descr': '\(type)', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': \(shape), }"
    header += String(repeating: " ", count: 64 - (header.count + 11) % 64) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)]
      + Array(header.utf8) + bytes
  }

  @Test("types, both byte orders, and Fortran's order")
  func types() throws {
    #expect(try NumpyArray(file: "a", bytes: npy("|u1", "(3,)", [1, 2, 255])[...]).values == [1, 2, 255])
    #expect(try NumpyArray(file: "a", bytes: npy("<i2", "(2,)", [0xFE, 0xFF, 3, 0])[...]).values == [-2, 3])
    #expect(try NumpyArray(file: "a", bytes: npy(">i4", "(1,)", [0xFF, 0xFF, 0xFF, 0xFB])[...]).values == [-5])
    let half = withUnsafeBytes(of: Double(0.5).bitPattern.littleEndian) { Array($0) }
    #expect(try NumpyArray(file: "a", bytes: npy("<f8", "()", half)[...]).values == [0.5])
    let single = withUnsafeBytes(of: Float(-1.5).bitPattern.littleEndian) { Array($0) }
    #expect(try NumpyArray(file: "a", bytes: npy("<f4", "(1, 1)", single)[...]).values == [-1.5])
    let fortran = try NumpyArray(file: "a", bytes: npy("|i1", "(2, 3)", isFortran: true, [1, 4, 2, 5, 3, 6])[...])
    #expect(fortran.values == [1, 2, 3, 4, 5, 6] && fortran.shape == [2, 3])
  }

  @Test(
    "what is wrong is said",
    arguments: [
      ("<c8", "(1,)", 8, "real numbers"), ("|O", "(1,)", 8, "real numbers"), ("|u1", "(4,)", 3, "takes 4 bytes"),
      ("|u1", "(-1,)", 0, "at most"), ("<f8", "(99999999999, 99999999999)", 8, "at most"),
    ])
  func wrong(type: String, shape: String, count: Int, words: String) {
    let error = #expect(throws: CopurError.self) {
      _ = try NumpyArray(file: "a.npy", bytes: npy(type, shape, [UInt8](repeating: 0, count: count))[...])
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test("any byte of an archive that is cut off or changed gives an error or the same arrays, and never traps")
  func damaged() throws {
    let archive = Self.archive(npy("|u1", "(3,)", [7, 8, 9]))
    #expect(try NumpyArchive(file: "a.npz", bytes: archive).arrays["X"]?.values == [7, 8, 9])
    for length in 0..<archive.count {
      #expect(throws: (any Error).self) { _ = try NumpyArchive(file: "a.npz", bytes: Array(archive[..<length])) }
    }
    for place in archive.indices {
      for change: UInt8 in [0x01, 0x80, 0xFF] {
        var changed = archive
        changed[place] ^= change
        _ = try? NumpyArchive(file: "a.npz", bytes: changed)
      }
    }
  }

  @Test("a table without a truth, and one whose truth does not fit")
  func numberFile() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "t.csv").path
    try Data("a,b,bad\n1,2,0\n3,,1\n".utf8).write(to: URL(filePath: path))
    let file = try NumberFile(reading: path, truth: "bad")
    #expect(file.name == "t" && file.rows.columns == 2 && file.truth == [0, 1] && file.rows[1, 1].isNaN)
    let error = #expect(throws: CopurError.self) { _ = try NumberFile(reading: path, truth: "worse") }
    #expect(error?.description.contains("a column \"worse\"") == true)
    #expect(throws: CopurError.self) { _ = try NumberFile(reading: folder.appending(path: "none.npz").path) }
  }

  /// A ZIP archive with one stored member, `X.npy`.
  private static func archive(_ content: [UInt8]) -> [UInt8] {
    func bytes(_ value: Int, _ size: Int) -> [UInt8] { (0..<size).map { UInt8(value >> (8 * $0) & 255) } }
    var checksum: UInt32 = 0xFFFF_FFFF
    for byte in content {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xEDB8_8320 : checksum >> 1 }
    }
    let name = Array("X.npy".utf8)
    let common =
      bytes(0, 2) + bytes(0, 2) + bytes(0, 4) + bytes(Int(~checksum), 4) + bytes(content.count, 4)
      + bytes(content.count, 4) + bytes(name.count, 2) + bytes(0, 2)
    let local = bytes(0x0403_4B50, 4) + bytes(20, 2) + common + name + content
    let entry =
      bytes(0x0201_4B50, 4) + bytes(20, 2) + bytes(20, 2) + common + bytes(0, 2) + bytes(0, 2) + bytes(0, 2)
      + bytes(0, 4) + bytes(0, 4) + name
    return local + entry + bytes(0x0605_4B50, 4) + bytes(0, 4) + bytes(1, 2) + bytes(1, 2) + bytes(entry.count, 4)
      + bytes(local.count, 4) + bytes(0, 2)
  }
}
