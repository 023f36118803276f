internal import CopurCore
internal import CopurNumerics

extension Dataset {
  /// This data set with some of its agents, in the order given; the features of the others are left out.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if an agent is unknown here, comes twice, or there is none.
  func selecting(agents: [AgentID]) throws -> Dataset {
    if agents == roster.agents { return self }
    let indices = try agents.map { agent in
      guard let index = roster.index(of: agent) else {
        throw CopurError(
          .invalidArgument,
          "an agent of \(name) is one of \(roster.agents.map(\.name).joined(separator: ", ")) (actual: \"\(agent)\")")
      }
      return index
    }
    let blocks = indices.map { roster.layout[$0] }
    let selected = try AgentRoster(
      agents: agents, widths: blocks.map(\.count), geometries: indices.map { roster.geometries[$0] })
    func rearranged(_ rows: LabelledRows) -> LabelledRows {
      var features = Matrix(rows: rows.count, columns: selected.layout.totalWidth)
      for (index, block) in blocks.enumerated() {
        features.replaceColumns(selected.layout[index], with: rows.features.columns(block))
      }
      return LabelledRows(features: features, labels: rows.labels)
    }
    return Dataset(
      name: name, roster: selected, featureNames: blocks.flatMap { featureNames[$0] }, classNames: classNames,
      train: rearranged(train), test: rearranged(test), digest: digest, silence: silence, notes: notes)
  }
}
