import CZlib
import CopurDatasets
import Foundation
import Testing

/// Real data, if this machine has it.
enum TestData {
  /// `$COPUR_DATA`, else the folder beside the checkout, then the system's.
  static let directory: DataDirectory = {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let beside = package.deletingLastPathComponent().appending(path: "shared/data").path
    let named = ProcessInfo.processInfo.environment[DataDirectory.variable]
    return DataDirectory(roots: [named ?? beside, DataDirectory.systemRoot])
  }()

  static let paperUser = "0BFC35E2-4817-4865-BFA7-764742302A2D"

  static func has(_ source: DatasetSource) -> Bool { (try? source.files(in: directory)) != nil }
  static func hasUser(_ user: String) -> Bool { has(DatasetSource(ExtraSensory(user: user, label: "SITTING"))) }
  static func hasImages(_ collection: ImageDataset.Collection) -> Bool {
    has(DatasetSource(ImageDataset(collection: collection)))
  }
}

/// A folder of files made for one test, removed when the test is over.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var directory: DataDirectory { DataDirectory(roots: [path]) }

  @discardableResult
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    let url = URL(filePath: path).appending(path: name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  /// Writes bytes gzip-compressed, and cuts the file off after some bytes if asked to.
  @discardableResult
  func writeGzip(_ bytes: [UInt8], to name: String, cutAfter length: Int? = nil) throws -> String {
    let whole = try write([], to: name)
    let file = try #require(gzopen(whole, "wb"))
    #expect(bytes.isEmpty || gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count))
    #expect(gzclose_w(file) == Z_OK)
    if let length {
      let content = try Data(contentsOf: URL(filePath: whole))
      try #require(content.count > length)
      try write(content.prefix(length), to: name)
    }
    return whole
  }

  /// A file's bytes as they lie on the disk.
  func compressedBytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }
}
