import CopurImages
import CopurLearning
import CopurNumerics
import Testing

@Suite("AblationCertificate")
struct AblationCertificateTests {
  /// Votes of ten classes, all choosing draws for the first one.
  private func votes(_ counts: [Int]) -> PixelVotes {
    PixelVotes(
      choosing: [1000] + [Int](repeating: 0, count: 9),
      bounding: counts + [Int](repeating: 0, count: 10 - counts.count))
  }

  /// Radii by scipy 1.17's bounds and Δ in exact fractions, d = 784 and k = 45.
  @Test(
    "radii of counted votes",
    arguments: [
      ([10000], 11, 11), ([9900, 100], 11, 11), ([9000, 1000], 8, nil), ([7000, 1500, 1500], 3, 5),
      ([5083, 4917], 0, nil), ([5082, 4918], nil, nil), ([4500, 3500, 2000], nil, 0),
    ] as [([Int], Int?, Int?)])
  func counted(counts: [Int], majority: Int?, margin: Int?) {
    let touch = TouchProbability.table(pixels: 784, keep: 45)
    let certificate = AblationCertificate(votes(counts), touch: touch)
    #expect(certificate.majorityRadius == majority && certificate.label == 0)
    // The radius of two classes by the margin is not listed; it is at most that of the majority.
    if counts.count != 2 || margin != nil { #expect(certificate.marginRadius == margin) }
    if counts.count == 2 { #expect(certificate.marginRadius ?? -1 <= certificate.majorityRadius ?? -1) }
  }

  @Test("no class, another class and a radius of 0 are three outcomes")
  func outcomes() {
    let touch = TouchProbability.table(pixels: 784, keep: 45)
    let open = AblationCertificate(votes([5000, 5000]), touch: touch)
    let barely = AblationCertificate(votes([5083, 4917]), touch: touch)
    #expect(open.outcome(label: 0, by: .majority) == .abstained)
    #expect(open.outcome(label: 1, by: .majority) == .abstained)
    #expect(barely.outcome(label: 0, by: .majority) == .certified(radius: 0))
    #expect(barely.outcome(label: 1, by: .majority) == .wrong)
    // The class is that of the choosing draws, whatever the others say.
    let other = PixelVotes(choosing: [3, 7], bounding: [100, 0])
    #expect(AblationCertificate(other, touch: touch).label == 1)
    #expect(AblationCertificate(other, touch: touch).majorityRadius == nil)
  }

  @Test("a prediction is open where the two highest counts may be alike")
  func predictions() {
    #expect(PixelVotes(choosing: [0, 1], bounding: [5100, 4900]).prediction() == 0)
    #expect(PixelVotes(choosing: [0, 1], bounding: [4902, 5098]).prediction() == nil)
    #expect(PixelVotes(choosing: [0, 1, 0], bounding: [4901, 5099, 0]).prediction() == 1)
    #expect(PixelVotes(choosing: [0, 1], bounding: [0, 0]).prediction() == nil)
    #expect(PixelVotes(choosing: [0, 1], bounding: [10, 90]).outcome(label: 0) == .wrong)
    #expect(PixelVotes(choosing: [0, 1], bounding: [10, 90]).outcome(label: 1) == .certified(radius: 0))
  }

  @Test("no probability moves by more than Δ, whatever ρ pixels change", arguments: [1, 2, 3])
  func theorem(keep: Int) {
    for seed in UInt64(0)..<3 {
      let model = TinyAblation.random(keep: keep, seed: seed)
      let probabilities = TinyAblation.pictures.map { TinyAblation.probabilities(model, $0) }
      let touch = TouchProbability.table(pixels: 6, keep: keep)
      for (picture, mine) in zip(TinyAblation.pictures, probabilities) {
        for (other, theirs) in zip(TinyAblation.pictures, probabilities) {
          let changed = TinyAblation.distance(picture, other)
          let bound = changed < touch.count ? touch[changed] : 1
          #expect(zip(mine, theirs).allSatisfy { abs($0 - $1) <= bound + 1e-12 })
        }
      }
    }
  }

  @Test("Δ is reached: a classifier that says 1 where it sees white, and a black picture", arguments: [1, 2, 3])
  func tightness(keep: Int) {
    let model = TinyAblation.white(keep: keep)
    for changed in 0...6 {
      let picture = (0..<6).map { Float($0 < changed ? 1 : 0) }
      let expected = TouchProbability.value(pixels: 6, keep: keep, changed: changed)
      #expect(abs(TinyAblation.probabilities(model, picture)[1] - expected) < 1e-12)
    }
  }

  @Test("within the radius of exact probabilities no picture is of another class")
  func exact() {
    var certified = 0
    for keep in 1...2 {
      for seed in UInt64(10)..<16 {
        let model = TinyAblation.random(keep: keep, seed: seed)
        let touch = TouchProbability.table(pixels: 6, keep: keep)
        let probabilities = TinyAblation.pictures.map { TinyAblation.probabilities(model, $0) }
        func label(_ probabilities: [Double]) -> Int? { probabilities.firstIndex(of: probabilities.max() ?? 0) }
        for (picture, mine) in zip(TinyAblation.pictures, probabilities) {
          let certificate = AblationCertificate(exact: mine, touch: touch)
          // With known probabilities the margin's rule is never the weaker one.
          #expect(certificate.marginRadius ?? -1 >= certificate.majorityRadius ?? -1)
          guard let radius = certificate.marginRadius else { continue }
          certified += radius > 0 ? 1 : 0
          for (other, theirs) in zip(TinyAblation.pictures, probabilities)
          where TinyAblation.distance(picture, other) <= radius {
            #expect(label(theirs) == certificate.label)
          }
        }
      }
    }
    #expect(certified > 50)
  }
}
