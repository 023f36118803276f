internal import CopurCore
internal import CopurFusionCenter
internal import Foundation

extension PostgreSQLIndex {
  /// The statements of a group's transaction, few whatever its size: a table's rows go in one. The first returns the highest
  /// number of a record before it.
  ///
  /// The first two are the fence. The first fails on the `NOT NULL` of `groups` unless this center's is the latest one of its
  /// address, and the group the next one; and it locks the center's row, which whoever takes sessions over locks before it looks.
  /// So the second, which divides by zero unless every session has the token of its records, says what holds until the commit.
  ///
  /// - Parameters:
  ///   - group: Its sessions are all in ``sessions``, its models in ``models``.
  ///   - center: This center's number.
  func statements(
    storing group: JournalGroup, schema: String, center: Int64, epoch: Int64, agents roster: [AgentID]
  ) -> [PostgreSQLConnection.Statement] {
    let own = group.sessions.sorted().map { (name: $0, session: sessions[$0]!) }
    var statements: [PostgreSQLConnection.Statement] = [
      (
        """
        UPDATE \(schema).center SET groups = CASE WHEN epoch = $2 AND groups = $3 - 1 THEN $3 END WHERE id = $1
        RETURNING (SELECT last_value FROM \(schema).record)
        """, [.integer(center), .integer(epoch), .integer(groups + 1)]
      ),
      (
        """
        SELECT 1 / (count(*) = cardinality($1::bigint[]))::int
        FROM \(schema).session JOIN unnest($1::bigint[], $2::bigint[]) AS own (id, token) USING (id, token)
        """, [.integers(own.map(\.session.id)), .integers(own.map { group.tokens[$0.name] ?? $0.session.token })]
      ),
    ]
    let defenses = defenses(in: group)
    let new = own.filter { !$0.session.hasRecords }
    if !new.isEmpty {
      statements.append(
        (
          """
          UPDATE \(schema).session SET defense = new.defense FROM unnest($1::bigint[], $2::text[]) AS new (id, defense)
          WHERE session.id = new.id
          """, [.integers(new.map(\.session.id)), .texts(new.map { defenses[$0.name]! })]
        ))
    }
    let floors = own.compactMap { own in own.session.nextFloor.map { (own.session.id, $0) } }
    if !floors.isEmpty {
      statements.append(
        (
          """
          UPDATE \(schema).session SET floor = new.floor FROM unnest($1::bigint[], $2::bigint[]) AS new (id, floor)
          WHERE session.id = new.id
          """, [.integers(floors.map(\.0)), .integers(floors.map(\.1))]
        ))
    }
    if !group.contributions.isEmpty { statements.append(insertion(of: group.contributions, schema: schema)) }
    if !group.verdicts.isEmpty {
      statements.append(insertion(of: group.verdicts, schema: schema, agents: roster))
    }
    if !group.abortions.isEmpty { statements.append(insertion(of: group.abortions, schema: schema)) }
    return statements
  }

  private func defenses(in group: JournalGroup) -> [String: String] {
    let named =
      group.contributions.map { ($0.session, $0.defense) } + group.verdicts.map { ($0.session, $0.defense) }
      + group.abortions.map { ($0.session, $0.defense) }
    return Dictionary(named, uniquingKeysWith: { first, _ in first })
  }

  private func insertion(
    of contributions: [JournalGroup.Contribution], schema: String
  ) -> PostgreSQLConnection.Statement {
    (
      """
      INSERT INTO \(schema).contribution (session, agent, model, samples, hashes, payload)
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[])
      """,
      [
        .integers(contributions.map { sessions[$0.session]!.id }), .integers(contributions.map { agents[$0.agent]! }),
        .integers(contributions.map { models[$0.modelVersion]! }),
        .bytes(contributions.map { JournalBytes.data($0.samples) }),
        .bytes(contributions.map { JournalBytes.data($0.hashes) }),
        .bytes(contributions.map { JournalBytes.data($0.values) }),
      ]
    )
  }

  private func insertion(
    of verdicts: [Verdict], schema: String, agents roster: [AgentID]
  ) -> PostgreSQLConnection.Statement {
    let runs = verdicts.runs
    let rows = runs.map { VerdictRow($0, agents: roster) }
    let firsts = runs.map { $0[$0.startIndex] }
    return (
      """
      INSERT INTO \(schema).verdict
        (session, model, defense, samples, labels, contributed, suspects, details, certified)
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[],
        $8::bytea[], $9::bytea[])
      """,
      [
        .integers(firsts.map { sessions[$0.session]!.id }), .integers(firsts.map { models[$0.modelVersion]! }),
        .texts(firsts.map(\.defense)), .bytes(rows.map(\.samples)), .bytes(rows.map(\.labels)),
        .bytes(rows.map(\.contributed)), .bytes(rows.map(\.suspects)), .bytes(rows.map(\.details)),
        .bytes(rows.map(\.certified)),
      ]
    )
  }

  private func insertion(of abortions: [JournalGroup.Abortion], schema: String) -> PostgreSQLConnection.Statement {
    (
      """
      INSERT INTO \(schema).aborted (session, samples, reason)
      SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[])
      """,
      [
        .integers(abortions.map { sessions[$0.session]!.id }),
        .bytes(abortions.map { JournalBytes.data($0.samples) }), .texts(abortions.map(\.reason)),
      ]
    )
  }
}
