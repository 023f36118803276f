package import CopurNumerics

/// The loss of a vote of submodels of which an attacker turns ρ of one agent, the worst ones.
///
/// With p the softmax of a submodel's logits at a temperature, y the class and d_{t,c} = p_{t,y} − p_{t,c}, the margin that is
/// left against class c is m_c = Σ_t d_{t,c} − Σ (d_{t,c} + 1) over the ρ largest d_{t,c} of an agent, of the agent with most
/// of it; a turned submodel gives all to c. The loss of a sample is softplus(−min_c m_c), plus the submodels' own
/// cross-entropies with a weight.
package struct WorstCaseVote: Hashable, Sendable {
  /// The number of classes.
  package let classes: Int
  /// The submodels of each agent, one range after the other from 0.
  package let agents: [Range<Int>]
  /// ρ, how many submodels of one agent are turned; 0 for the vote without an attacker.
  package let turned: Int
  /// One over the temperature of p.
  package let sharpness: Float
  /// The weight of the submodels' cross-entropies.
  package let ownWeight: Float

  /// - Precondition: The agents' submodels are neighbours, at least one an agent.
  package init(classes: Int, agents: [Range<Int>], turned: Int, sharpness: Float, ownWeight: Float) {
    precondition(classes >= 2 && turned >= 0 && sharpness > 0 && ownWeight >= 0)
    precondition(agents.first?.lowerBound == 0 && agents.allSatisfy { !$0.isEmpty })
    precondition(zip(agents, agents.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    self.classes = classes
    self.agents = agents
    self.turned = turned
    self.sharpness = sharpness
    self.ownWeight = ownWeight
  }

  /// The number of submodels.
  package var submodels: Int { agents.last?.upperBound ?? 0 }

  /// The part of the loss that all submodels share.
  struct Coupling {
    /// The class with the least margin, n values.
    var rivals: [Int32]
    /// The rate at which the loss falls as d of each submodel grows, [submodels, n]; 0 for the turned ones.
    var pull: Matrix
    /// softplus(−min_c m_c), n values.
    var losses: [Float]
  }

  /// The margins of samples.
  ///
  /// - Parameters:
  ///   - shares: p, [submodels · classes, n], a submodel after the other; n a multiple of `ClassShares.lanes`.
  ///   - labels: n classes.
  ///   - cores: Over how many parts of the samples the work is spread.
  func couple(_ shares: Matrix, labels: [Int32], cores: Int) -> Coupling {
    let width = labels.count
    precondition(width.isMultiple(of: ClassShares.lanes))
    precondition(shares.rows == submodels * classes && shares.columns == width)
    var coupling = Coupling(
      rivals: [Int32](repeating: 0, count: width), pull: Matrix(rows: submodels, columns: width),
      losses: [Float](repeating: 0, count: width))
    let blocks = width / ClassShares.lanes
    let parts = max(1, min(cores, blocks))
    shares.values.withUnsafeBufferPointer { shares in
      labels.withUnsafeBufferPointer { labels in
        coupling.rivals.withUnsafeMutableBufferPointer { rivals in
          coupling.pull.values.withUnsafeMutableBufferPointer { pull in
            coupling.losses.withUnsafeMutableBufferPointer { losses in
              guard let shares = shares.baseAddress, let rivals = rivals.baseAddress, let pull = pull.baseAddress,
                let losses = losses.baseAddress, let labels = labels.baseAddress
              else { return }
              let samples = Samples(
                shares: shares, labels: labels, width: width, rivals: rivals, pull: pull, losses: losses)
              Parallel.perform(parts) { part in
                for block in part * blocks / parts..<(part + 1) * blocks / parts {
                  couple(block * ClassShares.lanes, of: samples)
                }
              }
            }
          }
        }
      }
    }
    return coupling
  }

  /// The memory of a batch.
  private struct Samples {
    let shares: UnsafePointer<Float>
    let labels: UnsafePointer<Int32>
    let width: Int
    let rivals: UnsafeMutablePointer<Int32>
    let pull: UnsafeMutablePointer<Float>
    let losses: UnsafeMutablePointer<Float>
  }

  private typealias Lanes = ClassShares.Lanes

  /// The same for eight samples from one on.
  private func couple(_ first: Int, of samples: Samples) {
    let (count, width, block) = (submodels, samples.width, classes * samples.width)
    let (shares, labels) = (samples.shares, samples.labels)
    withUnsafeTemporaryAllocation(of: Lanes.self, capacity: count + max(1, turned)) { memory in
      guard let own = memory.baseAddress else { return }
      let largest = own + count
      var truth = SIMD8<Int32>()
      for lane in 0..<ClassShares.lanes { truth[lane] = labels[first + lane] }
      for submodel in 0..<count {
        var value = Lanes.zero
        let start = shares + submodel * block + first
        for lane in 0..<ClassShares.lanes { value[lane] = start[Int(truth[lane]) * width + lane] }
        own[submodel] = value
      }
      // Of the class with the least margin: the margin, the agent that is turned, and the least d + 1 that is turned.
      var least = Lanes(repeating: .infinity)
      var rival = SIMD8<Int32>()
      var agent = SIMD8<Int32>()
      var threshold = Lanes(repeating: .infinity)
      for label in 0..<classes {
        var total = Lanes.zero
        var worst = Lanes(repeating: -1)
        var worstAgent = SIMD8<Int32>()
        var worstThreshold = Lanes(repeating: .infinity)
        for (index, range) in agents.enumerated() {
          let depth = min(turned, range.count)
          // The largest d + 1 so far, descending.
          for place in 0..<depth { largest[place] = Lanes(repeating: -1) }
          for submodel in range {
            let difference = own[submodel] - ClassShares.load(shares + submodel * block + label * width + first)
            total += difference
            var value = difference + 1
            for place in 0..<depth {
              let held = largest[place]
              let isLarger = value .> held
              largest[place] = held.replacing(with: value, where: isLarger)
              value = value.replacing(with: held, where: isLarger)
            }
          }
          var sum = Lanes.zero
          for place in 0..<depth { sum += largest[place] }
          let isWorse = sum .> worst
          worst = worst.replacing(with: sum, where: isWorse)
          worstAgent = worstAgent.replacing(with: Int32(index), where: isWorse)
          if depth > 0 { worstThreshold = worstThreshold.replacing(with: largest[depth - 1], where: isWorse) }
        }
        var margin = total - worst
        margin = margin.replacing(with: .infinity, where: truth .== Int32(label))
        let isLess = margin .< least
        least = least.replacing(with: margin, where: isLess)
        rival = rival.replacing(with: Int32(label), where: isLess)
        agent = agent.replacing(with: worstAgent, where: isLess)
        threshold = threshold.replacing(with: worstThreshold, where: isLess)
      }
      for lane in 0..<ClassShares.lanes {
        let sample = first + lane
        // softplus(−m) = max(−m, 0) + log(1 + e^−|m|); its slope by −m is the logistic function.
        let power = Double(-abs(least[lane])).exponential
        samples.losses[sample] = Float(Double(max(-least[lane], 0)) + (1 + power).naturalLogarithm)
        let slope = Float((least[lane] > 0 ? power : 1) / (1 + power))
        samples.rivals[sample] = rival[lane]
        let range = agents[Int(agent[lane])]
        let column = Int(rival[lane]) * width + sample
        // Those over the threshold are turned, and of those at it the first ones, up to ρ.
        var open = min(turned, range.count)
        for submodel in range
        where own[submodel][lane] - shares[submodel * block + column] + 1 > threshold[lane] {
          open -= 1
        }
        for submodel in 0..<count {
          var weight = slope
          if range.contains(submodel) {
            let value = own[submodel][lane] - shares[submodel * block + column] + 1
            if value > threshold[lane] {
              weight = 0
            } else if value == threshold[lane], open > 0 {
              open -= 1
              weight = 0
            }
          }
          samples.pull[submodel * width + sample] = weight
        }
      }
    }
  }

  /// ∂ℓ/∂logits of one submodel, ℓ the mean over the samples that count.
  ///
  /// - Parameters:
  ///   - submodel: Its number.
  ///   - plain: The softmax of its logits, [classes, n].
  ///   - shares: p of all submodels, as in ``couple(_:labels:cores:)``; nil for the cross-entropy alone.
  ///   - counted: How many samples count, the first ones.
  /// - Returns: [classes, n], 0 in the columns that do not count; and the sum of their cross-entropies.
  func gradient(
    of submodel: Int, plain: Matrix, shares: Matrix?, coupling: Coupling?, labels: [Int32], counted: Int
  ) -> (gradient: Matrix, loss: Double) {
    let width = labels.count
    let scale = 1 / Float(max(1, counted))
    var loss = 0.0
    var gradient = plain
    gradient.values.withUnsafeMutableBufferPointer { gradient in
      for index in 0..<gradient.count { gradient[index] *= scale * ownWeight }
      for sample in 0..<counted {
        let place = Int(labels[sample]) * width + sample
        loss -= Double(max(plain.values[place], .leastNormalMagnitude)).naturalLogarithm
        gradient[place] -= scale * ownWeight
      }
      if let shares, let coupling {
        shares.values.withUnsafeBufferPointer { shares in
          coupling.pull.values.withUnsafeBufferPointer { pull in
            let own = submodel * classes * width..<(submodel + 1) * classes * width
            add(
              UnsafeBufferPointer(rebasing: shares[own]),
              pull: UnsafeBufferPointer(rebasing: pull[submodel * width..<(submodel + 1) * width]),
              rivals: coupling.rivals, labels: labels, scale: scale * sharpness, to: gradient)
          }
        }
      }
      for label in 0..<classes {
        for sample in counted..<width { gradient[label * width + sample] = 0 }
      }
    }
    return (gradient, loss)
  }

  /// Adds the gradient of −pull · d by the logits: with p the shares at sharpness s, −s · pull · p_k · ([k = y] − [k = c] − d).
  private func add(
    _ sharp: UnsafeBufferPointer<Float>, pull: UnsafeBufferPointer<Float>, rivals: [Int32], labels: [Int32],
    scale: Float, to gradient: UnsafeMutableBufferPointer<Float>
  ) {
    let width = labels.count
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { factors in
      for sample in 0..<width {
        let (truth, rival) = (Int(labels[sample]) * width + sample, Int(rivals[sample]) * width + sample)
        let weight = scale * pull[sample]
        factors[sample] = weight * (sharp[truth] - sharp[rival])
        gradient[truth] -= weight * sharp[truth]
        gradient[rival] += weight * sharp[rival]
      }
      for label in 0..<classes {
        for sample in 0..<width {
          gradient[label * width + sample] += factors[sample] * sharp[label * width + sample]
        }
      }
    }
  }

  /// The mean loss of given logits, and its gradient by them: what a training does step by step, at once.
  ///
  /// - Parameters:
  ///   - logits: Of each submodel, [classes, n], n a multiple of `ClassShares.lanes`.
  ///   - labels: n classes.
  package func callAsFunction(_ logits: [Matrix], labels: [Int]) -> (value: Double, gradients: [Matrix]) {
    let labels = labels.map { Int32($0) }
    let shares = Matrix(
      rows: submodels * classes, columns: labels.count,
      values: logits.flatMap { ClassShares.shares($0, sharpness: sharpness).values })
    let coupling = couple(shares, labels: labels, cores: 1)
    var value = coupling.losses.reduce(0.0) { $0 + Double($1) }
    let gradients = logits.indices.map { submodel in
      let (gradient, loss) = gradient(
        of: submodel, plain: ClassShares.shares(logits[submodel], sharpness: 1), shares: shares, coupling: coupling,
        labels: labels, counted: labels.count)
      value += Double(ownWeight) * loss
      return gradient
    }
    return (value / Double(max(1, labels.count)), gradients)
  }
}
