import CopurFusionCenter
import CopurNumerics
import Testing

@Suite struct SampleSetTests {
  @Test(arguments: 0..<10) func agreesWithASet(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var set = SampleSet()
    var reference = Set<UInt64>()
    for _ in 0..<300 {
      let number = generator.next() % 100
      set.insert(number)
      reference.insert(number)
      for probe in UInt64(0)...101 {
        guard set.contains(probe) == reference.contains(probe) else {
          Issue.record("seed \(seed): \(probe) after inserting \(number)")
          return
        }
      }
    }
    let runs = reference.filter { $0 == 0 || !reference.contains($0 - 1) }.count
    #expect(set.rangeCount == runs, "seed \(seed)")
  }

  @Test func takesTheEndsOfTheNumbers() {
    var set = SampleSet()
    for number in [UInt64.max, 0, 1, UInt64.max - 1, UInt64.max, 0] { set.insert(number) }
    #expect(set.rangeCount == 2)
    #expect(set.contains(0) && set.contains(1) && set.contains(.max) && set.contains(.max - 1))
    #expect(!set.contains(2) && !set.contains(.max - 2))
  }

  @Test func theNarrowestGapsAreFilledButForThoseOfNumbersThatAreKept() {
    var set = SampleSet()
    for number in [UInt64(0), 2, 5, 100, 103, .max] { set.insert(number) }
    set.fillNarrowestGaps(leaving: 3, except: [UInt64(101)])
    #expect(set.rangeCount == 3)
    #expect(set.contains(1) && set.contains(3) && set.contains(50))
    #expect(!set.contains(101) && !set.contains(102) && !set.contains(104))
    set.fillNarrowestGaps(leaving: 1, except: [UInt64(200)])
    #expect(set.contains(101) && !set.contains(200) && set.rangeCount == 2)
  }
}
