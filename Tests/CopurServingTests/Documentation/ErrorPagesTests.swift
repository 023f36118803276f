import CopurCore
import CopurFusionCenter
import CopurServing
import CopurWire
import Foundation
import Hummingbird
import Testing

/// Each code that people or programs may see has a page of documentation that says what the code says.
struct ErrorPagesTests {
  private static let catalogue = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/CopurCore/Docs.docc")

  /// The facts that each page has to list: exit statuses; gRPC statuses with those of HTTP; receipts that refuse.
  private static let facts: [String: [String]] = {
    var facts: [String: [String]] = [:]
    for code in CopurError.Code.allCases { facts["Error-\(code)"] = ["Exit status: \(code.exitStatus) (EX_"] }
    var statuses = InferenceError.Code.allCases.map { code in
      let error = InferenceError(code, "")
      return ("\(error.rpcErrorCode)", error.status)
    }
    // The two that the HTTP plane gives where no certificate and no token does.
    statuses.append(("\(AccessRefusal.noCertificate.rpcErrorCode)", .unauthorized))
    statuses.append(("\(AccessRefusal.noPrincipal(uris: []).rpcErrorCode)", .forbidden))
    for (code, status) in statuses {
      let name = code.replacing(/[A-Z]/) { "_\($0.output)" }.uppercased()
      facts["Status-\(name)"] = ["gRPC status: \(name)\n", "HTTP status: \(status.code)\n"]
    }
    for status in Receipt.Status.allCases where ![.accepted, .duplicate].contains(status) {
      let name = "\(status)".uppercased()
      facts["Receipt-\(name)"] = ["Receipt: \(name)\n"]
    }
    return facts
  }()

  @Test("Every code has its page, and every page its code")
  func pages() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.catalogue.appending(path: "Errors").path)
    #expect(files.sorted() == Self.facts.keys.map { "\($0).md" }.sorted())
  }

  @Test(
    "A page says the code's status, when it comes, what it looks like and what to do", arguments: facts.keys.sorted())
  func page(name: String) throws {
    let text = try String(contentsOf: Self.catalogue.appending(path: "Errors/\(name).md"), encoding: .utf8)
    for fact in Self.facts[name] ?? [] { #expect(text.contains("- \(fact)"), "\(name): \(fact)") }
    let sections = text.components(separatedBy: "\n## ").dropFirst()
    #expect(sections.map { $0.prefix { $0 != "\n" } } == ["Overview", "Example", "What to do"])
    #expect(sections.dropFirst().first?.contains("```\n") == true, "\(name) shows no message")
  }

  @Test("The table of codes has a row for each page, with its status")
  func table() throws {
    let text = try String(contentsOf: Self.catalogue.appending(path: "ErrorCodes.md"), encoding: .utf8)
    let rows = text.matches(of: /\| (\d+) \| <doc:([\w-]+)> \|/).map { (String($0.2), String($0.1)) }
    let links = text.matches(of: /<doc:([\w-]+)>/).map { String($0.1) }
    #expect(Set(links) == Set(Self.facts.keys))
    for (name, status) in rows {
      #expect(Self.facts[name]?.contains { $0.contains(" status: \(status)") } == true, "\(name): \(status)")
    }
    #expect(rows.count == CopurError.Code.allCases.count + InferenceError.Code.allCases.count + 2)
  }
}
