/// The residuals of each agent under one attack: quartiles as a bar, the median as a mark, and the median when nobody is
/// attacked as a reference. The y axis is logarithmic.
struct ResidualPlot {
  /// An agent's part in the attack.
  enum Role { case honest, compromised, missing }

  /// An agent's place in the plot.
  struct Agent {
    var name: String
    var role: Role
    /// Its residuals; nil if it was missing.
    var quartiles: Quartiles?
    /// Its median residual when nobody is attacked, if that is known.
    var cleanMedian: Double?
  }

  var id: String
  /// The attack's name.
  var title: String
  /// Who does what in it.
  var note: String
  var agents: [Agent]
  /// From which to which residual the y axis goes; over 0.
  var range: ClosedRange<Double>

  private static let (width, height) = (360.0, 270.0)
  private static let (left, right, top, bottom) = (54.0, 352.0, 46.0, 200.0)
  /// More agents than this have names at some of them only, so that names do not lie over one another.
  private static let named = 24
  /// A line that is longer does not fit over the drawing.
  private static let (titleLength, noteLength) = (50, 66)

  var html: HTML {
    let y = Scale(.logarithmic, domain: range, from: Self.bottom, to: Self.top)
    return SVG(
      id: id, title: "Residual of each agent: \(title), \(note)", description: description, width: Self.width,
      height: Self.height
    ).drawing {
      SVG.text(Self.cut(title, to: Self.titleLength), style: "heading", x: 0, y: 14, anchor: "start")
      SVG.text(Self.cut(note, to: Self.noteLength), style: "note", x: 0, y: 30, anchor: "start")
      SVG.text("residual", style: "label", x: 12, y: (Self.top + Self.bottom) / 2, rotation: -90)
      for tick in y.ticks() {
        SVG.line("grid", from: (Self.left, y.position(tick)), to: (Self.right, y.position(tick)))
        SVG.text(
          Number.short(tick, digits: 1), style: "tick", x: Self.left - 6, y: y.position(tick) + 3.5, anchor: "end")
      }
      SVG.line("axis", from: (Self.left, Self.bottom), to: (Self.right, Self.bottom))
      for (place, agent) in agents.enumerated() { drawing(of: agent, at: place, y: y) }
    }
  }

  private func drawing(of agent: Agent, at place: Int, y: Scale) -> HTML {
    let x = x(place)
    return HTML("g", ["class": agent.role == .compromised ? "liar" : "honest"]) {
      HTML("title") { words(on: agent) }
      if place % ((agents.count + Self.named - 1) / Self.named) == 0 {
        SVG.text(
          agent.name, style: agent.role == .compromised ? "tick strong" : "tick", x: x + 4, y: Self.bottom + 14,
          anchor: "end", rotation: -40)
      }
      if let clean = agent.cleanMedian, agent.role != .missing {
        SVG.line("clean", from: (x - 9, y.position(clean)), to: (x + 9, y.position(clean)))
      }
      if let quartiles = agent.quartiles {
        SVG.line("spread", from: (x, y.position(quartiles.lower)), to: (x, y.position(quartiles.upper)))
        // A triangle for who lies, a circle for who does not: the colour is not needed to tell them apart.
        SeriesStyle(index: agent.role == .compromised ? 2 : 0)
          .marker(x: x, y: y.position(quartiles.median), radius: agent.role == .compromised ? 5 : 3.6)
      } else {
        SVG.text("×", style: "absent", x: x, y: Self.bottom - 5)
      }
    }
  }

  private static func cut(_ text: String, to length: Int) -> String {
    text.count <= length ? text : text.prefix(length - 1) + "…"
  }

  private func x(_ place: Int) -> Double {
    let step = (Self.right - Self.left) / Double(max(1, agents.count))
    return Self.left + step * (Double(place) + 0.5)
  }

  private func words(on agent: Agent) -> String {
    guard let quartiles = agent.quartiles else { return "\(agent.name): missing" }
    let numbers = [quartiles.lower, quartiles.median, quartiles.upper].map { Number.significant($0) }
    return "\(agent.name)\(agent.role == .compromised ? " (compromised)" : ""): median \(numbers[1]), "
      + "quartiles \(numbers[0]) and \(numbers[2])"
  }

  private var description: String { agents.map(words).joined(separator: ". ") + "." }
}
