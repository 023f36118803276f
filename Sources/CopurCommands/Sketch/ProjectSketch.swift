/// A folder to start from: a scenario, a table, each agent's rows, the settings of the service, and what to do with them.
struct ProjectSketch {
  let name: String
  let data: SketchData

  /// The files by their paths in the folder.
  var files: [(path: String, text: String)] {
    [("README.md", readme), ("scenario.yaml", scenario), ("copur.yaml", settings), ("data.csv", data.table)]
      + data.agents.indices.map { ("rows/\(data.agents[$0]).csv", data.newRows(of: $0)) }
  }

  private var scenario: String {
    """
    # What is played: data, who sees what of it, who may lie, defences and attacks. All keys: copur schema --reference
    name: \(YAMLScalar.text(name))
    dataset:
      kind: csv
      file: data.csv
      label: state
      classes: [healthy, worn]
      train_rows: \(SketchData.trainingRows)                 # the first rows; the others are for testing
      agents:                         # whose columns are whose
    \(data.agents.map { "    \($0): [\($0)_*]" }.joined(separator: "\n"))
    protect: { any: 1 }               # who may lie: any one agent
    defenses: [unsecured, copur, agent-vote, auto]
    attacks:
      - { name: clean }
      - { name: one silent, kind: missing, agents: { any: 1 } }
      - { name: one adaptive, kind: adaptive-pgd, goal: untargeted, agents: { any: 1 }, step: 0.5, iterations: 15 }
    seeds: [0]                        # more of them say how much is chance: [0, 1, 2]

    """
  }

  private var settings: String {
    """
    # Options of the service, as on the command line. copur config serve --config copur.yaml says what comes of them.
    serve:
      bundle: bundle
      grpc: 127.0.0.1:8001
      journal: rounds.sqlite
      tls-certificate: certificates/server.pem
      tls-key: certificates/server.key
      tls-ca: certificates/ca.pem
    agent:
      bundle: bundle
      connect: https://127.0.0.1:8001
      key: sample
      tls-certificate: certificates/agent-{agent}.pem
      tls-key: certificates/agent-{agent}.key
      tls-ca: certificates/ca.pem
    predict:
      connect: https://127.0.0.1:8001
      tls-certificate: certificates/client-client.pem
      tls-key: certificates/client-client.key
      tls-ca: certificates/ca.pem

    """
  }

  private var readme: String {
    let agents = data.agents.joined(separator: " ")
    let last = SketchData.newRows - 1
    return """
      # \(name)

      Made by `copur new`. \(data.agents.count) agents measure machines that are healthy or worn, \(SketchData.measurements) \
      numbers each; one of the agents may lie. The numbers are made up: put yours in their place.

      | file | what |
      | --- | --- |
      | `scenario.yaml` | who sees which columns, who may lie, which defences and attacks are played |
      | `data.csv` | \(SketchData.trainingRows) rows to train on, and \(SketchData.testRows) to test with |
      | `rows/` | \(SketchData.newRows) new rows, a file an agent, without labels |
      | `copur.yaml` | the options of the service and of its agents |

      ## See what a liar costs

      ```sh
      copur run scenario.yaml --in-process --out results
      copur report results
      ```

      The table has attacks down and defences across; `results/report.html` has the rest. Without `--in-process` every agent is
      a process of its own.

      ## Train and serve

      ```sh
      copur train scenario.yaml --defense auto --out bundle
      copur certs certificates --agents \(agents)
      ```

      Training prints what it chose `auto` from. The certificates are for trying things out.

      ```sh
      copur serve --config copur.yaml &
      center=$!
      senders=
      for agent in \(agents); do
        copur agent --config copur.yaml --agent $agent --rows rows/$agent.csv &
        senders="$senders $!"
      done
      wait $senders
      copur predict --config copur.yaml --samples 0-\(last)
      kill $center
      wait $center
      copur journal list rounds.sqlite
      ```

      Each agent sends its rows and says what came of them; `copur predict` prints the verdicts.

      ## Make it yours

      Put your table in `data.csv`, and its label, classes and columns in `scenario.yaml`: a mistake is reported with its line.
      With another number of agents, name them in the commands above, too.

      """
  }
}
