internal import CopurCore
internal import CopurFusionCenter
internal import CopurNumerics

/// Makes an observation of a request's inputs: a block an agent, or h with the observed set.
struct FusionInput {
  let model: ServedModel

  /// The most samples a request may have.
  static let maximumSamples = 4096
  /// The names of the second form; an agent of that name makes it one of the first.
  static let embedding = "h"
  static let observed = "observed"

  /// - Throws: ``InferenceError`` that names the input.
  func observation(of inputs: [Tensor]) throws(InferenceError) -> Observation {
    var named: [String: Tensor] = [:]
    for input in inputs {
      guard named.updateValue(input, forKey: input.name) == nil else {
        throw invalid(input.name, "an input comes once")
      }
    }
    guard !named.isEmpty else {
      throw InferenceError(.invalidArgument, "inputs: there is at least one input (actual: 0)")
    }
    if let embedding = named[Self.embedding], !isAgent(Self.embedding) { return try whole(embedding, named) }
    return try blocks(named)
  }

  /// One input an agent; who is left out is missing.
  private func blocks(_ named: [String: Tensor]) throws(InferenceError) -> Observation {
    let roster = model.roster
    var observation: Observation?
    for input in named.values.sorted(by: { $0.name < $1.name }) {
      guard let agent = try? AgentID(input.name), let block = roster.index(of: agent) else {
        throw invalid(
          String(input.name.prefix(64)),
          "an input is named as one of the agents (\(roster.agents.map(\.name).joined(separator: ", "))), or they are "
            + "\(Self.embedding) and \(Self.observed)")
      }
      let width = roster.layout.widths[block]
      let values = try floats(of: input, width: width)
      let samples = values.count / width
      if observation == nil { observation = Observation(layout: roster.layout, samples: samples) }
      guard let expected = observation?.samples, expected == samples else {
        throw invalid(
          input.name, "every input has as many samples (others: \(observation?.samples ?? 0), actual: \(samples))")
      }
      for sample in 0..<samples {
        let row = values[sample * width..<(sample + 1) * width]
        try check(row, of: input.name, sample: sample)
        observation?.set(block: block, of: sample, to: row)
      }
    }
    guard let observation else { preconditionFailure("at least one input was counted") }
    return observation
  }

  /// h, and which of its blocks mean something.
  private func whole(_ embedding: Tensor, _ named: [String: Tensor]) throws(InferenceError) -> Observation {
    let layout = model.roster.layout
    if let other = named.keys.first(where: { $0 != Self.embedding && $0 != Self.observed }) {
      throw invalid(
        String(other.prefix(64)), "\(Self.embedding) holds every agent's block: only \(Self.observed) goes with it")
    }
    let values = try floats(of: embedding, width: layout.totalWidth)
    let samples = values.count / layout.totalWidth
    var isObserved = [Bool](repeating: true, count: samples * layout.count)
    if let observed = named[Self.observed] {
      guard case .bool(let given) = observed.values else {
        throw invalid(observed.name, "the datatype is BOOL (actual: \(observed.values.datatype.rawValue))")
      }
      guard observed.shape == [samples, layout.count] else {
        throw invalid(observed.name, "the shape is \([samples, layout.count]) (actual: \(observed.shape))")
      }
      isObserved = given
    }
    var observation = Observation(layout: layout, samples: samples)
    for sample in 0..<samples {
      for block in 0..<layout.count where isObserved[sample * layout.count + block] {
        let columns = layout[block]
        let start = sample * layout.totalWidth
        let row = values[start + columns.lowerBound..<start + columns.upperBound]
        try check(row, of: embedding.name, sample: sample)
        observation.set(block: block, of: sample, to: row)
      }
    }
    return observation
  }

  private func floats(of input: Tensor, width: Int) throws(InferenceError) -> [Float] {
    guard case .fp32(let values) = input.values else {
      throw invalid(input.name, "the datatype is FP32 (actual: \(input.values.datatype.rawValue))")
    }
    guard input.shape.count == 2, input.shape[1] == width, (1...Self.maximumSamples).contains(input.shape[0]) else {
      throw invalid(
        input.name, "the shape is [samples, \(width)] with 1 to \(Self.maximumSamples) samples (actual: \(input.shape))"
      )
    }
    return values
  }

  private func check(_ row: ArraySlice<Float>, of name: String, sample: Int) throws(InferenceError) {
    if let index = row.firstIndex(where: { !$0.isFinite }) {
      throw invalid(
        name, "every value is finite (sample \(sample), value \(index - row.startIndex): \(row[index]))")
    }
  }

  private func isAgent(_ name: String) -> Bool { (try? AgentID(name)).flatMap(model.roster.index(of:)) != nil }

  private func invalid(_ name: String, _ rule: String) -> InferenceError {
    InferenceError(.invalidArgument, "input \(name.debugDescription): \(rule)")
  }
}
