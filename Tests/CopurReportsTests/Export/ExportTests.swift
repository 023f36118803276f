import CopurCore
import CopurReports
import Foundation
import Testing

/// Results in the formats of other programs.
final class ExportTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: folder) }

  private static let names = (defense: "co_pur {\\100%}", attack: "flip ×10 -- $x$ & #1 ~ ^ <b> \"é\"\n2")

  /// Two defences, three attacks that differ in the amplification, two seeds, and losses.
  private func report() throws -> RunReport {
    var run = SampleRun()
    run.add("unsecured", "clean", accuracies: [0.8, 0.82])
    run.add(Self.names.defense, "clean", accuracies: [0.79, 0.8])
    for amplification in [1.0, 10, 100] {
      let attack = amplification == 10 ? Self.names.attack : "flip ×\(amplification)"
      for defense in ["unsecured", Self.names.defense] {
        run.add(
          defense, attack, kinds: ["feature-flipping"], compromised: ["time"], amplification: amplification,
          accuracies: [0.5, 0.25], success: 0.25
        ) {
          $0.residuals = [AgentResiduals(agent: "time", quartiles: Quartiles(lower: 1, median: 2, upper: 3))]
        }
      }
    }
    // Only a bundle makes the record of one; a record is read as well.
    let bundle = """
      {"seed": 1, "defenses": ["unsecured"], "modelVersion": "x", "manifold": "linear", "code": 2, "candidates": [],
       "leverage": [], "toleratedAgents": 0, "calibration": {"falseAlarmRate": 0.01, "rows": 10},
       "curves": [{"stage": "extractors and fusion model", "epochs": 3, "points": [[1, 0.5], [2, 0.25], [3, 0.125]]}]}
      """
    var record = run.record
    record.bundles = [try JSONDecoder().decode(RunRecord.Bundle.self, from: Data(bundle.utf8))]
    return RunReport(record: record, rows: run.rows)
  }

  @Test("A tidy table has each number once, under names that tell it from all others")
  func tidy() throws {
    let rows = try report().tidyRows
    let keys = rows.map {
      [
        "\($0.seed)", $0.attack ?? "", $0.defense ?? "", $0.agent ?? "", $0.stage ?? "", $0.metric, "\($0.step ?? 0)",
      ]
    }
    #expect(Set(keys).count == rows.count)
    func value(_ metric: String, _ attack: String?, seed: UInt64 = 1, agent: String? = nil, step: Int? = nil)
      -> [Double]
    {
      rows.filter {
        $0.metric == metric && $0.attack == attack && $0.seed == seed && $0.defense == "unsecured" && $0.agent == agent
          && $0.step == step
      }.map(\.value)
    }
    #expect(value("accuracy", "clean") == [0.82])
    #expect(value("attack_success_rate", "flip ×1.0") == [0.25])
    #expect(value("residual_median", "flip ×1.0", agent: "time") == [2])
    #expect(value("loss", nil, step: 2) == [0.25])
    let text = try RowFile.text(of: rows, as: .csv)
    #expect(text.hasPrefix("scenario,point,seed,attack,defense,agent,stage,metric,step,value\r\n"))
  }

  @Test("LaTeX gets means and deviations, and names in which nothing has a meaning of its own")
  func latex() throws {
    let text = try LaTeXTables([report()]).text
    #expect(text.contains("    clean & $81.0 \\pm 1.4$ & $79.5 \\pm 0.7$ \\\\\n"))
    #expect(text.contains("attack & unsecured & co\\_pur \\{\\textbackslash{}100\\%\\} \\\\\n"))
    #expect(
      text.contains(
        "flip $\\times$10 -{}- \\$x\\$ \\& \\#1 \\textasciitilde{} \\textasciicircum{} \\textless{}b\\textgreater{} "
          + "\\symbol{34}é\\symbol{34} 2 & "))
    #expect(text.contains("mean $\\pm$ standard deviation of 2 seeds. A constant guess: "))
    let success = try LaTeXTables([report()], value: .attackSuccess, defenses: [Self.names.defense]).text
    // Nobody attacks where nobody attacks.
    #expect(!success.contains("clean") && !success.contains("unsecured") && success.contains("$25.0 \\pm 0.0$ \\\\"))
    #expect(throws: CopurError.self) { try LaTeXTables([self.report()], defenses: ["none"]) }
  }

  @Test("Figures stand alone: well-formed, with colours and legend of their own, and nothing else")
  func figures() throws {
    let figures = try report().figures
    #expect(Set(figures.map(\.name)).isSuperset(of: ["curve-0-accuracy", "loss-0"]))
    #expect(Set(figures.map(\.name)).count == figures.count)
    for figure in figures {
      let page = try Page(figure.svg)
      #expect(page.elements("script").isEmpty && page.elements("image").isEmpty && page.elements("a").isEmpty)
      let style = try #require(page.texts("style").first)
      #expect(!style.contains("var(") && !style.contains("url(") && !style.contains("@import"))
      // Every class that is drawn has a rule.
      for line in ["line", "grid", "axis"] where figure.svg.contains("class=\"\(line)\"") {
        #expect(style.contains(".\(line)"), "\(figure.name)")
      }
    }
    let curve = try #require(figures.first { $0.name == "curve-0-accuracy" })
    let texts = try Page(curve.svg).texts("text")
    #expect(texts.contains("unsecured") && texts.contains(Self.names.defense))
    #expect(curve.svg.contains(".c0 .line { fill: none; stroke: #253db3;"))
  }

  @Test("The report shows how losses went")
  func losses() throws {
    let page = try Page(report().html)
    #expect(page.element(id: "training") != nil)
    #expect(page.source.contains("seed 1: 0.500 after epoch 1, 0.125 after epoch 3."))
  }

  @Test("Of a long training so many losses are kept as there is a use for, and the last")
  func thinned() {
    let curve = TrainingCurve(stage: "s", epochs: 1001, points: (1...1001).map { .init(epoch: $0, loss: 1) })
    #expect(curve.points.count <= TrainingCurve.limit + 1)
    #expect(curve.points.first?.epoch == 1 && curve.points.last?.epoch == 1001)
    let short = TrainingCurve(stage: "s", epochs: 3, points: (1...3).map { .init(epoch: $0, loss: 1) })
    #expect(short.points.count == 3)
  }

  @Test("Events are records whose lengths lead from one to the next, once a number, and are not written beside others")
  func tensorBoard() throws {
    let report = try report()
    #expect(try TensorBoardEvents.write([report], to: folder) == 2)
    let file = folder.appending(path: "sample-seed-1/events.out.tfevents.1800000000.copur")
    let data = try Data(contentsOf: file)
    var (records, position) = (0, 0)
    while position < data.count {
      let length = (0..<8).reduce(0) { $0 | Int(data[position + $1]) << (8 * $1) }
      position += 8 + 4 + length + 4
      records += 1
    }
    #expect(position == data.count)
    let numbers = report.tidyRows.filter {
      $0.seed == 1 && $0.agent == nil && !["n", "amplification"].contains($0.metric)
    }
    #expect(records == 1 + numbers.count && numbers.count > 20)
    let error = #expect(throws: CopurError.self) { try TensorBoardEvents.write([report], to: self.folder) }
    #expect(error?.code == .cannotCreate)
  }

  @Test("A run of MLflow has parameters, tags, metrics with their epochs, and is exported once")
  func mlflow() throws {
    let report = try report()
    #expect(try MLflowFolder.write([report], to: folder) == 2)
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    let losses = try #require(files.first { $0.hasSuffix("metrics/loss/extractors and fusion model/unsecured") })
    let text = try String(contentsOf: folder.appending(path: losses), encoding: .utf8)
    #expect(text == "1800000000000 0.5 1\n1800000000000 0.25 2\n1800000000000 0.125 3\n")
    // Names that differ in what is no part of a name here stay apart.
    #expect(files.count { $0.contains("/metrics/accuracy/") && $0.hasSuffix("/unsecured") } == 2 * 4)
    let runs = files.filter { $0.hasSuffix("meta.yaml") && $0.split(separator: "/").count == 3 }
    #expect(runs.count == 2)
    for run in runs {
      let meta = try String(contentsOf: folder.appending(path: run), encoding: .utf8)
      #expect(meta.contains("\nstatus: 3\n") && meta.contains("run_name: 'sample, seed "))
      let tag = folder.appending(path: run).deletingLastPathComponent().appending(path: "tags/copur.version")
      #expect(try String(contentsOf: tag, encoding: .utf8) == "1.2.3")
    }
    let error = #expect(throws: CopurError.self) { try MLflowFolder.write([report], to: self.folder) }
    #expect(error?.code == .cannotCreate)
  }
}
