internal import CopurCore
public import CopurDefenses
internal import CopurLearning

extension DefenseSpec {
  /// Reads a defence as it stands in a scenario, from a command line: `copur`, or `{ kind: randomized-smoothing, sigma: 2 }`.
  ///
  /// - Parameters:
  ///   - agents: How many agents the model has.
  ///   - classNames: The model's classes.
  /// - Throws: ``CopurError`` of code `.invalidArgument`, with line, column and a caret.
  public init(argument: String, agents: Int, classNames: [String]) throws {
    let document = ScenarioDocument(text: argument, file: "--defense")
    do {
      try self.init(parsing: document.root(), context: Context(agents: agents, classNames: classNames))
    } catch {
      throw CopurError(.invalidArgument, error.description)
    }
  }

  /// What ``init(argument:agents:classNames:)`` reads as this defence.
  public var argument: String {
    let settings = settings
    if settings.isEmpty, name == method.kind { return name }
    let pairs = [("kind", method.kind), ("name", name)] + settings
    return "{ " + pairs.map { "\($0): \($1)" }.joined(separator: ", ") + " }"
  }

  /// The method's settings with the keys of a scenario.
  private var settings: [(key: String, value: String)] {
    switch method {
    case .unsecured, .oracle, .manifoldProjection, .coPurPaper, .coPur, .coPurSchedule, .coPurRelaxed: []
    case .randomizedSmoothing(let settings), .randomizedSmoothingBlock(let settings), .coPurSmoothing(let settings):
      [("sigma", "\(settings.sigma)"), ("draws", "\(settings.draws)")]
    case .randomizedAblation(let settings):
      [
        ("keep", "\(settings.training.keep)"), ("ablated", settings.training.null.rawValue),
        ("draws", "\(settings.draws)"),
      ] + Self.training(settings.training.epochs, settings.training.learningRate)
    case .adversarialTraining(let settings):
      [("goal", settings.goal.rawValue)] + (settings.target.map { [("target", "\($0)")] } ?? [])
        + [
          ("step", "\(settings.step)"), ("iterations", "\(settings.iterations)"),
          ("direction", settings.direction.rawValue),
        ] + Self.training(settings.epochs, settings.learningRate)
    }
  }

  private static func training(_ epochs: Int?, _ learningRate: Float?) -> [(key: String, value: String)] {
    (epochs.map { [("epochs", "\($0)")] } ?? []) + (learningRate.map { [("learning_rate", "\($0)")] } ?? [])
  }
}
