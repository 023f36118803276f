extension RunResults.Attack {
  /// Who does what, in words.
  var summary: String {
    if isClean { return "nobody is attacked" }
    if isSearched { return "\(Self.words(kinds)), searched against each defence" }
    var parts: [String] = []
    if !missing.isEmpty { parts.append("\(missing.joined(separator: ", ")) silent") }
    let kinds = kinds.filter { $0 != "missing" }
    if !kinds.isEmpty {
      var what = Self.words(kinds)
      if let goal { what = "\(goal) \(what)" }
      if let amplification { what += " ×\u{A0}\(Number.short(amplification))" }
      parts.append("\(compromised.joined(separator: ", ")): \(what)")
    }
    return parts.joined(separator: "; ")
  }

  private static func words(_ kinds: [String]) -> String {
    Number.list(kinds.map { $0.replacing("pgd", with: "PGD") })
  }
}
