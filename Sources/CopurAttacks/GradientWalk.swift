internal import CopurCore
internal import CopurNumerics

/// Steps along the gradient of a victim's loss, kept to where the attacker may go.
struct GradientWalk {
  private let descent: ProjectedGradientDescent
  private let situation: AttackSituation
  private let wanted: [Int]
  private let isTargeted: Bool
  private let draws: Int
  /// Whether steps follow the gradient in the metric of the victim's regions.
  private let usesMetric: Bool
  private let seeds: [UInt64]
  private var evaluations: UInt64 = 0

  /// The samples where the walk has led them.
  private(set) var current: Observation
  /// The attacker's gain at ``current``, one a sample: it maximises that. Nil before the first step.
  private(set) var gains: [Float]?
  /// For which samples any gradient was other than 0.
  private(set) var hadGradient: [Bool]
  /// The size of each sample's next step.
  var steps: [Float]

  /// - Parameters:
  ///   - start: Where the walk starts; nil for what agents honestly send.
  ///   - usesMetric: Whether steps follow the gradient in the metric of the victim's regions, if it has any.
  ///   - draws: How many of a randomized victim's gradients are averaged.
  init(
    descent: ProjectedGradientDescent, situation: AttackSituation, start: Matrix? = nil, usesMetric: Bool = false,
    draws: Int = 1
  ) {
    self.descent = descent
    self.situation = situation
    let targets = descent.goal.targets(labels: situation.labels, classes: situation.victim.classes)
    wanted = targets ?? situation.labels
    isTargeted = targets != nil
    self.draws = draws
    self.usesMetric = usesMetric
    seeds = situation.victim.isRandomized ? situation.victimSeeds() : situation.labels.map { _ in 0 }
    current = situation.observation
    hadGradient = situation.labels.map { _ in false }
    steps = situation.labels.map { _ in descent.step }
    if let start { move(to: start) }
  }

  /// Goes to a point, or as near as the attacker may.
  mutating func move(to point: Matrix) {
    var allowed = point
    let layout = situation.observation.layout
    for block in situation.compromised {
      let region = situation.victim.regions?[block]
      guard descent.projection != nil || region != nil else { continue }
      for row in 0..<point.rows {
        let start = row * point.columns
        let columns = start + layout[block].lowerBound..<start + layout[block].upperBound
        let honest = situation.observation.embeddings.values[columns]
        allowed.values.replaceSubrange(columns, with: self.allowed(point.values[columns], honest, region))
      }
    }
    current = situation.observation.replacing(blocks: situation.compromised, with: allowed)
  }

  /// A block in the ball around the honest one and in the region that the victim accepts.
  private func allowed(
    _ block: ArraySlice<Float>, _ honest: ArraySlice<Float>, _ region: AcceptedRegion?
  ) -> [Float] {
    guard let projection = descent.projection else { return region?.nearby(block) ?? Array(block) }
    let inBall = projection.nearest(block, around: honest)
    guard let region, !region.contains(inBall[...]), region.contains(honest) else { return inBall }
    // Ball and region are convex and have the honest block in common: go as far towards the point as both allow.
    var (inside, outside) = (Float(0), Float(1))
    func point(_ share: Float) -> [Float] { zip(honest, inBall).map { $0 + share * ($1 - $0) } }
    for _ in 0..<20 {
      let middle = (inside + outside) / 2
      if region.contains(point(middle)[...]) { inside = middle } else { outside = middle }
    }
    return point(inside)
  }

  /// Evaluates ``gains`` where the samples are, and moves them a step.
  mutating func advance() {
    let result = situation.victim.expectedLossGradient(
      current, labels: wanted, draws: draws, seeds: seeds.map { $0 &+ evaluations &* UInt64(draws) })
    evaluations += 1
    let sign: Float = isTargeted ? -1 : 1
    gains = result.losses.map { sign * $0 }
    let columns = situation.columns
    var embeddings = current.embeddings
    for row in 0..<embeddings.rows {
      let slopes = columns.map { result.gradient[row, $0] }
      // A gradient of exactly 0 has no direction: the sample stays where it is.
      guard slopes.contains(where: { $0 != 0 }) else { continue }
      hadGradient[row] = true
      for (column, along) in zip(columns, directed(slopes)) { embeddings[row, column] += sign * steps[row] * along }
    }
    move(to: embeddings)
  }

  private func directed(_ slopes: [Float]) -> [Float] {
    var slopes = slopes
    if usesMetric, let regions = situation.victim.regions {
      var start = 0
      for block in situation.compromised {
        let end = start + situation.observation.layout[block].count
        slopes.replaceSubrange(start..<end, with: regions[block].preconditioned(slopes[start..<end]))
        start = end
      }
    }
    switch descent.direction {
    case .raw: return slopes
    case .sign: return slopes.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    case .normalized:
      let length = slopes.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
      return length > 0 && length.isFinite ? slopes.map { $0 / length } : slopes.map { _ in 0 }
    }
  }

  /// The warning that gradients were 0 for most samples, so that the attack hardly was one.
  static func warnings(hadGradient: [Bool]) -> [String] {
    let without = hadGradient.count { !$0 }
    guard !hadGradient.isEmpty, 2 * without > hadGradient.count else { return [] }
    return ["the gradient was 0 throughout for \(without) of \(hadGradient.count) samples"]
  }
}
