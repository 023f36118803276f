import CopurFusionCenter
import CopurNumerics
import Testing

@Suite("SampleIndex") struct SampleIndexTests {
  private struct Name: Hashable {
    let session: Int
    let sample: UInt64
  }

  @Test("Numbers come back by session and sample, whatever came and went before", arguments: [UInt64](0..<4))
  func agreesWithADictionary(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var (index, reference) = (SampleIndex(), [Name: Int]())
    for step in 0..<20_000 {
      // Neighbours, the ends of the range, and samples far from each other.
      let sample: UInt64 =
        switch generator.next() % 4 {
        case 0: generator.next() % 200
        case 1: .max - generator.next() % 40
        case 2: UInt64(step)
        default: generator.next() % 50 << 20
        }
      let name = Name(session: Int(generator.next() % 3) - 1, sample: sample)
      if generator.next() % 2 == 0 {
        #expect(index.update(step, session: name.session, sample: sample) == reference.updateValue(step, forKey: name))
      } else {
        #expect(index.remove(session: name.session, sample: sample) == reference.removeValue(forKey: name))
      }
      #expect(index[name.session, sample] == reference[name])
      #expect(index.count == reference.count && index.isEmpty == reference.isEmpty)
      if step % 1000 == 0 {
        #expect(index.least == reference.values.min())
        for (name, number) in reference where index[name.session, name.sample] != number {
          Issue.record("\(name): \(number)")
        }
      }
    }
    for (name, number) in reference { #expect(index.remove(session: name.session, sample: name.sample) == number) }
    #expect(index.isEmpty && index.least == nil)
  }
}
