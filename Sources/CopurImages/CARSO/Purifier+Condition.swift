internal import CopurLearning
internal import CopurNumerics

extension Purifier {
  /// A forward pass from pre-activations to the encoded condition.
  struct Condition {
    /// The pass of each condition's encoder; nil for one that is taken as it is.
    fileprivate let encoded: [Network.Trace?]
    fileprivate let widths: [Int]
    fileprivate let representation: Network.Trace

    /// The encoded condition, [n, fcrepr].
    var output: Matrix { representation.output }
  }

  /// Encodes pre-activations.
  ///
  /// - Parameter outputs: The outputs of all layers of the classifier.
  func encode(_ outputs: [Matrix], in pass: Pass) -> Condition {
    var encoded: [Network.Trace?] = []
    var parts: [Matrix] = []
    for (condition, encoder) in zip(conditions, encoders) {
      let trace = encoder.map { networks[$0].trace(outputs[condition.layer], in: pass) }
      encoded.append(trace)
      parts.append(trace?.output ?? outputs[condition.layer])
    }
    return Condition(
      encoded: encoded, widths: parts.map(\.columns),
      representation: self[.representation].trace(Matrix(besides: parts), in: pass))
  }

  /// ∂ℓ/∂(outputs of the classifier's layers) by their numbers.
  ///
  /// - Parameter slopes: ∂ℓ/∂(encoded condition), [n, fcrepr].
  func pullback(_ condition: Condition, slopes: Matrix) -> [Int: Matrix] {
    let joined = self[.representation].pullback(condition.representation, outputGradient: slopes)
    var result: [Int: Matrix] = [:]
    var first = 0
    for index in conditions.indices {
      var part = joined.columns(first..<first + condition.widths[index])
      first += condition.widths[index]
      if let trace = condition.encoded[index], let encoder = encoders[index] {
        part = networks[encoder].pullback(trace, outputGradient: part)
      }
      // A layer may be named twice.
      if let sum = result[conditions[index].layer] { part.add(sum) }
      result[conditions[index].layer] = part
    }
    return result
  }

  /// ∂ℓ/∂parameters of the conditions' encoders and of the representation, in their places among the networks.
  ///
  /// - Parameter slopes: ∂ℓ/∂(encoded condition), [n, fcrepr].
  func backward(_ condition: Condition, slopes: Matrix, into gradients: inout [[[Float]]]) {
    let back = self[.representation].backward(condition.representation, outputGradient: slopes)
    gradients[index(.representation)] = back.parameters
    var first = 0
    for index in conditions.indices {
      let range = first..<first + condition.widths[index]
      first = range.upperBound
      guard let trace = condition.encoded[index], let encoder = encoders[index] else { continue }
      gradients[encoder] = networks[encoder].parameterGradient(trace, outputGradient: back.input.columns(range))
    }
  }
}
