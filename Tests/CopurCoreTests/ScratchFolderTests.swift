import CopurCore
import Foundation
import Testing

@Suite("Folders for the time being")
struct ScratchFolderTests {
  private let parent = FileManager.default.temporaryDirectory.appending(path: "scratch-tests-\(UUID().uuidString)")

  private func names() -> Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? [])
  }

  @Test("One is its owner's alone, and goes with its value")
  func lifetime() throws {
    defer { try? FileManager.default.removeItem(at: parent) }
    do {
      let folder = try ScratchFolder("train", in: parent)
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.url.path)
      #expect(attributes[.posixPermissions] as? Int == 0o700)
      #expect(folder.url.lastPathComponent.hasPrefix("copur-train-") && names() == [folder.url.lastPathComponent])
      try Data("key".utf8).write(to: folder.url.appending(path: "key"))
    }
    #expect(names() == [])
  }

  @Test("Those of processes that are gone are removed by the next one; those in use, and what is none, stay")
  func abandoned() throws {
    defer { try? FileManager.default.removeItem(at: parent) }
    let files = FileManager.default
    // As a process leaves it that is killed: the lock has ended with it.
    let lock = ScratchFolder.lockName
    let first = try ScratchFolder("run", in: parent)
    let machine = try Data(contentsOf: first.url.appending(path: lock))
    for (name, file, content) in [
      ("copur-train-killed", lock, machine), ("copur-notes", "thesis", machine), ("other", lock, machine),
      ("copur-train-elsewhere", lock, Data("another.machine".utf8)),
    ] {
      let folder = parent.appending(path: name)
      try files.createDirectory(at: folder, withIntermediateDirectories: true)
      try content.write(to: folder.appending(path: file))
    }
    try files.createSymbolicLink(
      at: parent.appending(path: "copur-link"), withDestinationURL: parent.appending(path: "other"))
    let second = try ScratchFolder("run", in: parent)
    #expect(
      names() == [
        "copur-notes", "other", "copur-link", "copur-train-elsewhere", first.url.lastPathComponent,
        second.url.lastPathComponent,
      ])
    #expect(files.fileExists(atPath: parent.appending(path: "other/\(lock)").path))
  }

  @Test("One that cannot be made says where and why")
  func refused() throws {
    defer { try? FileManager.default.removeItem(at: parent) }
    try Data().write(to: parent)
    let error = #expect(throws: CopurError.self) { try ScratchFolder("run", in: parent) }
    #expect(error?.code == .cannotCreate && error?.message.contains(parent.path) == true)
  }
}
