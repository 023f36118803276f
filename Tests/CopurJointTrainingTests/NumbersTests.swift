import CopurJointTraining
import CopurNumerics
import CopurWire
import Foundation
import Testing

/// Numbers on the wire.
struct NumbersTests {
  @Test("Numbers of every format come back as the other side rounds them")
  func formats() throws {
    var generator = SeededGenerator(seed: 1)
    let matrix = generator.normalMatrix(rows: 5, columns: 3)
    for format in QuantizedNumbers.Format.allCases {
      let back = try Copur_V1_Numbers(matrix, as: format).matrix(rows: 5, columns: 3, field: "values")
      #expect(back == matrix.rounded(to: format))
    }
    #expect(
      Copur_V1_Numbers(matrix, as: .int8).int8.count == 15 && Copur_V1_Numbers(matrix, as: .int16).int16.count == 30)
  }

  @Test("Too few numbers, numbers that are not finite and scales that are none are refused by name")
  func refusals() throws {
    let matrix = Matrix(rows: 1, columns: 2, values: [1, 2])
    #expect(throws: WireError.self) {
      try Copur_V1_Numbers(matrix, as: .float32).matrix(rows: 2, columns: 2, field: "values")
    }
    let infinite = Copur_V1_Numbers(Matrix(rows: 1, columns: 2, values: [1, .infinity]), as: .int8)
    let error = #expect(throws: WireError.self) { try infinite.matrix(rows: 1, columns: 2, field: "values") }
    #expect("\(try #require(error))".contains("numbers are finite"))
    for scale in [-1, Float.nan, .infinity] {
      var numbers = Copur_V1_Numbers(matrix, as: .int8)
      numbers.scale = scale
      #expect(throws: WireError.self) { try numbers.matrix(rows: 1, columns: 2, field: "values") }
    }
    #expect(throws: WireError.self) { try Copur_V1_Numbers().matrix(rows: 1, columns: 1, field: "values") }
  }
}
