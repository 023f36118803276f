internal import CopurCore

extension ExtraSensory {
  /// An agent of the paper and the columns that it holds, told by how their names begin.
  struct Sensor: Sendable {
    let agent: AgentID
    let prefixes: [String]
    /// Whether columns without a value are left out; see ``ExtraSensory/load(from:digest:)``.
    let mayLackColumns: Bool

    private init(_ agent: String, _ prefixes: [String], mayLackColumns: Bool = false) {
      do {
        self.agent = try AgentID(agent)
      } catch {
        preconditionFailure("the names below are agents' names: \(error)")
      }
      self.prefixes = prefixes
      self.mayLackColumns = mayLackColumns
    }

    static let all = [
      Sensor("acc", ["raw_acc:"]),
      Sensor("gyro", ["proc_gyro:"]),
      Sensor("magnet", ["raw_magnet:"]),
      Sensor("watch", ["watch_acceleration:"]),
      Sensor("compass", ["watch_heading:"]),
      Sensor("location", ["location:", "location_quick_features:"]),
      Sensor("audio", ["audio_naive:", "audio_properties:"]),
      Sensor("phone", ["discrete:"]),
      Sensor("environment", ["lf_measurements:"], mayLackColumns: true),
      Sensor("time", ["discrete:time_of_day:"]),
    ]

    /// The position of the sensor that holds a column: of the prefixes that fit, the longest decides.
    static func index(holding column: String) -> Int? {
      let fitting = all.indices.compactMap { index in
        all[index].prefixes.filter(column.hasPrefix).map(\.utf8.count).max().map { (index: index, length: $0) }
      }
      return fitting.max { $0.length < $1.length }?.index
    }
  }
}
