import CopurTLS
import Foundation
import Testing

struct DevelopmentCertificatesTests {
  @Test("All files are there, keys are private, and nothing else is left")
  func files() throws {
    let directory = Scratch.directory()
    let certificates = try DevelopmentCertificates.make(
      in: directory, agents: ["time", "audio-2.x_y"], clients: ["c"], viewers: ["v"], admins: ["a"])
    let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    let expected = ["admin-a", "agent-audio-2.x_y", "agent-time", "ca", "client-c", "server", "viewer-v"]
    #expect(names == expected.flatMap { ["\($0).key", "\($0).pem"] })
    for name in names {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
      let mode = try #require(attributes[.posixPermissions] as? Int)
      if name.hasSuffix(".key") { #expect(mode == 0o600) } else { #expect(mode & 0o022 == 0) }
    }
    let pairs = [certificates.client("c"), certificates.viewer("v"), certificates.admin("a")]
    for (pair, identity) in zip(pairs, ["client/c", "viewer/v", "admin/a"]) {
      let session = try SessionPair(client: certificates.clientContext(pair), server: certificates.serverContext())
      _ = session.handshake()
      #expect(try session.server.peerCertificate()?.uris == ["spiffe://copur/\(identity)"])
    }
  }

  @Test("Made again, the files are replaced by ones that belong together")
  func replacement() throws {
    let directory = Scratch.directory()
    let before = try DevelopmentCertificates.make(in: directory, agents: ["time"])
    let old = try String(contentsOfFile: before.ca, encoding: .utf8)
    let after = try DevelopmentCertificates.make(in: directory, agents: ["time"])
    #expect(try String(contentsOfFile: after.ca, encoding: .utf8) != old)
    let pair = try SessionPair(client: after.clientContext(), server: after.serverContext())
    #expect(pair.handshake().server?.error == nil)
  }

  @Test(
    "A name that does not fit a file name and a URI is refused with the rule",
    arguments: ["", ".", "..", "../time", "a/b", "a b", "a,URI:spiffe://copur/agent/b", "ä", "-a", "a\0b", "a\nb"]
      + [String(repeating: "a", count: 49)])
  func invalidNames(_ name: String) throws {
    let directory = Scratch.directory()
    for position in 0..<4 {
      let names = (0..<4).map { $0 == position ? [name] : [] }
      let error = #expect(throws: TLSError.self) {
        try DevelopmentCertificates.make(
          in: directory, agents: names[0], clients: names[1], viewers: names[2], admins: names[3])
      }
      #expect(error?.code == .invalidName)
      #expect(error?.message.contains("1 to 48 of A-Z a-z 0-9 . _ -") == true)
      #expect(error?.message.contains("\"\(name)\"") == true)
    }
    #expect(!FileManager.default.fileExists(atPath: directory))
  }

  @Test("A host that is none is refused", arguments: [[], [""], ["a b"], ["a,DNS:b"], ["*"], ["1::2::3"]])
  func invalidHosts(_ hosts: [String]) throws {
    let error = #expect(throws: TLSError.self) {
      try DevelopmentCertificates.make(in: Scratch.directory(), agents: [], hosts: hosts)
    }
    #expect(error?.code == .invalidName)
  }

  @Test("A directory that cannot be made is named")
  func unwritable() throws {
    let directory = Scratch.directory() + "/missing/deep"
    let error = #expect(throws: TLSError.self) { try DevelopmentCertificates.make(in: directory, agents: []) }
    #expect(error?.code == .fileUnwritable)
    #expect(error?.message == "cannot make the directory \(directory): No such file or directory")
  }

  @Test("A file that cannot be put in place leaves no temporary one behind")
  func failedWrite() throws {
    let directory = Scratch.directory()
    // A directory lies where the last file would go.
    try FileManager.default.createDirectory(
      atPath: "\(directory)/agent-time.pem.new/x", withIntermediateDirectories: true)
    let error = #expect(throws: TLSError.self) { try DevelopmentCertificates.make(in: directory, agents: ["time"]) }
    #expect(error?.code == .fileUnwritable)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["agent-time.pem.new"])
  }

  @Test("A set that can be replaced only in part is not mixed with the new one")
  func failedReplacement() throws {
    let directory = Scratch.directory()
    let old = try DevelopmentCertificates.make(in: directory, agents: ["time"])
    let certificate = try String(contentsOfFile: old.ca, encoding: .utf8)
    // A directory in place of a file in the middle of the set: the authority before it was already another one.
    try FileManager.default.removeItem(atPath: old.agent("time").chain)
    try FileManager.default.createDirectory(
      atPath: "\(old.agent("time").chain)/x", withIntermediateDirectories: true)
    let error = #expect(throws: TLSError.self) { try DevelopmentCertificates.make(in: directory, agents: ["time"]) }
    #expect(error?.code == .fileUnwritable)
    #expect(error?.message.hasPrefix("cannot replace \(old.agent("time").chain): ") == true)
    let now = try? String(contentsOfFile: old.ca, encoding: .utf8)
    #expect(now == nil || now == certificate)
    #expect(try !FileManager.default.contentsOfDirectory(atPath: directory).contains { $0.hasSuffix(".new") })
  }
}
