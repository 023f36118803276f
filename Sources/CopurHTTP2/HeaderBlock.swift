/// A list of headers while it is received, held to its budget.
struct HeaderBlock {
  private let maximumBytes: Int
  private let maximumFields: Int
  private var bytes = 0
  private(set) var headers: [HTTP2Header] = []
  /// Whether the list is beyond its budget, and nothing more of it is kept.
  private(set) var isOverBudget = false

  init(maximumBytes: Int, maximumFields: Int) {
    self.maximumBytes = maximumBytes
    self.maximumFields = maximumFields
  }

  mutating func begin() {
    bytes = 0
    headers = []
    isOverBudget = false
  }

  /// Adds a field.
  ///
  /// - Returns: Whether the list is still within its budget and the field is text.
  mutating func add(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
    // RFC 9113 section 6.5.2 counts 32 bytes a field, so that many empty ones are not free.
    bytes += name.count + value.count + 32
    guard bytes <= maximumBytes, headers.count < maximumFields else {
      isOverBudget = true
      headers = []
      return false
    }
    guard let name = String(validating: name, as: UTF8.self), let value = String(validating: value, as: UTF8.self)
    else {
      return false
    }
    headers.append(HTTP2Header(name, value))
    return true
  }

  /// The headers; nil if they are beyond their budget.
  mutating func take() -> [HTTP2Header]? {
    defer { begin() }
    return isOverBudget ? nil : headers
  }
}
