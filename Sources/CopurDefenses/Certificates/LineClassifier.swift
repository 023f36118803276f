package import CopurCore
internal import CopurLearning
internal import CopurNumerics
package import CopurPurification

/// A fusion model on the line z ↦ μ + z·u: whether it gives one class on an interval of codes.
///
/// Every activation is piecewise linear, so the logits are piecewise affine in z. An interval is divided where a unit's
/// input changes its sign, layer by layer; on a piece a difference of two logits is decided by its ends. What single
/// precision can round away is bounded along the way by the standard analysis of sums of products (Higham 2002, section
/// 3.1, in any order of summation), so that the answer is about the model as it computes, not as it is written.
package struct LineClassifier: Sendable {
  private typealias Function = (constant: Double, slope: Double)

  /// A part of the interval on which every unit is an affine function of z.
  private struct Piece {
    let lower: Double
    let upper: Double
    var units: [Function]
    /// The greatest error of each unit by rounding.
    var errors: [Double]

    func size(_ unit: Int) -> Double { max(abs(value(unit, lower)), abs(value(unit, upper))) }
    func value(_ unit: Int, _ code: Double) -> Double { units[unit].constant + units[unit].slope * code }
  }

  /// Sizes up to which nothing in single precision overflows.
  private static let sizeLimit = 1e30
  /// Half a unit in the last place of 1, in single precision.
  private static let roundoff = 0x1p-24

  private let model: FusionModel
  private let first: [Function]
  /// The same with the absolute values of all terms.
  private let firstSizes: [Function]

  /// - Parameters:
  ///   - offset: μ, as wide as the model's input.
  ///   - direction: u.
  package init(_ model: FusionModel, offset: [Float], direction: [Float]) {
    precondition(offset.count == model.network.inputWidth && direction.count == offset.count)
    self.model = model
    let layer = model.network.layers[0]
    var functions = layer.bias.map { Function(Double($0), 0) }
    var sizes = layer.bias.map { Function(abs(Double($0)), 0) }
    for input in 0..<layer.weights.rows {
      let (fixed, moving) = (Double(offset[input]), Double(direction[input]))
      for unit in functions.indices {
        let weight = Double(layer.weights[input, unit])
        functions[unit].constant += weight * fixed
        functions[unit].slope += weight * moving
        sizes[unit].constant += abs(weight * fixed)
        sizes[unit].slope += abs(weight * moving)
      }
    }
    (first, firstSizes) = (functions, sizes)
  }

  /// Whether the model gives this class for every code of the interval; false also where rounding leaves it open.
  package func isConstant(_ label: Int, on interval: CodeInterval) -> Bool {
    let inputs = model.network.inputWidth
    var pieces = [
      Piece(
        lower: interval.lower, upper: interval.upper, units: first,
        errors: firstSizes.map { Self.rounding(of: $0.constant + $0.slope * interval.reach, terms: inputs) })
    ]
    for (index, layer) in model.network.layers.enumerated() {
      if index > 0 { pieces = pieces.map { affine($0, layer) } }
      pieces = pieces.flatMap { activated($0, slope: Double(layer.activation.lowerSlope)) }
    }
    return pieces.allSatisfy { decides($0, label) }
  }

  /// The most that a sum of products can be off.
  ///
  /// - Parameter size: The sum of the products' absolute values.
  private static func rounding(of size: Double, terms: Int) -> Double {
    // Also the roundings of an input, of the sum with the bias and of this bound itself.
    let share = Double(terms + 4) * roundoff
    return size < sizeLimit ? size * share / (1 - share) : .infinity
  }

  private func affine(_ piece: Piece, _ layer: DenseLayer) -> Piece {
    var units = layer.bias.map { Function(Double($0), 0) }
    var errors = [Double](repeating: 0, count: units.count)
    let sizes = piece.units.indices.map { piece.size($0) + piece.errors[$0] }
    for unit in units.indices {
      var size = abs(units[unit].constant)
      for input in piece.units.indices {
        let weight = Double(layer.weights[input, unit])
        units[unit].constant += weight * piece.units[input].constant
        units[unit].slope += weight * piece.units[input].slope
        errors[unit] += abs(weight) * piece.errors[input]
        size += abs(weight) * sizes[input]
      }
      errors[unit] += Self.rounding(of: size, terms: piece.units.count)
    }
    return Piece(lower: piece.lower, upper: piece.upper, units: units, errors: errors)
  }

  /// The pieces on which no unit's input changes its sign, after the activation.
  private func activated(_ piece: Piece, slope: Double) -> [Piece] {
    if slope == 1 { return [piece] }
    let crossings = piece.units.map { -$0.constant / $0.slope }.filter { $0 > piece.lower && $0 < piece.upper }
    let ends = [piece.lower] + Set(crossings).sorted() + [piece.upper]
    return zip(ends, ends.dropFirst()).map { lower, upper in
      var part = Piece(lower: lower, upper: upper, units: piece.units, errors: piece.errors)
      for unit in part.units.indices {
        if part.value(unit, lower) + part.value(unit, upper) <= 0 {
          part.units[unit] = (slope * part.units[unit].constant, slope * part.units[unit].slope)
        }
        // Rounding can carry a unit across its kink, where its slope is at most the larger of the two.
        part.errors[unit] =
          part.errors[unit] * max(1, abs(slope)) + Self.roundoff * (part.size(unit) + part.errors[unit])
      }
      return part
    }
  }

  private func decides(_ piece: Piece, _ label: Int) -> Bool {
    [piece.lower, piece.upper].allSatisfy { code in
      switch model.loss {
      case .sigmoid:
        let logit = piece.value(0, code)
        return label == 1 ? logit > piece.errors[0] : logit < -piece.errors[0]
      case .softmax:
        return piece.units.indices.allSatisfy { other in
          other == label
            || piece.value(label, code) - piece.value(other, code) > piece.errors[label] + piece.errors[other]
        }
      }
    }
  }
}
