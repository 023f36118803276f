package import CopurNumerics
internal import CopurWire

/// A message `Exchange` of a step, with numbers in single precision: of a training with ten agents a batch has ten of them, read and
/// written as bytes. SwiftProtobuf reads and writes the same, and does so with all other messages.
package struct StepQuestion: Hashable, Sendable {
  package var job: UInt32 = 0
  /// ∂ℓ/∂h of the rows last embedded; nil for none.
  package var gradient: SingleNumbers?
  /// Places among the job's rows; at least one.
  package var rows: [Int] = []
  package var save: UInt64 = 0

  /// - Parameter message: A message `TrainResponse`; nil if it is anything else than such a step.
  package init?(_ message: [UInt8]) {
    let isStep = message.withUnsafeBytes { bytes in
      var outer = ProtobufReader(bytes, in: bytes.indices)
      guard outer.varint() == 4 << 3 | 2, let content = outer.range(), outer.isAtEnd else { return false }
      var fields = ProtobufReader(bytes, in: content)
      while !fields.isAtEnd {
        switch fields.varint() {
        case 1 << 3:
          guard let job = fields.varint().flatMap(UInt32.init(exactly:)) else { return false }
          self.job = job
        case 2 << 3 | 2:
          guard gradient == nil, let range = fields.range(), let numbers = SingleNumbers(message, bytes, in: range)
          else { return false }
          gradient = numbers
        case 3 << 3 | 2:
          guard let range = fields.range() else { return false }
          rows.reserveCapacity(rows.count + range.count)
          var numbers = ProtobufReader(bytes, in: range)
          while !numbers.isAtEnd {
            guard let row = numbers.varint().flatMap(UInt32.init(exactly:)) else { return false }
            rows.append(Int(row))
          }
        case 4 << 3:
          guard let save = fields.varint() else { return false }
          self.save = save
        default: return false
        }
      }
      return !rows.isEmpty
    }
    guard isStep else { return nil }
  }

  /// Rows as the message has them, the same for all agents.
  package struct Rows: Sendable {
    fileprivate let bytes: [UInt8]

    package init(_ rows: [Int]) {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(2 * rows.count)
      for row in rows { bytes.append(varint: UInt64(row)) }
      self.bytes = bytes
    }
  }

  /// A message `TrainResponse`.
  ///
  /// - Parameter gradient: A matrix, and its columns that are the agent's.
  package static func message(
    job: UInt32, gradient: (matrix: Matrix, columns: Range<Int>)?, rows: Rows, save: UInt64
  ) -> [UInt8] {
    let count = gradient.map { 4 * $0.matrix.rows * $0.columns.count } ?? 0
    var fields: [UInt8] = []
    fields.reserveCapacity(16)
    fields.append(field: 1, UInt64(job))
    if gradient != nil { fields.append(numbersOf: count, field: 2) }
    var last: [UInt8] = []
    if !rows.bytes.isEmpty { last.append(field: 3, bytes: rows.bytes) }
    last.append(field: 4, save)
    var message: [UInt8] = []
    message.reserveCapacity(16 + fields.count + count + last.count)
    message.append(field: 4, length: fields.count + count + last.count)
    message += fields
    if let (matrix, columns) = gradient {
      matrix.values.withUnsafeBytes { values in
        for row in 0..<matrix.rows {
          let start = 4 * (row * matrix.columns + columns.lowerBound)
          message.append(contentsOf: UnsafeRawBufferPointer(rebasing: values[start..<start + 4 * columns.count]))
        }
      }
    }
    message += last
    return message
  }
}

/// A message `Embeddings` of a step, with numbers in single precision.
package struct StepAnswer: Hashable, Sendable {
  package var job: UInt32
  package var values: SingleNumbers
  package var saved: UInt64

  /// - Parameter message: A message `TrainRequest`; nil if it is anything else than such an answer.
  package init?(_ message: [UInt8]) {
    var (job, values, saved) = (UInt32(0), SingleNumbers?.none, UInt64(0))
    let isAnswer = message.withUnsafeBytes { bytes in
      var outer = ProtobufReader(bytes, in: bytes.indices)
      guard outer.varint() == 5 << 3 | 2, let content = outer.range(), outer.isAtEnd else { return false }
      var fields = ProtobufReader(bytes, in: content)
      while !fields.isAtEnd {
        switch fields.varint() {
        case 1 << 3:
          guard let number = fields.varint().flatMap(UInt32.init(exactly:)) else { return false }
          job = number
        case 2 << 3 | 2:
          guard values == nil, let range = fields.range(), let numbers = SingleNumbers(message, bytes, in: range)
          else { return false }
          values = numbers
        case 3 << 3:
          guard let number = fields.varint() else { return false }
          saved = number
        default: return false
        }
      }
      return true
    }
    guard isAnswer, let values else { return nil }
    (self.job, self.values, self.saved) = (job, values, saved)
  }

  /// A message `TrainRequest`.
  package static func message(job: UInt32, values: Matrix, saved: UInt64) -> [UInt8] {
    let count = 4 * values.values.count
    var fields: [UInt8] = []
    fields.append(field: 1, UInt64(job))
    fields.append(numbersOf: count, field: 2)
    var last: [UInt8] = []
    last.append(field: 3, saved)
    var message: [UInt8] = []
    message.reserveCapacity(16 + fields.count + count + last.count)
    message.append(field: 5, length: fields.count + count + last.count)
    message += fields
    values.values.withUnsafeBytes { message.append(contentsOf: $0) }
    message += last
    return message
  }
}

extension [UInt8] {
  /// The bytes before the numbers of a field of type `Numbers`.
  fileprivate mutating func append(numbersOf count: Int, field: UInt8) {
    var inner: [UInt8] = []
    if count > 0 { inner.append(field: 1, length: count) }
    append(field: field, length: inner.count + count)
    self += inner
  }
}
