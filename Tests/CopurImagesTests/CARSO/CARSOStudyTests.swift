import CopurCore
import CopurImages
import CopurNumerics
import Foundation
import Testing

@Suite("Study of CARSO")
struct CARSOStudyTests {
  private let train = SmallPictures.rows(64, seed: 1)
  private let test = SmallPictures.rows(12, seed: 2)

  private func run(_ settings: CARSOStudy.Settings, seed: UInt64 = 3) throws -> (CARSOStudy.Result, Int) {
    var told = 0
    let result = try CARSOStudy.run(
      train: train, test: test, shape: SmallPictures.shape, classes: 3, settings: settings, seed: seed
    ) { _ in told += 1 }
    return (result, told)
  }

  @Test("a small study reports each victim under each attack, and the worst of all")
  func small() throws {
    let settings = CARSOStudy.Settings.tiny(radius: 0.1)
    let (result, told) = try run(settings)
    #expect(result.testPictures == 8 && result.trainPictures == 64 && result.attackedInBatch == [2, 2, 2, 2])
    #expect(told == 2 + 2 + result.rows.count)
    #expect(result.losses.divergence >= 0 && result.losses.divergence.isFinite)
    for victim in CARSOStudy.Victim.allCases {
      let rows = result.rows.filter { $0.victim == victim }
      let clean = try #require(result.clean(victim))
      let worst = try #require(result.worst(victim))
      #expect(rows.count == (victim == .classifier ? 8 : 15) && clean.attack == "none")
      for row in rows {
        let figures = row.figures
        #expect(figures.worst <= figures.mean && figures.mean <= 1 && figures.worst <= figures.majority)
        if row.isJudged {
          #expect(worst.figures.mean <= figures.mean && worst.figures.worst <= figures.worst, "\(row.attack)")
        }
        if let change = row.largestChange { #expect(change <= row.radius + 1e-6, "\(row.attack)") }
      }
      #expect(rows.contains { $0.moved == 8 } && clean.moved == nil && !clean.isBroken)
    }
    #expect(try run(settings).0 == result)
    let coded = try JSONDecoder().decode(CARSOStudy.Result.self, from: JSONEncoder().encode(result))
    #expect(coded == result)
  }

  @Test("settings that cannot be are errors that say the rule")
  func errors() throws {
    var settings = CARSOStudy.Settings.tiny(radius: 0)
    #expect(throws: CopurError.self) { try run(settings) }
    settings = .tiny(radius: 0.1)
    settings.attacks.queries = 0
    #expect(throws: CopurError.self) { try run(settings) }
    settings = .tiny(radius: 0.1)
    settings.draws = 0
    #expect(throws: CopurError.self) { try run(settings) }
    settings = .tiny(radius: 0.1)
    settings.attacks.checkRadius = 2
    #expect(throws: CopurError.self) { try run(settings) }
  }

  @Test("defaults are those of the targets")
  func defaults() {
    let settings = CARSOStudy.Settings.fashionMNIST
    #expect(settings.radius == 8 / 255 && settings.draws == 8 && settings.testPictures == 200)
    #expect(settings.classifierTraining.epochs == 6 && settings.classifierTraining.attackSteps == 5)
    #expect(settings.purifierTraining.epochs == 10 && settings.trainPictures == 20_000)
    #expect(CARSOStudy.Settings.mnist.radius == 0.3)
  }
}
