import CopurAttacks
import CopurCore
import CopurDatasets
import CopurDefenses
import CopurNumerics
import CopurScenarios
import Foundation

// temporary experiment
let source = DatasetSource.extraSensory(try ExtraSensory(user: CommandLine.arguments[1], label: "SITTING", trainRows: Int(CommandLine.arguments[2])!))
let clock = ContinuousClock()
var start = clock.now
let dataset = try source.load(from: DataDirectory(roots: ["data"]))
print(dataset.train.count, dataset.test.count, dataset.roster.layout.widths, clock.now - start)
for seed in 0..<UInt64(CommandLine.arguments[3])! {
  start = clock.now
  var m = ManifoldSettings()
  if CommandLine.arguments.count > 4 { m.code = Int(CommandLine.arguments[4]) }
  let bundle = try BundleTrainer(name: "x", training: TrainingSettings(), manifold: m, source: .null).train(on: dataset, seed: seed)
  print("trained", clock.now - start, bundle.manifold.codeWidth, bundle.manifest.candidates.map { "\($0.code): \($0.clean) \($0.corrupted)" })
  let clean = Observation(layout: bundle.roster.layout, embeddings: bundle.embed(dataset.test.features, layout: dataset.roster.layout))
  let flip = FeatureFlipping(amplification: 10)
  let pgd = ProjectedGradientDescent(goal: .targeted(label: nil), step: 0.5, iterations: 30)
  let raw = ProjectedGradientDescent(goal: .targeted(label: nil), step: 0.5, iterations: 30, direction: .raw)
  let plans: [(String, AttackPlan)] = try [
    ("clean", AttackPlan(missing: [], parts: [])), ("flip", AttackPlan(missing: [], parts: [.init(attack: flip, blocks: [9])])),
    ("pgd", AttackPlan(missing: [], parts: [.init(attack: pgd, blocks: [9])])),
    ("raw", AttackPlan(missing: [], parts: [.init(attack: raw, blocks: [9])])),
    ("miss+flip", AttackPlan(missing: [6], parts: [.init(attack: flip, blocks: [9])])),
    ("8-10", AttackPlan(missing: [], parts: [.init(attack: flip, blocks: [7, 8, 9])])),
  ]
  for (name, plan) in plans {
    var line = name
    for d in DefenseCatalog.names {
      let defense = try DefenseCatalog.make(d, from: bundle)
      let obs = plan.apply(to: clean, labels: dataset.test.labels, victim: defense.model)
      start = clock.now
      let decisions = defense.decide(obs)
      let t = clock.now - start
      let right = zip(decisions, dataset.test.labels).count { $0.label == $1 }
      line += " \(d) \(Double(right) / Double(dataset.test.count)) (\(t)) conv \(decisions.count { $0.converged == false })"
    }
    print(line)
  }
}
