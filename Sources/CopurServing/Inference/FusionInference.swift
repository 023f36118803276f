internal import CopurCore
internal import CopurFusionCenter
internal import CopurNumerics
internal import Foundation
internal import Synchronization

/// The fusion model as an inference model, over HTTP and gRPC alike: checks what comes in, has the defence decide that
/// decides rounds, and says who took part.
final class FusionInference: Sendable {
  static let modelName = "fusion"
  static let platform = "copur"
  /// The most samples that clients are told to ask for at once; what bounds a request is its length.
  static let maximumSamples = 4_096

  let center: FusionCenter
  let statistics = InferenceStatistics()
  private let worker = InferenceWorker()
  /// The capabilities of each defence of a model version.
  private let capabilities = Mutex<(version: String, of: [String: Capabilities])>(("", [:]))

  init(center: FusionCenter) { self.center = center }

  /// The outputs that a defence has, found out by asking it.
  struct Capabilities: Sendable {
    var outputs: [FusionOutput]
    var classes: Int
    /// The certifier of its predictions; nil if there is nothing for its kind or manifold.
    var certifier: (any ToleranceCertifier)?
    /// Whether its verdicts say so unasked.
    var isCertified = false
  }

  /// A version as a number, which tools of Triton take versions for: of a hexadecimal one the first 60 bits.
  static func number(ofVersion version: String) -> String {
    Int64(version.prefix(15), radix: 16).map(String.init) ?? version
  }

  /// The model, if the name and the version are its own; the version may be given as the number, too.
  ///
  /// - Throws: ``InferenceError`` of code `.notFound`.
  func model(_ name: String, version: String = "") throws(InferenceError) -> ServedModel {
    let model = center.model
    guard name == Self.modelName else {
      throw InferenceError(
        .notFound,
        "model: the one model is \"\(Self.modelName)\" (actual: \(String(name.prefix(64)).debugDescription))")
    }
    guard version.isEmpty || version == model.version || version == Self.number(ofVersion: model.version) else {
      throw InferenceError(
        .notFound,
        "model version: the one that there is is \"\(model.version)\" (actual: "
          + "\(String(version.prefix(64)).debugDescription))")
    }
    return model
  }

  /// Answers a request.
  ///
  /// - Throws: ``InferenceError``.
  func infer(_ request: InferenceRequest) async throws(InferenceError) -> InferenceResponse {
    let start = ContinuousClock.now
    do {
      let (response, decisions, times) = try await decide(request)
      statistics.succeeded(in: .now - start, of: times, decisions)
      return response
    } catch {
      statistics.failed(in: .now - start)
      throw error
    }
  }

