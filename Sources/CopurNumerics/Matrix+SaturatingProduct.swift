extension Matrix {
  /// a·b with finite rows for finite rows: a sum beyond the range of `Float` is ± the largest number in it.
  ///
  /// An attacker may send any finite number, and infinities would end in NaN one layer on.
  public static func saturatingProduct(_ a: Matrix, _ b: Matrix) -> Matrix {
    var product = Matrix.product(a, b)
    guard !product.isFinite else { return product }
    for row in 0..<a.rows {
      if product[row: row].allSatisfy(\.isFinite) || !a[row: row].allSatisfy(\.isFinite) { continue }
      for column in 0..<b.columns { product[row, column] = saturatedElement(a, row, b, column) }
    }
    return product
  }

  /// One element of a·b in double precision, brought into the range of `Float`.
  private static func saturatedElement(_ a: Matrix, _ row: Int, _ b: Matrix, _ column: Int) -> Float {
    var sum = 0.0
    for index in 0..<a.columns { sum += Double(a[row, index]) * Double(b[index, column]) }
    let limit = Double(Float.greatestFiniteMagnitude)
    return Float(min(max(sum, -limit), limit))
  }
}
