import CopurNumerics
import CopurWire
import GRPCCore
import SwiftProtobuf
import Testing

@Suite struct SamplesTests {
  @Test(
    arguments: [
      [0], [5, 6, 7], [7, 6, 5], [1, 2, 3, 10, 11, 12], [UInt64.max - 1, .max], [.max, 0], [3, 1, 2, 4, 5, 6, 7, 8],
      Array(0..<465),
    ] as [[UInt64]])
  func keepsNumbersAndOrder(numbers: [UInt64]) throws {
    let message = try Copur_V1_Samples(serializedBytes: Copur_V1_Samples(numbers).serializedBytes() as [UInt8])
    #expect(try message.numbers(limit: 1000, field: "f") == numbers)
  }

  @Test func consecutiveNumbersTakeARange() {
    let message = Copur_V1_Samples(0..<465)
    #expect(message.listed.isEmpty && message.ranges.map(\.first) == [0] && message.ranges.map(\.count) == [465])
    #expect(Copur_V1_Samples([]) == Copur_V1_Samples())
  }

  @Test func isCheckedBeforeMemoryIsTaken() {
    func message(_ listed: [UInt64] = [], _ ranges: [(UInt64, UInt64)] = []) -> Copur_V1_Samples {
      var message = Copur_V1_Samples()
      message.listed = listed
      message.ranges = ranges.map { first, count in
        var range = Copur_V1_SampleRange()
        range.first = first
        range.count = count
        return range
      }
      return message
    }
    let cases: [(Copur_V1_Samples, String, Bool)] = [
      (message(), "f: there is at least one sample", false),
      (message([], [(1, 0)]), "f.ranges: a range has at least one sample (first: 1)", false),
      (message([], [(1, .max)]), "f: too many samples (max: 10, actual: 18446744073709551615)", true),
      (message([], [(0, .max), (0, .max)]), "f: too many samples (max: 10, actual: 18446744073709551615)", true),
      (
        message([], [(2, .max)]),
        "f.ranges: a sample's number is at most 2^64 - 1 (first: 2, count: "
          + "18446744073709551615)", false
      ),
      (message(Array(0..<11)), "f: too many samples (max: 10, actual: 11)", true),
      (message([4, 4]), "f: a sample is named once (twice: 4)", false),
      (message([4], [(3, 2)]), "f: a sample is named once (twice: 4)", false),
      (message([], [(3, 2), (4, 1)]), "f: a sample is named once (twice: 4)", false),
    ]
    for (message, text, isLimit) in cases {
      let error = #expect(throws: WireError.self) { try message.numbers(limit: 10, field: "f") }
      #expect(error?.description == text && error?.isLimit == isLimit)
      #expect(error?.rpcErrorCode == (isLimit ? .resourceExhausted : .invalidArgument))
    }
  }

  @Test func theLastNumberIsReached() throws {
    var message = Copur_V1_Samples()
    message.ranges = [Copur_V1_SampleRange()]
    message.ranges[0].first = .max
    message.ranges[0].count = 1
    #expect(try message.numbers(limit: 1, field: "f") == [.max])
  }
}

@Suite struct SessionNameTests {
  @Test(arguments: ["s", "extrasensory/0/flip", "~!", String(repeating: "x", count: 128)])
  func isPrintable(name: String) throws { try SessionName.check(name, field: "f") }

  @Test(arguments: ["", " ", "a b", "ä", "a\n", "\u{7F}", "\u{0}", String(repeating: "x", count: 129)])
  func isNothingElse(name: String) {
    let error = #expect(throws: WireError.self) { try SessionName.check(name, field: "f") }
    #expect(error?.rule.contains("1 to 128 printable ASCII characters") == true)
  }

  @Test func longNamesAreNotRepeatedInFull() {
    let error = #expect(throws: WireError.self) {
      try SessionName.check(String(repeating: "é", count: 1 << 20), field: "f")
    }
    #expect(error.map { $0.description.utf8.count < 400 } == true)
  }
}
