internal import COpenBLAS

/// Eigenvalues and eigenvectors of a symmetric matrix, in double precision (LAPACK's dsyevd).
public struct SymmetricEigen: Sendable {
  /// The eigenvalues, largest first.
  public let values: [Double]
  /// Unit eigenvectors in the same order; each as long as the matrix is wide.
  public let vectors: [[Double]]

  /// - Parameters:
  ///   - matrix: Row-major elements of a symmetric matrix; finite.
  ///   - size: Its number of rows, at least 1.
  /// - Throws: ``NumericsError`` if an element is not finite or the iteration does not converge.
  public init(of matrix: [Double], size: Int) throws {
    precondition(matrix.count == size * size && size > 0)
    guard matrix.allSatisfy(\.isFinite) else {
      throw NumericsError("the eigenvalues of a matrix with NaN or infinity are not defined")
    }
    var elements = matrix
    var eigenvalues = [Double](repeating: 0, count: size)
    var order = Int32(size)
    var info: Int32 = 0
    // Workspace sizes for eigenvectors as the routine's documentation gives them.
    var workCount = Int32(1 + 6 * size + 2 * size * size)
    var integerCount = Int32(3 + 5 * size)
    var work = [Double](repeating: 0, count: Int(workCount))
    var integers = [Int32](repeating: 0, count: Int(integerCount))
    var leading = order
    OpenBLAS.useOneThread()
    // 0: done; < 0: an argument is wrong, which would be our error; > 0: no convergence.
    dsyevd_(
      "V", "U", &order, &elements, &leading, &eigenvalues, &work, &workCount, &integers, &integerCount, &info)
    precondition(info >= 0)
    guard info == 0 else { throw NumericsError("the eigenvalues of a \(size) × \(size) matrix did not converge") }
    // Ascending there, descending here; Fortran's columns are our rows.
    values = eigenvalues.reversed()
    vectors = (0..<size).reversed().map { Array(elements[$0 * size..<($0 + 1) * size]) }
  }
}
