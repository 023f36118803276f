internal import CopurCore
internal import CopurNumerics
internal import CopurTraining
internal import CopurWire

/// The embeddings that agents give after the training.
extension JointRun {
  /// The most bytes of embeddings in a message.
  private static let bytesPerMessage = 2 << 20

  /// The embeddings of rows by the trained extractors.
  ///
  /// - Parameters:
  ///   - rows: The center's numbers of rows.
  ///   - factors: What each agent's embeddings are multiplied by; nil for as they are.
  func observe(_ rows: [Int], factors: [Float]?) async throws -> Observation {
    let (width, count) = (job.training.embedding, center.configuration.agents.count)
    let layout = BlockLayout(widths: [Int](repeating: width, count: count))
    let chunk = max(1, Self.bytesPerMessage / (4 * width))
    var observation = Observation(layout: layout, samples: rows.count)
    for start in stride(from: 0, to: rows.count, by: chunk) {
      let numbers = Array(rows[start..<min(start + chunk, rows.count)])
      try await center.again {
        let links = try await center.links()
        try await prepare(links)
        if let factors { try await scale(links, by: factors) }
        let answers = try await center.ask(links, job: id) { _ in
          var observe = Copur_V1_TrainResponse.Observe()
          observe.job = id
          observe.rows = numbers.map { UInt32($0) }
          return .observe(observe)
        }
        for (agent, content) in answers {
          let link = links[agent]!
          var block = Matrix(rows: numbers.count, columns: width)
          try receive(content, in: &block, columns: 0..<width, link: link, save: Checkpoint.beginning)
          guard case .message(.embeddings(let embeddings)) = content else {
            throw reject(link, "Embeddings.present has a bit a row")
          }
          guard
            let present = try? PackedBits.bits(embeddings.present, count: numbers.count, field: "Embeddings.present")
          else { throw reject(link, "Embeddings.present has a bit a row") }
          for row in numbers.indices where present[row] {
            observation.set(block: agent, of: start + row, to: block[row: row])
          }
        }
      }
    }
    return observation
  }

  /// Tells agents what their embeddings are multiplied by from now on.
  func scale(_ links: [Int: AgentLink], by factors: [Float]) async throws {
    let answers = try await center.ask(links, job: id) { agent in
      var scale = Copur_V1_TrainResponse.Scale()
      scale.job = id
      scale.factor = factors[agent]
      return .scale(scale)
    }
    for (agent, content) in answers {
      guard case .message(.done) = content else { throw reject(links[agent]!, "Done answers Scale") }
    }
  }
}
