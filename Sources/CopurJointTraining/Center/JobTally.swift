internal import Synchronization

/// What is counted of one joint training, for those who watch it.
final class JobTally: Sendable {
  private struct State {
    var epoch = 0
    var loss: Float?
    var isOver = false
  }

  private let name: String
  private let epochs: Int
  private let state = Mutex(State())
  private let batches = Atomic(0)

  /// - Parameter epochs: How many passes over its rows it makes.
  init(name: String, epochs: Int) {
    self.name = name
    self.epochs = epochs
  }

  /// A step was taken.
  func stepped() { batches.add(1, ordering: .relaxed) }

  /// An epoch is over, or the training went back to the end of one.
  func reached(epoch: Int, loss: Float?) {
    state.withLock { state in
      state.epoch = epoch
      if let loss { state.loss = loss }
    }
  }

  func ended() { state.withLock { $0.isOver = true } }

  var status: TrainingCenterStatus.Job {
    state.withLock {
      .init(
        name: name, epochs: epochs, epoch: $0.epoch, loss: $0.loss, batches: batches.load(ordering: .relaxed),
        isOver: $0.isOver)
    }
  }
}
