internal import CopurCore

/// Narrows a leverage constant down from both sides by dividing the directions into ever smaller boxes.
///
/// The shares depend on a direction alone, so the faces y_k = 1 of a cube hold all of them. In a box around c of half-width
/// η, the triangle inequality gives f_i(c) − ρ_i ≤ f_i(y) ≤ f_i(c) + ρ_i with ρ_i = f_i's largest value over the box's
/// offsets, and so a lower bound of the honest share in the whole box; the share at c is an upper bound of the constant.
/// Boxes whose bound is within the tolerance of the best share found need no further division.
struct DirectionSearch {
  /// The products of a form's element that are spent, all boxes together.
  static let work = 8_000_000

  let forms: BlockForms
  let corrupted: Int

  /// The most boxes that are looked at.
  private var boxLimit: Int { Self.work / (forms.grams.count * forms.dimension * forms.dimension) }

  /// - Parameter attained: A share that some direction is known to have.
  /// - Returns: A proven lower bound, and the smallest share found.
  func search(attained: Double) -> (bound: Double, attained: Double) {
    let dimension = forms.dimension
    let columnNorms = forms.grams.map { gram in
      (0..<dimension).map { max(0, gram[$0 * dimension + $0]).squareRoot() }
    }
    var attained = attained
    var settled = Double.infinity
    var halfWidth = 1.0
    var boxes = (0..<dimension).map { face in
      let centre = (0..<dimension).map { $0 == face ? 1.0 : 0 }
      return Box(face: face, centre: centre, bound: 0)
    }
    var looked = 0
    while !boxes.isEmpty, looked + boxes.count << (dimension - 1) <= boxLimit {
      halfWidth /= 2
      var next: [Box] = []
      for box in boxes {
        for corner in 0..<1 << (dimension - 1) {
          var part = box
          var bit = 0
          for axis in 0..<dimension where axis != box.face {
            part.centre[axis] += corner >> bit & 1 == 0 ? -halfWidth : halfWidth
            bit += 1
          }
          let norms = forms.norms(at: part.centre)
          attained = min(attained, Shares.honest(norms, corrupted: corrupted))
          part.bound = max(
            box.bound, bound(norms: norms, face: box.face, halfWidth: halfWidth, columnNorms: columnNorms))
          next.append(part)
        }
      }
      looked += next.count
      boxes = next.filter { box in
        let isOpen = box.bound < attained - LeverageConstant.tolerance
        if !isOpen { settled = min(settled, box.bound) }
        return isOpen
      }
    }
    return (boxes.reduce(min(settled, attained)) { min($0, $1.bound) }, attained)
  }

  private struct Box {
    let face: Int
    var centre: [Double]
    var bound: Double
  }

  /// The least honest share in a box: the liars have at most the q largest upper bounds, the others at least all lower
  /// bounds but the q largest.
  private func bound(norms: [Double], face: Int, halfWidth: Double, columnNorms: [[Double]]) -> Double {
    var (upper, lower): ([Double], [Double]) = ([], [])
    for (block, norm) in norms.enumerated() {
      var radius = 0.0
      for axis in 0..<forms.dimension where axis != face { radius += halfWidth * columnNorms[block][axis] }
      upper.append(norm + radius)
      lower.append(max(0, norm - radius))
    }
    let liars = upper.sorted().suffix(corrupted).reduce(0, +)
    let honest = lower.sorted().dropLast(corrupted).reduce(0, +)
    return liars + honest > 0 ? honest / (liars + honest) : 0
  }
}
