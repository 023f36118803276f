import CopurCore
import CopurNumerics
import Testing

@Suite("Poisoned training rows")
struct TrainingPoisonTests {
  private func dataset() throws -> Dataset {
    var generator = SeededGenerator(seed: 1)
    let features = generator.normalMatrix(rows: 100, columns: 4)
    let rows = LabelledRows(features: features, labels: (0..<100).map { $0 % 2 })
    return Dataset(
      name: "test", roster: try AgentRoster(agents: [try AgentID("a"), try AgentID("b")], widths: [2, 2]),
      featureNames: ["1", "2", "3", "4"], classNames: ["no", "yes"], train: rows, test: rows, digest: "")
  }

  @Test("spoils its share of the rows of a class, and the columns of its agents alone")
  func share() throws {
    var poison = TrainingPoison()
    (poison.features, poison.agents, poison.share, poison.from, poison.to) = (.trigger, ["b"], 0.5, 0, 1)
    let dataset = try dataset()
    let poisoned = poison.applied(to: dataset, seed: 7)
    let truth = try #require(poisoned.train.poisoned)
    #expect(truth.isPoisoned.count { $0 } == 25)
    #expect(truth.labels == dataset.train.labels && truth.honest == dataset.train.features)
    for row in 0..<100 {
      let isSpoiled = truth.isPoisoned[row]
      #expect(!isSpoiled || dataset.train.labels[row] == 0)
      #expect(poisoned.train.labels[row] == (isSpoiled ? 1 : dataset.train.labels[row]))
      #expect(poisoned.train.features[row, 0] == dataset.train.features[row, 0])
      #expect((poisoned.train.features[row, 3] == dataset.train.features[row, 3]) != isSpoiled)
    }
    #expect(poisoned.test.features == dataset.test.features && poisoned.test.labels == dataset.test.labels)
    #expect(poison.applied(to: dataset, seed: 7).train.labels == poisoned.train.labels)
    #expect(poison.applied(to: dataset, seed: 8).train.labels != poisoned.train.labels)
    #expect(poisoned.train.selecting([3, 1]).poisoned?.labels == [1, 1])
  }

  @Test("replays genuine blocks, of the class that rows are labelled as")
  func replay() throws {
    var poison = TrainingPoison()
    (poison.features, poison.agents, poison.share, poison.from, poison.to) = (.replay, ["a"], 1, 0, 1)
    let dataset = try dataset()
    let poisoned = poison.applied(to: dataset, seed: 1)
    let genuine = (0..<100).filter { dataset.train.labels[$0] == 1 }.map { dataset.train.features[$0, 0] }
    for row in stride(from: 0, to: 100, by: 2) {
      #expect(genuine.contains { abs($0 - poisoned.train.features[row, 0]) < 1e-5 })
    }
  }
}
