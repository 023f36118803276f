internal import DequeModule

/// The open rounds of a session, each at a place of its own while it is open.
///
/// A place that becomes free is used again after those that were free before it, so rounds that are opened one after the
/// other mostly lie one after the other: of a batch only the first sample is looked up by its hash.
struct OpenRounds {
  private struct Slot {
    var sample: UInt64
    /// Nil: the place is free.
    var round: Round?
  }

  /// The part of a round that says whether it goes on.
  struct Standing {
    let number: UInt64
    let started: Duration?
    let speakers: Int
    let missing: Int
  }

  private var slots: [Slot] = []
  private var places: [UInt64: Int] = [:]
  private var free = Deque<Int>()

  var isEmpty: Bool { places.isEmpty }

  /// Their samples, in no order.
  var samples: some Collection<UInt64> { places.keys }

  /// The rounds, in no order.
  var rounds: some Sequence<Round> { slots.lazy.compactMap(\.round) }

  /// The samples of some rounds, ascending.
  func samples(where isMeant: (Round) -> Bool) -> [UInt64] {
    slots.filter { $0.round.map(isMeant) ?? false }.map(\.sample).sorted()
  }

  /// The place of a sample's round; nil: there is none.
  ///
  /// - Parameter previous: The place of a round before, which it may have been opened after.
  func place(of sample: UInt64, after previous: Int? = nil) -> Int? {
    if let previous {
      let next = previous + 1 < slots.count ? previous + 1 : 0
      if isOpen(sample, at: next) { return next }
    }
    return places[sample]
  }

  /// Whether a place is that of a sample's round; a place that has never been taken is not.
  func isOpen(_ sample: UInt64, at place: Int) -> Bool {
    place < slots.count && slots[place].sample == sample && slots[place].round != nil
  }

  func standing(at place: Int) -> Standing {
    Standing(
      number: slots[place].round!.number, started: slots[place].round!.started,
      speakers: slots[place].round!.speakers, missing: slots[place].round!.missing)
  }

  /// The round at a place, where one is.
  subscript(place: Int) -> Round {
    get { slots[place].round! }
    _modify { yield &slots[place].round! }
  }

  /// The round of a sample; nil: there is none.
  subscript(sample sample: UInt64) -> Round? { places[sample].flatMap { slots[$0].round } }

  /// A round was opened; its sample has none yet.
  ///
  /// - Returns: Its place.
  mutating func open(_ sample: UInt64, _ round: Round) -> Int {
    let slot = Slot(sample: sample, round: round)
    let place: Int
    if let freed = free.popFirst() {
      place = freed
      slots[place] = slot
    } else {
      place = slots.count
      slots.append(slot)
    }
    let previous = places.updateValue(place, forKey: sample)
    precondition(previous == nil, "a sample has one round")
    return place
  }

  /// A round is over.
  ///
  /// - Returns: The round; nil: there is none.
  mutating func remove(_ sample: UInt64) -> Round? {
    guard let place = places.removeValue(forKey: sample) else { return nil }
    free.append(place)
    return slots[place].round.take()
  }
}