  private func decide(
    _ request: InferenceRequest
  ) async throws(InferenceError) -> (InferenceResponse, [Decision], InferenceStatistics.Times) {
    let model = try model(request.modelName, version: request.modelVersion)
    guard center.isReady else {
      throw InferenceError(
        .unavailable, "the fusion center takes no requests: it shuts down, or its journal has failed")
    }
    guard let defense = model.defense(named: request.defense) else {
      throw InferenceError(
        .notFound,
        "parameters.defense: one of \(model.defenses.map(\.name)) (actual: "
          + "\(String((request.defense ?? "").prefix(64)).debugDescription))")
    }
    let capabilities = capabilities(of: defense, in: model)
    let outputs = try outputs(
      request.outputs, of: defense, from: capabilities.outputs, isCertified: capabilities.isCertified)
    let observation = try FusionInput(model: model).observation(of: request.inputs)
    for sample in 0..<observation.samples where observation.observedCount(of: sample) < model.quorum {
      throw InferenceError(
        .failedPrecondition,
        "quorum: a sample has at least \(model.quorum) agents' blocks (sample \(sample): "
          + "\(observation.observedCount(of: sample)))")
    }
    let wanted = Set(outputs.map(\.output))
    let recovering = wanted.contains(.purified) ? defense as? any PurifyingDefense : nil
    let certifier = wanted.contains(.certifiedAgents) ? capabilities.certifier : nil
    let entered = ContinuousClock.now
    let result = await worker.run { () -> ([Decision], Matrix?, [Int?]?, InferenceStatistics.Times) in
      let began = ContinuousClock.now
      let (decisions, purified): ([Decision], Matrix?) =
        recovering?.decideAndRecover(observation) ?? (defense.decide(observation), nil)
      let certified = certifier?.tolerances(decisions.map(\.label), of: observation)
      return (
        decisions, purified, certified,
        InferenceStatistics.Times(queue: began - entered, compute: ContinuousClock.now - began)
      )
    }
    guard let (decisions, purified, certified, times) = result else {
      throw InferenceError(.resourceExhausted, "too many requests wait (max: \(worker.limit))")
    }
    let participation = Participation(observation, decisions: decisions, agents: model.roster.agents)
    let response = InferenceResponse(
      id: request.id.isEmpty ? UUID().uuidString.lowercased() : request.id, modelName: Self.modelName,
      modelVersion: model.version,
      parameters: [
        ("contributors", participation.contributors), ("defense", defense.name), ("missing", participation.missing),
        ("suspects", participation.suspects),
      ],
      outputs: outputs.map { output, classes in
        if let classes {
          return Tensor(classification: decisions.map(\.probabilities), named: output.rawValue, classes: classes)
        }
        return Tensor(
          name: output.rawValue,
          shape: [decisions.count]
            + output.columns(classes: decisions[0].probabilities.count, layout: model.roster.layout),
          values: output.values(of: decisions, purified: purified, certified: certified))
      })
    return (response, decisions, times)
  }

  /// The outputs that are asked for, or all that the defence has and that cost nothing more.
  private func outputs(
    _ requested: [RequestedOutput], of defense: any Defense, from available: [FusionOutput], isCertified: Bool
  ) throws(InferenceError) -> [(output: FusionOutput, classification: Int?)] {
    guard !requested.isEmpty else {
      return available.filter { $0 != .certifiedAgents || isCertified }.map { ($0, nil) }
    }
    var outputs: [(output: FusionOutput, classification: Int?)] = []
    for request in requested {
      let name = request.name
      guard let output = FusionOutput(rawValue: name), available.contains(output) else {
        throw InferenceError(
          .invalidArgument,
          "output \(String(name.prefix(64)).debugDescription): one that defence \(defense.name) has "
            + "(\(available.map(\.rawValue).joined(separator: ", ")))")
      }
      guard !outputs.contains(where: { $0.output == output }) else {
        throw InferenceError(.invalidArgument, "output \(name.debugDescription): an output comes once")
      }
      if let classes = request.classification {
        guard output == .probabilities else {
          throw InferenceError(
            .invalidArgument,
            "output \(name.debugDescription): classification is of \(FusionOutput.probabilities.rawValue) alone, which have a "
              + "number a class")
        }
        guard classes >= 1 else {
          throw InferenceError(
            .invalidArgument, "output \(name.debugDescription): classification is at least 1 (actual: \(classes))")
        }
      }
      outputs.append((output, request.classification))
    }
    return outputs
  }

  /// The capabilities of a defence.
  func capabilities(of defense: any Defense, in model: ServedModel) -> Capabilities {
    if let known = capabilities.withLock({ $0.version == model.version ? $0.of[defense.name] : nil }) { return known }
    let layout = model.roster.layout
    let probe = defense.decide(
      Observation(layout: layout, embeddings: Matrix(rows: 1, columns: layout.totalWidth)))[0]
    let purifies = defense is any PurifyingDefense
    // An error says that there is none for its manifold.
    let certifier = try? (defense as? any CertifiableDefense)?.toleranceCertifier(quorum: model.quorum)
    let found = Capabilities(
      outputs: FusionOutput.allCases.filter {
        $0.isIn(probe, purifies: purifies, certifies: certifier != nil)
      }, classes: probe.probabilities.count, certifier: certifier,
      isCertified: zip(model.defenses, model.certifiers).contains { $0.name == defense.name && $1 != nil })
    capabilities.withLock { known in
      if known.version != model.version { known = (model.version, [:]) }
      known.of[defense.name] = found
    }
    return found
  }
}
