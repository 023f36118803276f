internal import CopurCore
internal import CopurDatasets
internal import Synchronization

/// The data that was loaded last, which runs of one sweep have in common more often than not.
final class LoadedDataset: Sendable {
  private let last = Mutex<(source: DatasetSource, agents: [AgentID], dataset: Dataset)?>(nil)

  /// The data of a scenario.
  func load(_ scenario: Scenario, from directory: DataDirectory) throws -> Dataset {
    if let last = last.withLock({ $0 }), (last.source, last.agents) == (scenario.dataset, scenario.agents) {
      return last.dataset
    }
    // One at a time in memory.
    last.withLock { $0 = nil }
    let dataset = try scenario.dataset.load(from: directory, agents: scenario.agents)
    last.withLock { $0 = (scenario.dataset, scenario.agents, dataset) }
    return dataset
  }
}
