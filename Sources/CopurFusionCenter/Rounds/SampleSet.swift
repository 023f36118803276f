/// A set of sample numbers that only grows, kept as ranges: exact, and small where samples come roughly in order.
public struct SampleSet: Hashable, Sendable {
  /// Ascending, with at least one number between neighbours that is not in the set.
  package private(set) var ranges: [ClosedRange<UInt64>] = []

  /// An empty set.
  public init() {}

  /// The set of ranges; nil unless they ascend, with at least one number between neighbours.
  package init?(ranges: [ClosedRange<UInt64>]) {
    for (below, above) in zip(ranges, ranges.dropFirst()) {
      guard below.upperBound < above.lowerBound, above.lowerBound - below.upperBound > 1 else { return nil }
    }
    self.ranges = ranges
  }

  /// The numbers, ascending.
  package var numbers: [UInt64] { ranges.flatMap(Array.init) }

  /// The number of numbers in the set; at most `Int.max` is said.
  package var count: Int {
    ranges.reduce(0) { sum, range in
      let (count, overflow) = sum.addingReportingOverflow(Int(clamping: range.upperBound - range.lowerBound))
      return overflow || count == .max ? .max : count + 1
    }
  }

  /// The number of ranges that the set takes.
  package var rangeCount: Int { ranges.count }

  /// Whether a number is in the set.
  public func contains(_ number: UInt64) -> Bool {
    let next = firstRange(startingAbove: number)
    return next > 0 && ranges[next - 1].upperBound >= number
  }

  /// Adds a number.
  ///
  /// - Returns: Whether the number is new.
  @discardableResult
  public mutating func insert(_ number: UInt64) -> Bool {
    let next = firstRange(startingAbove: number)
    if next > 0, ranges[next - 1].upperBound >= number { return false }
    // Overflow cannot happen: a range below ends under `number`, one above starts over it.
    let joinsBelow = next > 0 && ranges[next - 1].upperBound + 1 == number
    let joinsAbove = next < ranges.count && ranges[next].lowerBound - 1 == number
    switch (joinsBelow, joinsAbove) {
    case (true, true):
      ranges[next - 1] = ranges[next - 1].lowerBound...ranges[next].upperBound
      ranges.remove(at: next)
    case (true, false): ranges[next - 1] = ranges[next - 1].lowerBound...number
    case (false, true): ranges[next] = number...ranges[next].upperBound
    case (false, false): ranges.insert(number...number, at: next)
    }
    return true
  }

  /// Adds the numbers of another set.
  package mutating func formUnion(_ other: SampleSet) {
    var joined: [ClosedRange<UInt64>] = []
    for range in (ranges + other.ranges).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      // Overflow cannot happen: a range that begins over the last one ends under the greatest number.
      if let last = joined.last, range.lowerBound <= last.upperBound || range.lowerBound == last.upperBound + 1 {
        joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    ranges = joined
  }

  /// Adds the numbers of the narrowest gaps, so that fewer ranges are left; of gaps as wide as each other, the lowest first.
  ///
  /// - Parameters:
  ///   - count: How many ranges are to be left, at least 1.
  ///   - kept: Numbers whose gaps stay.
  package mutating func fillNarrowestGaps(leaving count: Int, except kept: some Sequence<UInt64>) {
    guard ranges.count > count else { return }
    let kept = kept.sorted()
    var next = 0
    var gaps: [(width: UInt64, position: Int)] = []
    gaps.reserveCapacity(ranges.count - 1)
    for position in ranges.indices.dropLast() {
      let (below, above) = (ranges[position].upperBound, ranges[position + 1].lowerBound)
      while next < kept.count, kept[next] <= below { next += 1 }
      if next < kept.count, kept[next] < above { continue }
      gaps.append((above - below, position))
    }
    gaps.sort { ($0.width, $0.position) < ($1.width, $1.position) }
    let filled = Set(gaps.prefix(ranges.count - count).map(\.position))
    var left: [ClosedRange<UInt64>] = []
    for (position, range) in ranges.enumerated() {
      if filled.contains(position - 1) {
        left[left.count - 1] = left[left.count - 1].lowerBound...range.upperBound
      } else {
        left.append(range)
      }
    }
    ranges = left
  }

  /// The position of the first range whose lower bound is over `number`.
  private func firstRange(startingAbove number: UInt64) -> Int {
    // Nearly always the end, since samples come roughly in order.
    guard let last = ranges.last, last.lowerBound > number else { return ranges.count }
    var (low, high) = (0, ranges.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound > number { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
