extension Copur_V1_Samples {
  /// A set of samples in a given order: ranges alone or a list alone, whichever is shorter, so that the order stays.
  public init(_ numbers: some Collection<UInt64>) {
    self.init()
    var runs: [Copur_V1_SampleRange] = []
    for number in numbers {
      if let last = runs.indices.last, runs[last].first &+ runs[last].count == number, number != 0 {
        runs[last].count += 1
      } else {
        var run = Copur_V1_SampleRange()
        run.first = number
        run.count = 1
        runs.append(run)
      }
    }
    // Ranges pay off where they are shorter than the list.
    if runs.count * 2 <= numbers.count { ranges = runs } else { listed = Array(numbers) }
  }

  /// The sample numbers: those listed, then those of the ranges.
  ///
  /// - Parameters:
  ///   - limit: The most numbers; checked before any memory is taken for them.
  ///   - field: The field that holds this message, for the error.
  /// - Throws: ``WireError`` if there is no sample, there are too many, a range is empty or runs past 2⁶⁴ − 1, or
  ///   a sample is named twice.
  public func numbers(limit: Int, field: String) throws(WireError) -> [UInt64] {
    var total = UInt64(listed.count)
    for range in ranges {
      guard range.count >= 1 else {
        throw WireError(field: "\(field).ranges", rule: "a range has at least one sample (first: \(range.first))")
      }
      guard range.first <= UInt64.max - (range.count - 1) else {
        throw WireError(
          field: "\(field).ranges",
          rule: "a sample's number is at most 2^64 - 1 (first: \(range.first), count: \(range.count))")
      }
      let (sum, overflow) = total.addingReportingOverflow(range.count)
      total = overflow ? .max : sum
    }
    guard total >= 1 else { throw WireError(field: field, rule: "there is at least one sample") }
    guard total <= UInt64(limit) else {
      throw WireError(field: field, rule: "too many samples (max: \(limit), actual: \(total))", isLimit: true)
    }

    var numbers = listed
    numbers.reserveCapacity(Int(total))
    for range in ranges { numbers.append(contentsOf: range.first...(range.first + (range.count - 1))) }
    if !(listed.isEmpty && ranges.count == 1) {
      var seen = Set<UInt64>(minimumCapacity: numbers.count)
      for number in numbers where !seen.insert(number).inserted {
        throw WireError(field: field, rule: "a sample is named once (twice: \(number))")
      }
    }
    return numbers
  }
}
