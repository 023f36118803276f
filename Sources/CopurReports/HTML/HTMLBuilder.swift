/// Puts pieces of a page one after the other.
@resultBuilder
package enum HTMLBuilder {
  package static func buildExpression(_ text: String) -> [HTML] { [.text(text)] }
  package static func buildExpression(_ piece: HTML) -> [HTML] { [piece] }
  package static func buildExpression(_ piece: HTML?) -> [HTML] { piece.map { [$0] } ?? [] }
  package static func buildExpression(_ pieces: [HTML]) -> [HTML] { pieces }
  package static func buildBlock(_ pieces: [HTML]...) -> [HTML] { pieces.flatMap { $0 } }
  package static func buildOptional(_ pieces: [HTML]?) -> [HTML] { pieces ?? [] }
  package static func buildEither(first pieces: [HTML]) -> [HTML] { pieces }
  package static func buildEither(second pieces: [HTML]) -> [HTML] { pieces }
  package static func buildArray(_ pieces: [[HTML]]) -> [HTML] { pieces.flatMap { $0 } }
}
