internal import CopurLearning
public import CopurNumerics

extension PixelPartition {
  /// The number of pictures that go through the submodels at a time.
  private static let block = 256

  /// The class of each picture.
  ///
  /// - Parameter pictures: [n, shape.count].
  public func predictions(_ pictures: Matrix, by rule: Rule) -> [Int] {
    let votes = voteRule(rule)
    return map(pictures, by: rule) { _, given in votes.label(given) }
  }

  /// The outcome of each picture: whether its class is predicted, and up to how many changed pixels that stays so.
  ///
  /// Against ``Threat/anyAgent`` the radius is a number of pixels of any one agent; where all submodels of an agent may be
  /// turned, it is as many as the largest agent has pixels: the whole agent, whichever.
  ///
  /// - Parameters:
  ///   - pictures: [n, shape.count].
  ///   - labels: The class of each.
  /// - Precondition: An agent of the threat is one of ``agents``.
  public func certify(_ pictures: Matrix, labels: [Int], by rule: Rule, against threat: Threat) -> [PixelOutcome] {
    precondition(pictures.rows == labels.count)
    let (votes, agents) = (voteRule(rule), agents)
    let pixels = agents.map { $0.reduce(0) { $0 + parts[$1].pixels.count } }
    let most: Int
    let reach: [Range<Int>]
    switch threat {
    case .anywhere:
      reach = [0..<parts.count]
      most = pixels.reduce(0, +)
    case .anyAgent:
      reach = agents
      most = pixels.max() ?? 0
    case .agent(let agent):
      precondition(agents.indices.contains(agent))
      reach = [agents[agent]]
      most = pixels[agent]
    }
    return map(pictures, by: rule) { row, given in
      let label = votes.label(given)
      guard label == labels[row] else { return .wrong }
      return .certified(
        radius: reach.reduce(most) { radius, voters in
          let turned = votes.radius(given, label: label, voters: voters)
          return turned == voters.count ? radius : min(radius, turned)
        })
    }
  }

  /// The results of a closure for each picture, which gets its row and what each submodel gives to each class.
  private func map<Result>(
    _ pictures: Matrix, by rule: Rule, _ body: (Int, UnsafeBufferPointer<Int32>) -> Result
  ) -> [Result] {
    let blocks = (pictures.rows + Self.block - 1) / Self.block
    let size = parts.count * classes
    guard blocks > 0 else { return [] }
    return [Result](unsafeUninitializedCapacity: pictures.rows) { results, count in
      let results = results
      Parallel.perform(blocks) { block in
        let rows = block * Self.block..<min((block + 1) * Self.block, pictures.rows)
        given(pictures, rows: rows, by: rule).withUnsafeBufferPointer { given in
          for (index, row) in rows.enumerated() {
            let own = UnsafeBufferPointer(rebasing: given[index * size..<(index + 1) * size])
            results.initializeElement(at: row, to: body(row, own))
          }
        }
      }
      count = pictures.rows
    }
  }
}
