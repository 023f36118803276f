internal import CopurLearning

/// Sections that a scenario may leave out, with the defaults where none are given, so that single keys of them can be set.
extension TrainingSettings {
  /// The voters' settings, the defaults where none are given.
  var givenVoters: VoterSettings {
    get { voters ?? VoterSettings() }
    set { voters = newValue }
  }

  /// The layers of a convolutional extractor, the defaults where none are given.
  public var givenConvolution: ConvolutionSettings {
    get { convolution ?? ConvolutionSettings() }
    set { convolution = newValue }
  }

  /// The schedule, constant where none is given.
  var givenSchedule: Schedule {
    get { schedule ?? .constant }
    set { schedule = newValue }
  }

  /// The decay, none where none is given.
  var givenDecay: Float {
    get { decay ?? 0 }
    set { decay = newValue }
  }

  /// The exchange, the defaults where none is given.
  var givenExchange: JointExchange {
    get { exchange ?? JointExchange() }
    set { exchange = newValue }
  }

  /// The attack, an empty one where none is given.
  var givenAttack: TrainingAttack {
    get { attack ?? TrainingAttack() }
    set { attack = newValue }
  }

  /// The poison, an empty one where none is given.
  var givenPoison: TrainingPoison {
    get { poison ?? TrainingPoison() }
    set { poison = newValue }
  }

  /// The audit of training rows, for everything where nothing is said.
  var givenRobust: AuditSettings {
    get { robust ?? AuditSettings() }
    set { robust = newValue }
  }
}
