import CopurScenarios
import CopurTraining
import Testing

@Suite("ProgressLine")
struct ProgressLineTests {
  @Test("What a fusion center's process says is read as it was meant, and nothing else is")
  func lines() throws {
    for progress in [
      TrainingProgress(stage: "extractors and fusion model", completed: 3, total: 100, loss: 0.25),
      TrainingProgress(stage: "voters at the \"center\"", completed: 0, total: 1),
    ] {
      let line = "\(ProgressLine(progress))"
      #expect(!line.contains("\n") && ProgressLine(parsing: line)?.progress == progress)
    }
    let diverging = TrainingProgress(stage: "s", completed: 1, total: 2, loss: .nan)
    #expect(ProgressLine(parsing: "\(ProgressLine(diverging))")?.progress.loss == nil)
    for other in ["copur: listening on 127.0.0.1:1", "copur: training ", "bundle: model 1", ""] {
      #expect(ProgressLine(parsing: other) == nil, "\(other)")
    }
  }
}
