/// Numbers by session and sample.
///
/// Samples come roughly in order, so neighbours share an entry of the hash table: of many that come one after the other only
/// one is looked up by its hash.
package struct SampleIndex: Sendable {
  private struct PageKey: Hashable {
    let session: Int
    let page: UInt64
  }

  /// The samples that share an entry.
  private static let pageSamples = 16
  private static let absent = Int.min

  private var pages: [PageKey: Int] = [:]
  /// (pages, samples of a page).
  private var numbers: [Int] = []
  /// The count of numbers on each page.
  private var used: [Int] = []
  private var free: [Int] = []
  /// The page that was used last.
  private var last: (key: PageKey, page: Int)?
  /// The count of all numbers.
  package private(set) var count = 0

  package init() {}

  package var isEmpty: Bool { count == 0 }

  /// The least number; nil: there is none.
  package var least: Int? {
    count == 0 ? nil : numbers.lazy.filter { $0 != Self.absent }.min()
  }

  /// The number of a sample; nil: it has none.
  package subscript(session: Int, sample: UInt64) -> Int? {
    let key = Self.key(session, sample)
    let known = last.flatMap { $0.key == key ? $0.page : nil }
    guard let page = known ?? pages[key] else { return nil }
    let number = numbers[Self.slot(sample, page)]
    return number == Self.absent ? nil : number
  }

  /// Gives a sample a number, which is not `Int.min`.
  ///
  /// - Returns: The number that it had.
  @discardableResult
  package mutating func update(_ number: Int, session: Int, sample: UInt64) -> Int? {
    precondition(number != Self.absent)
    let page = page(Self.key(session, sample))
    let slot = Self.slot(sample, page)
    let previous = numbers[slot]
    numbers[slot] = number
    guard previous == Self.absent else { return previous }
    used[page] += 1
    count += 1
    return nil
  }

  /// Takes a sample's number.
  ///
  /// - Returns: The number; nil: it had none.
  @discardableResult
  package mutating func remove(session: Int, sample: UInt64) -> Int? {
    let key = Self.key(session, sample)
    if last?.key != key { last = pages[key].map { (key, $0) } }
    guard let page = last?.page else { return nil }
    let slot = Self.slot(sample, page)
    let number = numbers[slot]
    guard number != Self.absent else { return nil }
    numbers[slot] = Self.absent
    count -= 1
    used[page] -= 1
    if used[page] == 0 {
      pages[key] = nil
      free.append(page)
      last = nil
    }
    return number
  }

  private static func key(_ session: Int, _ sample: UInt64) -> PageKey {
    PageKey(session: session, page: sample / UInt64(pageSamples))
  }

  private static func slot(_ sample: UInt64, _ page: Int) -> Int {
    page * pageSamples + Int(sample % UInt64(pageSamples))
  }

  /// The page of a key, which is made if it is not there.
  private mutating func page(_ key: PageKey) -> Int {
    if let last, last.key == key { return last.page }
    let page: Int
    if let known = pages[key] {
      page = known
    } else {
      if let freed = free.popLast() {
        page = freed
      } else {
        page = used.count
        used.append(0)
        numbers += repeatElement(Self.absent, count: Self.pageSamples)
      }
      pages[key] = page
    }
    last = (key, page)
    return page
  }
}
