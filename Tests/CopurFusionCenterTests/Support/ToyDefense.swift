import CopurCore
import CopurNumerics
import Synchronization

/// Decides by the sign of the sum of the observed blocks; counts what it is asked.
final class ToyDefense: Defense {
  let name: String
  let layout: BlockLayout
  private let calls = Mutex<[Int]>([])

  init(_ name: String = "toy", layout: BlockLayout = roster.layout) {
    self.name = name
    self.layout = layout
  }

  /// The number of samples of each call.
  var batches: [Int] { calls.withLock { $0 } }

  func decide(_ observation: Observation) -> [Decision] {
    calls.withLock { $0.append(observation.samples) }
    return (0..<observation.samples).map { sample in
      var sum: Float = 0
      let residuals: [Float?] = (0..<layout.count).map { block in
        guard observation.isObserved(block: block, of: sample) else { return nil }
        let blockSum = layout[block].reduce(Float(0)) { $0 + observation.embeddings[sample, $1] }
        sum += blockSum
        return abs(blockSum)
      }
      return Decision(
        label: sum > 0 ? 1 : 0, probabilities: sum > 0 ? [0.25, 0.75] : [0.75, 0.25], residuals: residuals,
        converged: true, objective: sum)
    }
  }
}
