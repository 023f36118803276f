extension RunResults.Attack {
  /// Who does what, in words.
  var summary: String {
    if isClean { return "nobody is attacked" }
    var parts: [String] = []
    if !missing.isEmpty { parts.append("\(missing.joined(separator: ", ")) silent") }
    let kinds = kinds.filter { $0 != "missing" }
    if !kinds.isEmpty {
      var what = kinds.map { $0 == "pgd" ? "PGD" : $0 }.joined(separator: " and ")
      if let goal { what = "\(goal) \(what)" }
      if let amplification { what += " ×\u{A0}\(Number.short(amplification))" }
      parts.append("\(compromised.joined(separator: ", ")): \(what)")
    }
    return parts.joined(separator: "; ")
  }
}
