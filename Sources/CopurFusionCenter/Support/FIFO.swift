/// A queue: in at the end, out at the front, both in constant amortised time.
package struct FIFO<Element> {
  private var elements: [Element?] = []
  private var head = 0

  package init() {}

  package var count: Int { elements.count - head }

  package var isEmpty: Bool { count == 0 }

  package var first: Element? { isEmpty ? nil : elements[head] }

  /// The element at a position, counted from the front.
  package subscript(position: Int) -> Element {
    get { elements[head + position]! }
    _modify { yield &elements[head + position]! }
  }

  package mutating func append(_ element: Element) { elements.append(element) }

  package mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    // Taken out rather than copied, so that the element's storage has one owner.
    let element = elements[head].take()
    head += 1
    // The dead front is cut off once it is half of the storage: each element is moved at most once for each that left.
    if head * 2 >= elements.count, head >= 64 || head == elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }
}
