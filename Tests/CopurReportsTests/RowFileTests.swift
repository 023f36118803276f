import CopurCore
import CopurReports
import Foundation
import Testing

struct RowFileTests {
  static let clean = ResultRow(
    scenario: "quick", dataset: "extrasensory", seed: .max, mode: .inProcess, defense: "copur", attack: "clean", n: 465,
    accuracy: 0.875, balancedAccuracy: 0.85, majorityRate: 0.7161290322580646, secondsPerSample: 1e-5)

  static let attacked: ResultRow = {
    var row = clean
    row.seed = 0
    row.mode = .network
    row.attack = "both, \"x10\"\n\u{1}"
    row.attackKinds = ["missing", "feature-flipping"]
    row.goal = "targeted"
    row.compromised = ["time", "acc"]
    row.missing = ["audio"]
    row.amplification = 10
    row.attackSuccessRate = 0.5
    row.suspects = SuspectRates(precision: 0.75, recall: 1, falseAlarmRate: 0.125)
    row.falseAlarms = [AgentFalseAlarms(agent: "acc", rate: 0.5), AgentFalseAlarms(agent: "audio", rate: nil)]
    row.alarms = AlarmRates(recall: 1, falseRate: 0.25)
    row.residuals = [
      AgentResiduals(agent: "acc", quartiles: Quartiles(lower: 0.25, median: 0.5, upper: 1)),
      AgentResiduals(agent: "audio", quartiles: nil),
    ]
    row.reconstruction = ReconstructionError(mean: 2, quartiles: Quartiles(lower: 1, median: 1.5, upper: 3))
    row.changeNorm = 57.5
    row.search = "greedy"
    row.warnings = ["weak", "slow"]
    row.knowledge = "decisions"
    row.cleanSuccessRate = 0.125
    row.accuracyDeviation = 0.0625
    row.balancedAccuracyDeviation = 0.03125
    return row
  }()

