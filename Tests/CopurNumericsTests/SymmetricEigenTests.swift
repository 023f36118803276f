import CopurNumerics
import Testing

@Suite("SymmetricEigen")
struct SymmetricEigenTests {
  @Test("a matrix with known eigenvalues")
  func known() throws {
    let eigen = try SymmetricEigen(of: [2, 1, 0, 1, 2, 0, 0, 0, 5], size: 3)
    #expect(zip(eigen.values, [5, 3, 1]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(abs(abs(eigen.vectors[0][2]) - 1) < 1e-12)
    #expect(abs(eigen.vectors[1][0] - eigen.vectors[1][1]) < 1e-12)
  }

  @Test("NaN has no eigenvalues")
  func notFinite() {
    #expect(throws: NumericsError.self) { try SymmetricEigen(of: [1, .nan, .nan, 1], size: 2) }
  }
}
