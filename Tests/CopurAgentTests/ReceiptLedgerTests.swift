import CopurAgent
import CopurCore
import CopurWire
import Foundation
import Testing

/// A file's path in a folder that is removed with it.
private final class LedgerPath {
  private let folder: URL
  let path: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "copur-ledger-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appending(path: "ledger.jsonl").path
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}

@Suite struct ReceiptLedgerTests {
  private let file: LedgerPath

  init() throws { file = try LedgerPath() }

  private func entry(_ samples: [UInt64], session: String = "s", _ block: [Float] = [1, -0.5]) -> LedgerEntry {
    LedgerEntry(
      session: session, samples: samples, status: .accepted,
      hashes: samples.map { _ in LedgerEntry.hash(of: block[...]) })
  }

  /// printf '\x00\x00\x80\x3f\x00\x00\x00\xbf' | sha256sum
  @Test func aLineSaysWhatBecameOfTheBlocks() async throws {
    let ledger = try ReceiptLedger(path: file.path)
    try await ledger.append([entry([7, 9])])
    let hash = "e5e0ce39fac89cd93af5ba8bcad2fe35d88c75417c7e44941fe5ee4e48f1cf75"
    #expect(
      file.text == #"{"hashes":["\#(hash)","\#(hash)"],"samples":[7,9],"session":"s","status":"accepted"}"# + "\n")
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func anotherRunKnowsWhatTheFusionCenterHas() async throws {
    do {
      let ledger = try ReceiptLedger(path: file.path)
      let late = LedgerEntry(session: "s", samples: [3], status: .late, hashes: [LedgerEntry.hash(of: [1, -0.5])])
      try await ledger.append([entry([1]), late, entry([2], session: "t")])
    }
    let ledger = try ReceiptLedger(path: file.path)
    func isStored(_ sample: UInt64, _ values: [Float] = [1, -0.5]) -> Bool {
      ledger.hasReceipt(of: OutgoingBlock(sample: sample, values: values[...]), session: "s")
    }
    #expect(isStored(1))
    #expect(!isStored(1, [1, 0.5]), "another block of the sample")
    #expect(!isStored(2), "another session's")
    #expect(!isStored(3), "refused")
  }

  @Test func aLineThatWasCutOffNeverCounted() async throws {
    do { try await ReceiptLedger(path: file.path).append([entry([1]), entry([2])]) }
    let whole = file.text
    try Data((whole + whole.prefix(40)).utf8).write(to: URL(filePath: file.path))
    let ledger = try ReceiptLedger(path: file.path)
    #expect(file.text == whole)
    try await ledger.append([entry([4])])
    #expect(file.text.hasPrefix(whole) && file.text.split(separator: "\n").count == 3)
  }

  @Test func filesThatAreNoLedger() async throws {
    try Data("{\"session\":\"s\"}\n".utf8).write(to: URL(filePath: file.path))
    let wrong = #expect(throws: CopurError.self) { _ = try ReceiptLedger(path: file.path) }
    #expect(wrong?.code == .invalidData && wrong?.message.contains("ledger.jsonl:1: ") == true)
    let nowhere = #expect(throws: CopurError.self) { _ = try ReceiptLedger(path: file.path + "/nowhere") }
    #expect(nowhere?.code == .cannotCreate && nowhere?.message.contains("Not a directory") == true)
    // Reading it would never end.
    let device = #expect(throws: CopurError.self) { _ = try ReceiptLedger(path: "/dev/zero") }
    #expect(device?.code == .cannotCreate && device?.message == "/dev/zero: a ledger is a regular file")
    // The file of the first is closed with it.
    try FileManager.default.removeItem(atPath: file.path)
    let held = try ReceiptLedger(path: file.path)
    let second = #expect(throws: CopurError.self) { _ = try ReceiptLedger(path: file.path) }
    #expect(second?.code == .cannotCreate && second?.message.contains("another process has this one") == true)
    try await held.append([entry([1])])
  }
}
