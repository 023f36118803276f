/// Text as LaTeX has it.
enum LaTeXText {
  private static let replacements: [Character: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "%": "\\%", "_": "\\_",
    "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", "<": "\\textless{}", ">": "\\textgreater{}",
    "|": "\\textbar{}", "\"": "\\symbol{34}", "`": "\\textasciigrave{}", "'": "\\textquotesingle{}",
    "–": "--", "—": "---", "…": "\\ldots{}", "×": "$\\times$", "±": "$\\pm$", "−": "$-$", "≤": "$\\leq$",
    "≥": "$\\geq$", "→": "$\\rightarrow$", "’": "'", "‖": "$\\|$", "δ": "$\\delta$", "ε": "$\\varepsilon$", "₂": "$_2$",
    "\u{A0}": "~", "\u{2060}": "{}",
  ]

  /// A text with all that has a meaning of its own to LaTeX escaped; line ends and control characters become spaces.
  static func escaped(_ text: String) -> String {
    // Two hyphens would be a dash.
    text.replacing(#/-(?=-)/#, with: "-\u{2060}").map { character in
      if let replacement = replacements[character] { return replacement }
      return character.isNewline || character.unicodeScalars.contains { $0.properties.generalCategory == .control }
        ? " " : String(character)
    }.joined()
  }

  /// A text for a comment, which ends with its line.
  static func comment(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { "% \($0)\n" }.joined()
  }

  /// A mean with its deviation in percent; a dash for none.
  static func percent(_ summary: Summary?) -> String {
    guard let summary else { return "--" }
    return "$\(summary.percent.replacing("±", with: "\\pm").replacing("−", with: "-"))$"
  }
}
