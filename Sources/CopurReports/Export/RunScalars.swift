/// The numbers of one seed of a run as programs that follow experiments take them: a name, a step, a value.
struct RunScalars {
  /// A number.
  struct Scalar: Hashable {
    /// Its name: words with `/` between.
    var name: String
    /// The epoch of a loss; 0 for others.
    var step: Int
    /// The number.
    var value: Double
  }

  /// The seed.
  let seed: UInt64
  /// Losses first, then results; not what is of the attack or the rows.
  let scalars: [Scalar]

  /// The seeds of a run.
  static func all(of run: RunReport) -> [RunScalars] {
    var seeds: [UInt64] = []
    for row in run.tidyRows where !seeds.contains(row.seed) { seeds.append(row.seed) }
    return seeds.map { RunScalars(run, seed: $0) }
  }

  private init(_ run: RunReport, seed: UInt64) {
    self.seed = seed
    var words = Words()
    let scalars = run.tidyRows.filter {
      $0.seed == seed && $0.agent == nil && !["n", "amplification"].contains($0.metric)
    }.map { row in
      Scalar(
        name: [row.metric, row.stage, row.attack, row.defense].compactMap { $0.map { words.word($0) } }
          .joined(separator: "/"), step: row.step ?? 0, value: row.value)
    }
    self.scalars = scalars.filter { $0.step > 0 } + scalars.filter { $0.step == 0 }
  }
}

/// Words that TensorBoard and MLflow both take, one for each text.
private struct Words {
  private var texts: [String: String] = [:]

  /// Letters, digits, and `-_. `; all else becomes `_`, and a number follows where another text has the word already.
  mutating func word(_ text: String) -> String {
    let plain = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_. ".contains($0)) ? $0 : "_" })
    // A path of dots would be another folder.
    var (word, number) = (plain.allSatisfy { $0 == "." } ? plain + "_" : plain, 2)
    while let other = texts[word], other != text { (word, number) = ("\(plain)_\(number)", number + 1) }
    texts[word] = text
    return word
  }
}