  @Test("JSON Lines: every key in order, nulls written")
  func jsonLines() throws {
    #expect(
      try RowFile.text(of: [Self.clean, Self.attacked], as: .jsonLines) == #"""
        {"scenario":"quick","dataset":"extrasensory","seed":18446744073709551615,"mode":"in-process","defense":"copur","attack":"clean","attack_kinds":[],"goal":null,"compromised":[],"missing":[],"amplification":null,"n":465,"accuracy":0.875,"balanced_accuracy":0.85,"majority_rate":0.7161290322580646,"attack_success_rate":null,"seconds_per_sample":1e-05,"suspect_precision":null,"suspect_recall":null,"false_alarm_rate":null,"residuals":null,"reconstruction_error":null,"reconstruction_quartiles":null,"change_norm":null,"search":null,"warnings":[],"false_alarms":null,"alarm_recall":null,"alarm_false_rate":null,"knowledge":null,"clean_success_rate":null,"accuracy_deviation":null,"balanced_accuracy_deviation":null}
        {"scenario":"quick","dataset":"extrasensory","seed":0,"mode":"network","defense":"copur","attack":"both, \"x10\"\n\u0001","attack_kinds":["missing","feature-flipping"],"goal":"targeted","compromised":["time","acc"],"missing":["audio"],"amplification":10.0,"n":465,"accuracy":0.875,"balanced_accuracy":0.85,"majority_rate":0.7161290322580646,"attack_success_rate":0.5,"seconds_per_sample":1e-05,"suspect_precision":0.75,"suspect_recall":1.0,"false_alarm_rate":0.125,"residuals":[{"agent":"acc","quartiles":[0.25,0.5,1.0]},{"agent":"audio","quartiles":null}],"reconstruction_error":2.0,"reconstruction_quartiles":[1.0,1.5,3.0],"change_norm":57.5,"search":"greedy","warnings":["weak","slow"],"false_alarms":[{"agent":"acc","rate":0.5},{"agent":"audio","rate":null}],"alarm_recall":1.0,"alarm_false_rate":0.25,"knowledge":"decisions","clean_success_rate":0.125,"accuracy_deviation":0.0625,"balanced_accuracy_deviation":0.03125}

        """#)
  }

  @Test("Another JSON parser reads back what was written")
  func parsed() throws {
    let text = try RowFile.text(of: [Self.attacked], as: .jsonLines)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(Set(object.keys) == Set(ResultRow.columns))
    #expect(object["attack"] as? String == Self.attacked.attack)
    #expect(object["compromised"] as? [String] == ["time", "acc"])
    #expect(object["majority_rate"] as? Double == 0.7161290322580646)
  }

  @Test("CSV: a header, lists joined, quotes where they are needed")
  func csv() throws {
    let lines = try RowFile.text(of: [Self.clean, Self.attacked], as: .csv)
    let header = ResultRow.columns.joined(separator: ",")
    #expect(
      lines == """
        \(header)\r
        quick,extrasensory,18446744073709551615,in-process,copur,clean,,,,,,465,0.875,0.85,0.7161290322580646,,1e-05,,,,,,,,,,,,,,,,\r
        quick,extrasensory,0,network,copur,"both, ""x10""
        \u{1}",missing;feature-flipping,targeted,time;acc,audio,10.0,465,0.875,0.85,0.7161290322580646,0.5,1e-05,0.75,1.0,0.125,acc=0.25 0.5 1.0;audio=,2.0,1.0 1.5 3.0,57.5,greedy,weak;slow,acc=0.5;audio=,1.0,0.25,decisions,0.125,0.0625,0.03125\r

        """)
  }

  @Test("Rows are read back as they were; an older file's lack deviations")
  func read() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: file) }
    let text = try RowFile.text(of: [Self.clean, Self.attacked], as: .jsonLines)
    try Data(text.utf8).write(to: file)
    #expect(try RowFile.rows(ResultRow.self, inJSONLines: file.path) == [Self.clean, Self.attacked])

    let older = text.replacing(/,"(balanced_)?accuracy_deviation":[^,}]+/, with: "")
    #expect(older != text)
    try Data(older.utf8).write(to: file)
    let rows = try RowFile.rows(ResultRow.self, inJSONLines: file.path)
    #expect(rows.map(\.accuracyDeviation) == [nil, nil] && rows.map(\.balancedAccuracyDeviation) == [nil, nil])
    #expect(rows.map(\.cleanSuccessRate) == [nil, 0.125])
  }

  @Test("Predictions have neither time nor mode, and no verdict is an empty field")
  func predictions() throws {
    let rows = [
      PredictionRow(seed: 0, attack: "flip", defense: "copur", sample: 0, label: 1, prediction: 0, certifiedAgents: 2),
      PredictionRow(seed: 0, attack: "flip", defense: "copur", sample: 1, label: 0, prediction: nil),
    ]
    #expect(
      try RowFile.text(of: rows, as: .csv)
        == "seed,attack,defense,sample,label,prediction,certified_agents\r\n0,flip,copur,0,1,0,2\r\n0,flip,copur,1,0,,\r\n"
    )
  }

  /// A session, an attack or a class may be called so by somebody else than who opens the export.
  @Test(
    "Names that a spreadsheet would run as formulas are texts there, and come back as they are",
    arguments: ["=", "+", "-", "@", "\t"])
  func formulas(start: String) throws {
    let name = start + "HYPERLINK(\"http://x\",\"y\")"
    #expect(RowFile.csvEscaped(start + "1") == "'" + start + "1")
    let rows = [PredictionRow(seed: 0, attack: name, defense: "copur", sample: 0, label: 1, prediction: 0)]
    let text = try RowFile.text(of: rows, as: .csv)
    #expect(text.contains(",\"'\(start)HYPERLINK("))
    let file = FileManager.default.temporaryDirectory.appending(path: "copur-tests-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(text.utf8).write(to: file)
    #expect(try PredictionRow.rows(inCSV: file.path).map(\.attack) == [name])
  }

  @Test("Without rows there is a header in CSV and nothing in JSON Lines")
  func empty() throws {
    #expect(
      try RowFile.text(of: [PredictionRow](), as: .csv)
        == "seed,attack,defense,sample,label,prediction,certified_agents\r\n")
    #expect(try RowFile.text(of: [PredictionRow](), as: .jsonLines) == "")
  }

  @Test("A number that no format can hold is an error", arguments: [Double.nan, .infinity])
  func notFinite(value: Double) {
    var row = Self.clean
    row.accuracy = value
    let error = #expect(throws: CopurError.self) { try RowFile.text(of: [row], as: .jsonLines) }
    #expect(error?.message == "a result is a finite number (accuracy: \(value))")

    row = Self.attacked
    row.residuals?[0].quartiles?.upper = value
    let inside = #expect(throws: CopurError.self) { try RowFile.text(of: [row], as: .csv) }
    #expect(inside?.message == "a result is a finite number (residuals: \(value))")
  }

  @Test("A file is replaced as a whole; a folder that is not there is an error that names the file")
  func files() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "results.csv").path
    let error = #expect(throws: CopurError.self) { try RowFile.write([Self.clean], as: .csv, to: path) }
    #expect(error?.code == .cannotCreate)
    #expect(error?.message.hasPrefix(path) == true)

    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try RowFile.write([Self.clean, Self.attacked], as: .csv, to: path)
    try RowFile.write([Self.clean], as: .csv, to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == RowFile.text(of: [Self.clean], as: .csv))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["results.csv"])
  }
}
