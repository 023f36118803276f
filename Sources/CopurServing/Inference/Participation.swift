internal import CopurCore

/// Who took part in an inference: what keeps a gap from being silent.
struct Participation {
  /// Names of agents, with a comma between; where samples differ, a list a sample, with a semicolon between.
  let contributors, missing, suspects: String

  init(_ observation: Observation, decisions: [Decision], agents: [AgentID]) {
    func list(_ isNamed: (_ sample: Int, _ block: Int) -> Bool) -> String {
      let lists = (0..<observation.samples).map { sample in
        agents.indices.filter { isNamed(sample, $0) }.map { agents[$0].name }.joined(separator: ",")
      }
      return Set(lists).count == 1 ? lists[0] : lists.joined(separator: ";")
    }
    contributors = list { observation.isObserved(block: $1, of: $0) }
    missing = list { !observation.isObserved(block: $1, of: $0) }
    suspects = list { decisions[$0].suspects?[$1] ?? false }
  }
}
