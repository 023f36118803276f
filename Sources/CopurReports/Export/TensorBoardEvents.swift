internal import CopurCore
public import Foundation

/// Event files of TensorBoard: records of `tensorflow.Event` in the framing of TFRecord.
public enum TensorBoardEvents {
  /// Writes a folder for each seed of each run.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path, also where events are there already: TensorBoard shows all
  ///   files of a folder as one.
  public static func write(_ runs: [RunReport], to folder: URL) throws -> Int {
    var count = 0
    for run in runs {
      for scalars in RunScalars.all(of: run) {
        let name = FileName.of("\(run.record.title) seed \(scalars.seed)")
        let place = folder.appending(path: name)
        do {
          if let other = try? FileManager.default.contentsOfDirectory(atPath: place.path).first(where: {
            $0.contains("tfevents")
          }) {
            throw CopurError(
              .cannotCreate, "\(place.relativePath): events are written beside no others (there: \"\(other)\")")
          }
          try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
          let time = Int(run.record.started.timeIntervalSince1970)
          try data(scalars, started: run.record.started).write(
            to: place.appending(path: "events.out.tfevents.\(time).copur"), options: .withoutOverwriting)
        } catch let error as CopurError {
          throw error
        } catch {
          throw CopurError(.cannotCreate, "\(place.relativePath): events cannot be written", cause: error)
        }
        count += 1
      }
    }
    return count
  }

  /// The events of a seed, all at the time at which the run began.
  static func data(_ scalars: RunScalars, started: Date) -> Data {
    let time = Field.fixed64(1, started.timeIntervalSince1970.bitPattern)
    var data = record([time, .bytes(3, Data("brain.Event:2".utf8))])
    for scalar in scalars.scalars {
      let value: [Field] = [
        .bytes(1, Data(scalar.name.utf8)), .fixed32(2, Float(scalar.value).bitPattern),
      ]
      let summary = Field.bytes(5, encoded([.bytes(1, encoded(value))]))
      data += record([time, .varint(2, UInt64(scalar.step)), summary])
    }
    return data
  }

  /// Length, its checksum, the message, its checksum.
  private static func record(_ fields: [Field]) -> Data {
    let message = encoded(fields)
    let length = littleEndian(UInt64(message.count))
    return length + littleEndian(masked(length)) + message + littleEndian(masked(message))
  }

  /// A field of a message in Protocol Buffers' wire format.
  private enum Field {
    case varint(Int, UInt64)
    case fixed64(Int, UInt64)
    case fixed32(Int, UInt32)
    case bytes(Int, Data)
  }

  private static func encoded(_ fields: [Field]) -> Data {
    fields.reduce(into: Data()) { data, field in
      switch field {
      case .varint(let number, let value): data += varint(UInt64(number) << 3) + varint(value)
      case .fixed64(let number, let bits): data += varint(UInt64(number) << 3 | 1) + littleEndian(bits)
      case .fixed32(let number, let bits): data += varint(UInt64(number) << 3 | 5) + littleEndian(bits)
      case .bytes(let number, let bytes): data += varint(UInt64(number) << 3 | 2) + varint(UInt64(bytes.count)) + bytes
      }
    }
  }

  private static func varint(_ value: UInt64) -> Data {
    var (value, data) = (value, Data())
    while value >= 0x80 {
      data.append(UInt8(value & 0x7F | 0x80))
      value >>= 7
    }
    data.append(UInt8(value))
    return data
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }

  /// The checksum of TFRecord: CRC-32C, rotated by 15 bits, and a constant added.
  private static func masked(_ data: Data) -> UInt32 {
    let crc = ~data.reduce(~UInt32(0)) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}

/// A text as the name of a file or a folder.
enum FileName {
  /// Letters, digits and `.-_`; all else becomes `-`.
  static func of(_ text: String) -> String {
    let name = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "-" })
    return name.hasPrefix(".") ? "_" + name : name
  }
}
