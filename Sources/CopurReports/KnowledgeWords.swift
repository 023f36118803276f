/// The knowledge of an attacker, in the words of tables.
enum KnowledgeWords {
  /// - Parameter knowledge: As ``ResultRow/knowledge`` has it.
  static func of(_ knowledge: String) -> String {
    switch knowledge {
    case "nothing": "nothing"
    case "model": "the fusion model"
    case "decisions": "the defence's decisions"
    case "defense": "the whole defence"
    // A later program's.
    default: knowledge
    }
  }
}
