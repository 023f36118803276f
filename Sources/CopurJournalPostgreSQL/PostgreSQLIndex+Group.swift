internal import CopurCore
internal import CopurFusionCenter
internal import Foundation

extension PostgreSQLIndex {
  /// Gives numbers to what a group stores.
  ///
  /// The first statement is the fence: it fails on the `NOT NULL` of `epoch` unless this writer is the latest one, and the group
  /// the next one.
  ///
  /// - Returns: The statements of its transaction, few whatever the group's size: a table's rows go in one.
  mutating func statements(
    storing group: JournalGroup, schema: String, epoch: Int64, agents roster: [AgentID]
  ) -> [PostgreSQLConnection.Statement] {
    let floor = nextFloor()
    groups += 1
    var statements: [PostgreSQLConnection.Statement] = [
      (
        """
        UPDATE \(schema).writer SET epoch = CASE WHEN epoch = $1 AND groups = $2 - 1 THEN epoch END, groups = $2,
          floor = CASE WHEN $3 < 0 THEN floor ELSE $3 END
        """, [.integer(epoch), .integer(groups), .integer(floor ?? -1)]
      )
    ]
    statements += names(of: group, schema: schema, agents: roster)
    if !group.contributions.isEmpty {
      let rows = group.contributions.map { contribution in
        lastContribution += 1
        opened(
          contribution.samples, session: sessions[contribution.session]!, row: lastContribution)
        return lastContribution
      }
      statements.append(
        (
          """
          INSERT INTO \(schema).contribution (sequence, session, agent, model, samples, hashes, payload)
          SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[])
          """,
          [
            .integers(rows), .integers(group.contributions.map { sessions[$0.session]! }),
            .integers(group.contributions.map { agents[$0.agent]! }),
            .integers(group.contributions.map { models[$0.modelVersion]! }),
            .bytes(group.contributions.map { JournalBytes.data($0.samples) }),
            .bytes(group.contributions.map { JournalBytes.data($0.hashes) }),
            .bytes(group.contributions.map { JournalBytes.data($0.values) }),
          ]
        ))
    }
    if !group.verdicts.isEmpty {
      statements.append(insertion(of: group.verdicts, schema: schema, agents: roster))
    }
    if !group.abortions.isEmpty {
      let rows = group.abortions.map { abortion in
        lastAborted += 1
        closed(abortion.samples, session: sessions[abortion.session]!)
        return lastAborted
      }
      statements.append(
        (
          """
          INSERT INTO \(schema).aborted (sequence, session, samples, reason)
          SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::text[])
          """,
          [
            .integers(rows), .integers(group.abortions.map { sessions[$0.session]! }),
            .bytes(group.abortions.map { JournalBytes.data($0.samples) }),
            .texts(group.abortions.map(\.reason)),
          ]
        ))
    }
    return statements
  }

  /// Rows of sessions and models that are new.
  private mutating func names(
    of group: JournalGroup, schema: String, agents roster: [AgentID]
  ) -> [PostgreSQLConnection.Statement] {
    var statements: [PostgreSQLConnection.Statement] = []
    let named =
      group.contributions.map { ($0.session, $0.defense) }
      + group.verdicts.map { ($0.session, $0.defense) }
      + group.abortions.map { ($0.session, $0.defense) }
    for (session, defense) in named where sessions[session] == nil {
      lastSession += 1
      sessions[session] = lastSession
      statements.append(
        (
          "INSERT INTO \(schema).session (id, name, defense) VALUES ($1, $2, $3)",
          [.integer(lastSession), .text(session), .text(defense)]
        ))
    }
    for version in group.contributions.map(\.modelVersion) + group.verdicts.map(\.modelVersion)
    where models[version] == nil {
      lastModel += 1
      models[version] = lastModel
      statements.append(
        (
          "INSERT INTO \(schema).model (id, version, agents) VALUES ($1, $2, $3)",
          [.integer(lastModel), .text(version), .text(roster.map(\.name).joined(separator: " "))]
        ))
    }
    return statements
  }

  private mutating func insertion(
    of verdicts: [Verdict], schema: String, agents roster: [AgentID]
  ) -> PostgreSQLConnection.Statement {
    let runs = verdicts.runs
    let rows = runs.map { VerdictRow($0, agents: roster) }
    let firsts = runs.map { $0[$0.startIndex] }
    for verdict in verdicts {
      closed(CollectionOfOne(verdict.sample), session: sessions[verdict.session]!)
    }
    let numbers = runs.map { _ in
      lastVerdict += 1
      return lastVerdict
    }
    return (
      """
      INSERT INTO \(schema).verdict
        (sequence, session, model, defense, samples, labels, contributed, suspects, details, certified)
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[],
        $8::bytea[], $9::bytea[], $10::bytea[])
      """,
      [
        .integers(numbers), .integers(firsts.map { sessions[$0.session]! }),
        .integers(firsts.map { models[$0.modelVersion]! }), .texts(firsts.map(\.defense)),
        .bytes(rows.map(\.samples)), .bytes(rows.map(\.labels)), .bytes(rows.map(\.contributed)),
        .bytes(rows.map(\.suspects)), .bytes(rows.map(\.details)), .bytes(rows.map(\.certified)),
      ]
    )
  }
}
