internal import CopurCore
public import CopurFusionCenter
internal import Foundation

extension PostgreSQLJournalReader {
  /// Writes a copy as of one moment into a new journal of another kind; services may write meanwhile.
  ///
  /// - Parameter file: The path of the copy, which appears once it is whole and on the disk; nothing may be there.
  /// - Returns: How many bytes the copy has.
  /// - Throws: ``CopurError``: `.cannotCreate` if something is there or cannot be written, `.io`, `.invalidData`.
  public func backUp(to file: String, in archive: any JournalArchive) async throws -> Int {
    let (connection, schema, name) = (connection, address.schema, name)
    return try await queue.run {
      try archive.archive(to: file) { writer in
        do {
          try connection.snapshot { try Self.copy(connection, schema: schema, to: writer) }
        } catch let error as PostgreSQLError {
          throw CopurError(.io, "\(name): the journal cannot be read", cause: error)
        } catch let error as CopurError where error.code == .invalidData {
          throw CopurError(.invalidData, "\(name): \(error.message): see `copur journal verify`", cause: error.cause)
        }
      }
    }
  }

  private static func copy(
    _ connection: PostgreSQLConnection, schema: String, to writer: any JournalArchiveWriter
  ) throws {
    let names = try PostgreSQLNames(connection, schema: schema)
    for (_, session) in names.sessions.sorted(by: { $0.key < $1.key }) {
      try writer.write(session: session.name, defense: session.defense)
    }
    for row in try connection.run("SELECT session, samples FROM \(schema).pruned ORDER BY session") {
      let session = try names.session(row.integer(0))
      try writer.write(pruned: SampleSet(bytes: row.data(1)), session: session.name, defense: session.defense)
    }
    for table in PostgreSQLTable.allCases {
      // Blocks need no order beyond their session's, and so no sorting of all that there is.
      let order = table == .contribution ? "session, sequence" : "sequence"
      try connection.forEachRow(of: "SELECT \(table.columns) FROM \(schema).\(table) ORDER BY \(order)") { row in
        let session = try names.session(row.integer(1))
        switch table {
        case .contribution:
          let model = try names.model(row.integer(3))
          try writer.write(
            try JournalGroup.Contribution(checking: row, names, model: model.version), agents: model.agents)
        case .verdict:
          try writer.write(
            names.verdicts(row), sessionDefense: session.defense, agents: names.model(row.integer(2)).agents)
        case .aborted:
          try writer.write(
            JournalGroup.Abortion(
              session: session.name, defense: session.defense,
              samples: JournalBytes.numbers(row.data(2), of: UInt64.self), reason: row.text(3)))
        }
      }
    }
  }
}

extension JournalGroup.Contribution {
  /// - Parameter row: A row of ``PostgreSQLTable/contribution`` with all of its columns.
  /// - Throws: ``CopurError`` of code `.invalidData` if it is none of whole blocks.
  fileprivate init(checking row: PostgreSQLRow, _ names: PostgreSQLNames, model: String) throws {
    let samples = try JournalBytes.numbers(row.data(4), of: UInt64.self)
    let hashes = try JournalBytes.numbers(row.data(5), of: UInt64.self)
    let values = try JournalBytes.numbers(row.data(6), of: Float.self)
    guard !samples.isEmpty, hashes.count == samples.count, values.count % samples.count == 0 else {
      throw CopurError(
        .invalidData,
        "contribution \(try row.integer(0)) has a hash and a block a sample (samples: \(samples.count), hashes: "
          + "\(hashes.count), values: \(values.count))")
    }
    let session = try names.session(row.integer(1))
    self.init(
      session: session.name, defense: session.defense, modelVersion: model, agent: try names.agent(row.integer(2)),
      samples: samples, hashes: hashes, values: values)
  }
}
