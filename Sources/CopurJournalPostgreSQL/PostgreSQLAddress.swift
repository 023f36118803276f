internal import CLibPQ
internal import CopurCore
internal import CopurFusionCenter
internal import Foundation

/// The database that a URL names, and the schema in it.
struct PostgreSQLAddress: Sendable {
  /// The URL without its password, for messages.
  let name: String
  /// The schema of the journal: a lower-case letter, then letters, digits and `_`.
  let schema: String
  /// For how long a center keeps its sessions without a renewal, in milliseconds: 500 to 3,600,000.
  let lease: Int64
  /// The options that libpq is told.
  let options: [(name: String, value: String)]

  /// - Throws: ``CopurError`` of code `.invalidArgument` if the text is no such URL.
  init(_ location: JournalLocation) throws {
    // What cannot be read is not repeated: it may hold a password.
    let rule =
      "a PostgreSQL journal is postgresql://[USER@]HOST[:PORT]/DATABASE[?schema=NAME&…], as libpq reads it"
    guard var url = URLComponents(string: location.text), url.fragment == nil else {
      throw CopurError(.invalidArgument, rule)
    }
    let items = url.queryItems ?? []
    let schema = items.last { $0.name == "schema" }?.value ?? "copur"
    guard schema.utf8.count <= 63, schema.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil,
      !schema.hasPrefix("pg_")
    else {
      throw CopurError(
        .invalidArgument,
        "a journal's schema is a lower-case letter, then letters, digits and _, at most 63, not pg_… (actual: \"\(schema)\")"
      )
    }
    self.schema = schema
    let seconds = items.last { $0.name == "lease" }?.value ?? "10"
    guard let lease = Double(seconds), (0.5...3600).contains(lease) else {
      throw CopurError(
        .invalidArgument, "a journal's lease is 0.5 to 3600 seconds (actual: \"\(seconds.prefix(64))\")")
    }
    self.lease = Int64(lease * 1000)
    let others = items.filter { !["schema", "lease"].contains($0.name) }
    url.queryItems = others.isEmpty ? nil : others
    let text = url.string ?? ""
    var message: UnsafeMutablePointer<CChar>?
    guard let parsed = PQconninfoParse(text, &message) else {
      PQfreemem(message)
      throw CopurError(.invalidArgument, rule)
    }
    defer { PQconninfoFree(parsed) }
    var options: [(name: String, value: String)] = []
    var next = parsed
    while let keyword = next.pointee.keyword {
      if let value = next.pointee.val {
        options.append((String(cString: keyword), String(cString: value)))
      }
      next += 1
    }
    // A database that is gone is noticed within half a minute; the times of the URL come first.
    let given = Set(options.map(\.name))
    for (name, value) in [
      ("fallback_application_name", "copur"), ("connect_timeout", "5"), ("keepalives_idle", "10"),
      ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "20000"),
    ] where !given.contains(name) { options.append((name, value)) }
    options.append(("client_encoding", "UTF8"))
    self.options = options
    url.password = nil
    let shown =
      others.filter { !$0.name.lowercased().contains("password") }
      + (schema == "copur" ? [] : [URLQueryItem(name: "schema", value: schema)])
    url.queryItems = shown.isEmpty ? nil : shown
    name = url.string ?? "postgresql:"
  }

  /// A text of libpq's without the passwords of the URL.
  func masked(_ text: String) -> String {
    options.filter { $0.name.contains("password") && !$0.value.isEmpty }
      .reduce(text) { $0.replacingOccurrences(of: $1.value, with: "***") }
  }
}
