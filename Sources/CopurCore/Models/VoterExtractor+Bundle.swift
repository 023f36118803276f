internal import CopurLearning
internal import CopurNumerics

extension VoterExtractor {
  public static let kind = "voter-extractor"

  /// The kinds of members, as the manifest spells them.
  private enum MemberKind: String, Codable { case network, forest }

  public init(from reader: PartReader) throws {
    let kinds = try reader.setting("members", as: [MemberKind].self)
    let means = try reader.tensor("means").values
    guard !means.isEmpty, !kinds.isEmpty else {
      throw CopurError(.invalidData, "part \"\(reader.name)\" has features and voters (it has none)")
    }
    let classes = reader.classes
    let members = try kinds.enumerated().map { index, kind -> Member in
      switch kind {
      case .network: return .network(try reader.network("\(index)"))
      case .forest: return .forest(try reader.forest("\(index)", inputWidth: means.count))
      }
    }
    let logits = ClassificationLoss(classes: classes).logits(classes: classes)
    for case .network(let network) in members where network.inputWidth != means.count || network.outputWidth != logits {
      throw CopurError(
        .invalidData,
        "a voter of part \"\(reader.name)\" leads from \(means.count) features to \(logits) logits (actual: "
          + "\(network.inputWidth) → \(network.outputWidth))")
    }
    self.init(
      standardizer: Standardizer(
        means: means, standardDeviations: try reader.positives("standard_deviations", count: means.count)),
      members: members, classes: classes, absence: try reader.vector("absence", count: logits))
  }

  public func write(to writer: inout PartWriter) throws {
    try writer.set(
      "members",
      to: members.map { member -> MemberKind in
        switch member {
        case .network: .network
        case .forest: .forest
        }
      })
    writer.write(standardizer.means, "means")
    writer.write(standardizer.standardDeviations, "standard_deviations")
    writer.write(absence, "absence")
    for (index, member) in members.enumerated() {
      switch member {
      case .network(let network): try writer.write(network, "\(index)")
      case .forest(let forest): writer.write(forest, "\(index)")
      }
    }
  }
}

extension PartWriter {
  /// Writes a forest's nodes; numbers of nodes and columns stay exact in single precision.
  fileprivate mutating func write(_ forest: RandomizedForest, _ name: String) {
    let nodes = forest.nodes
    write(nodes.roots.map(Float.init), "\(name).roots")
    write(nodes.columns.map(Float.init), "\(name).columns")
    write(nodes.cuts, "\(name).cuts")
    write(nodes.children.map(Float.init), "\(name).children")
    write(nodes.shares, "\(name).shares")
  }
}

extension PartReader {
  /// A forest of as many classes as the bundle has.
  fileprivate func forest(_ name: String, inputWidth: Int) throws -> RandomizedForest {
    func whole(_ array: String) throws -> [Int32] {
      try tensor("\(name).\(array)").values.map { value in
        guard let number = Int32(exactly: value) else {
          throw CopurError(
            .invalidData,
            "\"\(array)\" of forest \"\(name)\" of part \"\(self.name)\" are whole numbers (actual: \(value))")
        }
        return number
      }
    }
    guard
      let forest = RandomizedForest(
        inputWidth: inputWidth, classes: classes, roots: try whole("roots"), columns: try whole("columns"),
        cuts: try tensor("\(name).cuts").values, children: try whole("children"),
        shares: try tensor("\(name).shares").values)
    else {
      throw CopurError(.invalidData, "the nodes of forest \"\(name)\" of part \"\(self.name)\" are trees")
    }
    return forest
  }
}
