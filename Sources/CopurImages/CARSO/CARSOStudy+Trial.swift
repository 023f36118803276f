internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

extension CARSOStudy {
  /// The attacks on one victim.
  struct Trial {
    /// An attack with what it is called.
    private struct Entry {
      let name: String
      let attack: any PictureAttack
      var radius: Float
      var isJudged = true
    }

    private let kind: Victim
    private let victim: any PictureVictim
    private let classifier: PictureClassifier
    private let pictures: LabelledRows
    private let numbers: [Int]
    private let settings: Settings
    private let seed: UInt64
    private var evaluations: [Reevaluation] = []

    init(
      victim: Victim, classifier: PictureClassifier, pipeline: CARSO, pictures: LabelledRows, numbers: [Int],
      settings: Settings, seed: UInt64
    ) {
      kind = victim
      self.victim = victim == .classifier ? classifier : pipeline
      self.classifier = classifier
      self.pictures = pictures
      self.numbers = numbers
      self.settings = settings
      self.seed = seed
    }

    /// - Parameter found: Called with each row.
    mutating func run(found: (Row) -> Void) throws {
      let clean = try evaluate(pictures.features)
      evaluations = [clean]
      found(row("none", clean.figures, radius: 0))
      for entry in entries {
        let attacked = try entry.attack.attack(
          pictures.features, labels: pictures.labels, numbers: numbers, radius: entry.radius, against: victim,
          seed: SeededGenerator.seed(under: seed, for: "attack \(entry.name) on \(kind.rawValue)"))
        let evaluation = try evaluate(attacked)
        if entry.isJudged { evaluations.append(evaluation) }
        var row = row(entry.name, evaluation.figures, radius: entry.radius, isJudged: entry.isJudged)
        (row.moved, row.largestChange) = change(to: attacked)
        found(row)
      }
      found(row("worst of all, by picture", Reevaluation.worst(of: evaluations).figures, radius: settings.radius))
    }

    private func row(_ attack: String, _ figures: Reevaluation.Figures, radius: Float, isJudged: Bool = true) -> Row {
      Row(
        victim: kind, attack: attack, radius: radius, figures: figures, moved: nil, largestChange: nil,
        isJudged: isJudged)
    }

    /// Predictions whose draws no attack has seen, the same for all attacks.
    private func evaluate(_ attacked: Matrix) throws -> Reevaluation {
      try Reevaluation(
        of: victim, pictures: attacked, labels: pictures.labels, numbers: numbers,
        predictions: settings.attacks.reevaluations,
        seed: SeededGenerator.seed(under: seed, for: "re-evaluations of a study"))
    }

    /// The number of pictures that are not what they were, and the largest change of a value.
    private func change(to attacked: Matrix) -> (moved: Int, largest: Float) {
      var (moved, largest) = (0, Float(0))
      for row in 0..<attacked.rows {
        let change = zip(attacked[row: row], pictures.features[row: row]).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        if change > 0 { moved += 1 }
        largest = max(largest, change)
      }
      return (moved, largest)
    }

    // MARK: Attacks

    private var entries: [Entry] { kind == .classifier ? onClassifier : onPipeline }

    private var onClassifier: [Entry] {
      let attacks = settings.attacks
      func automatic(_ loss: AttackObjective.Loss) -> Entry {
        Entry(
          name: "APGD, \(loss.rawValue)",
          attack: AutoProjectedGradient(
            AttackObjective(.meanLogit, loss), steps: attacks.autoSteps, starts: attacks.starts),
          radius: settings.radius)
      }
      let single = SignAscent.single(AttackObjective(.meanLogit, .crossEntropy))
      let iterated = SignAscent(AttackObjective(.meanLogit, .margin), steps: attacks.steps, starts: attacks.starts)
      return [
        Entry(name: "FGSM, cross-entropy", attack: single, radius: settings.radius),
        Entry(name: "PGD, margin", attack: iterated, radius: settings.radius),
        automatic(.crossEntropy), automatic(.differenceOfLogitsRatio),
        square(passes: 1),
      ] + check(iterated)
    }

    private var onPipeline: [Entry] {
      let attacks = settings.attacks
      let bare = SignAscent(AttackObjective(.meanLogit, .crossEntropy), steps: attacks.steps)
      let surest = iterated(.meanLogit, .margin)
      return [
        reference("APGD, cross-entropy", automatic(.reference, .crossEntropy, steps: attacks.referenceSteps)),
        reference("APGD, DLR", automatic(.reference, .differenceOfLogitsRatio, steps: attacks.referenceSteps)),
        reference("PGD + EOT, cross-entropy", iterated(.reference, .crossEntropy, steps: attacks.referenceSteps)),
        Entry(
          name: "transfer: PGD on the classifier", attack: TransferAttack(bare, on: classifier), radius: settings.radius
        ),
        Entry(
          name: "FGSM + EOT, mean logit, cross-entropy",
          attack: SignAscent.single(AttackObjective(.meanLogit, .crossEntropy), passes: attacks.passes),
          radius: settings.radius),
        Entry(name: "PGD + EOT, mean logit, margin", attack: surest, radius: settings.radius),
        Entry(
          name: "PGD + EOT, mean probability, cross-entropy", attack: iterated(.meanProbability, .crossEntropy),
          radius: settings.radius),
        Entry(
          name: "PGD + EOT, mean probability, margin", attack: iterated(.meanProbability, .margin),
          radius: settings.radius),
        Entry(
          name: "PGD + EOT, sum of exponentials, margin", attack: iterated(.sumOfExponentials, .margin),
          radius: settings.radius),
        Entry(
          name: "APGD + EOT, mean logit, cross-entropy",
          attack: automatic(.meanLogit, .crossEntropy, steps: attacks.autoSteps), radius: settings.radius),
        Entry(
          name: "APGD + EOT, mean logit, DLR",
          attack: automatic(.meanLogit, .differenceOfLogitsRatio, steps: attacks.autoSteps), radius: settings.radius),
        square(passes: attacks.passes),
      ] + check(surest)
    }

    private func iterated(
      _ aggregation: DrawAggregation, _ loss: AttackObjective.Loss, steps: Int? = nil
    ) -> SignAscent {
      SignAscent(
        AttackObjective(aggregation, loss), steps: steps ?? settings.attacks.steps, passes: settings.attacks.passes)
    }

    private func automatic(
      _ aggregation: DrawAggregation, _ loss: AttackObjective.Loss, steps: Int
    ) -> AutoProjectedGradient {
      AutoProjectedGradient(AttackObjective(aggregation, loss), steps: steps, passes: settings.attacks.passes)
    }

    private func reference(_ name: String, _ attack: any PictureAttack) -> Entry {
      Entry(name: "reference aggregation: \(name)", attack: attack, radius: settings.radius)
    }

    private func square(passes: Int) -> Entry {
      Entry(
        name: "Square, \(settings.attacks.queries) queries",
        attack: SquareAttack(classifier.shape, queries: settings.attacks.queries, passes: passes),
        radius: settings.radius)
    }

    /// An attack without a real limit, which a victim withstands only if its gradients are of no use.
    private func check(_ attack: SignAscent) -> [Entry] {
      settings.attacks.checkRadius.map { radius in
        [Entry(name: "check: PGD, margin", attack: attack, radius: radius, isJudged: false)]
      } ?? []
    }
  }
}
