internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// A purification problem of given sizes with random weights fixed by the seed, and its engines' times.
///
/// The weights are normal with variance 1/inputs, the activation a leaky ReLU of slope 0.8 after the first and third layer,
/// the received embeddings standard normal and all observed, as in the side-by-side baselines that are written with tensor
/// libraries.
public struct PurificationBenchmark: Sendable {
  /// The engines that are timed.
  public enum Engine: String, CaseIterable, Sendable {
    /// ``PaperSchedule``.
    case paperSchedule = "copur-paper-schedule"
    /// ``Purifier``.
    case shipped = "copur"
  }

  /// One engine's solution of a batch.
  public struct Measurement: Sendable {
    /// Wall-clock time of the batch over its samples, in seconds.
    public let secondsPerSample: Double
    /// Σ_{i∈Ω} ‖h_i − l̂_i‖₂ of each sample.
    public let objectives: [Float]
    /// The mean number of iterations.
    public let iterations: Double
    /// The part of the samples that converged, 0 to 1.
    public let convergedFraction: Double
  }

  private let purifier: Purifier
  private let schedule: PaperSchedule
  private let layout: BlockLayout
  private let seed: UInt64

  /// - Parameters:
  ///   - agents: How many blocks.
  ///   - dim: The width of each.
  ///   - hidden: The width of the autoencoder's hidden layers.
  ///   - code: The width of its code.
  ///   - seed: Of weights and embeddings.
  public init(agents: Int, dim: Int, hidden: Int, code: Int, seed: UInt64 = 0) {
    layout = BlockLayout(widths: [Int](repeating: dim, count: agents))
    self.seed = seed
    var generator = SeededGenerator(seed: seed, purpose: "weights")
    func network(_ widths: [Int]) -> DenseNetwork {
      DenseNetwork(
        layers: (1..<widths.count).map { index in
          let (inputs, outputs) = (widths[index - 1], widths[index])
          return DenseLayer(
            weights: generator.normalMatrix(
              rows: inputs, columns: outputs, standardDeviation: 1 / Float(inputs).squareRoot()),
            bias: [Float](repeating: 0, count: outputs),
            activation: index == widths.count - 1 ? .identity : .leakyReLU(slope: 0.8))
        })
    }
    let width = layout.totalWidth
    let encoder = network([width, hidden, code])
    let manifold = AutoencoderManifold(
      layout: layout, encoder: encoder, decoder: network([code, hidden, width]),
      centralCode: [Float](repeating: 0, count: code), blockScale: Float(dim).squareRoot())
    purifier = Purifier(manifold: manifold)
    schedule = PaperSchedule(manifold: manifold)
  }

  /// Solves one batch and takes the time; call it once without looking at the time first.
  public func measure(_ engine: Engine, batch: Int) -> Measurement {
    var generator = SeededGenerator(seed: seed, purpose: "embeddings of \(batch)")
    let observation = Observation(
      layout: layout, embeddings: generator.normalMatrix(rows: batch, columns: layout.totalWidth))
    let clock = ContinuousClock()
    var purification: Purification?
    let duration = clock.measure {
      purification =
        switch engine {
        case .paperSchedule: schedule.purify(observation)
        case .shipped: purifier.purify(observation)
        }
    }
    let reports = purification?.reports ?? []
    let count = Double(max(1, reports.count))
    return Measurement(
      secondsPerSample: duration / .seconds(1) / count, objectives: reports.map(\.objective),
      iterations: Double(reports.reduce(0) { $0 + $1.iterations }) / count,
      convergedFraction: Double(reports.count(where: \.converged)) / count)
  }
}
