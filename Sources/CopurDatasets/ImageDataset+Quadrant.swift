internal import CopurCore

extension ImageDataset {
  /// A quarter of an image.
  enum Quadrant: String, CaseIterable {
    case topLeft = "top-left"
    case topRight = "top-right"
    case bottomLeft = "bottom-left"
    case bottomRight = "bottom-right"

    /// The width and height of an image.
    static let imageSide = 28
    /// The width and height of a quadrant.
    static let side = imageSide / 2

    /// The agent that holds it.
    var agent: AgentID {
      do {
        return try AgentID(rawValue)
      } catch {
        preconditionFailure("the names above are agents' names: \(error)")
      }
    }

    private var firstRow: Int { self == .topLeft || self == .topRight ? 0 : Self.side }
    private var firstColumn: Int { self == .topLeft || self == .bottomLeft ? 0 : Self.side }

    /// The quadrant's pixels, row by row, as (row, column) of the image.
    var pixels: [(row: Int, column: Int)] {
      (firstRow..<firstRow + Self.side).flatMap { row in
        (firstColumn..<firstColumn + Self.side).map { (row, $0) }
      }
    }
  }
}
