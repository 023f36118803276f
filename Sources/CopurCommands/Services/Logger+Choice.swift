import CopurCore
import CopurDefenses
import Logging

extension Logger {
  /// Says which defence a service decides by, where training chose it, and what whoever relies on it has to know.
  ///
  /// - Parameter specs: The service's defences; a choice that none of them asks for is not mentioned.
  func tellChoice(of bundle: ModelBundle, by specs: [DefenseSpec]) {
    guard let record = bundle.manifest.protection, specs.contains(where: { $0.kind is Auto }) else { return }
    if let words = record.choiceWords { info("\(words)") }
    for text in record.warnings { warning("\(text)") }
  }
}
