internal import CopurWire
package import Foundation
internal import SwiftProtobuf

/// The project's protocol files, found by their names and by what they declare.
package struct ProtocolFiles: Sendable {
  private let files: [String: Google_Protobuf_FileDescriptorProto]
  /// The file that declares each symbol.
  private let symbols: [String: String]
  /// The full names of the services that the files declare.
  package let services: [String]

  /// The files that `Deploy/dev/generate.sh` has stored.
  package static let stored: ProtocolFiles = {
    let base64 = String(protocolDescriptors.filter { !$0.isWhitespace })
    guard let data = Data(base64Encoded: base64),
      let set = try? Google_Protobuf_FileDescriptorSet(serializedBytes: data)
    else { preconditionFailure("the stored descriptors are those that generate.sh wrote") }
    return ProtocolFiles(set)
  }()

  init(_ set: Google_Protobuf_FileDescriptorSet) {
    var files: [String: Google_Protobuf_FileDescriptorProto] = [:]
    var symbols: [String: String] = [:]
    var services: [String] = []
    for file in set.file {
      files[file.name] = file
      for symbol in Self.symbols(of: file) { symbols[symbol] = file.name }
      services += file.service.map { "\(file.package).\($0.name)" }
    }
    self.files = files
    self.symbols = symbols
    self.services = services.sorted()
  }

  /// A file and those that it imports, the file first; serialized. Nil if there is none of that name.
  package func file(named name: String) throws -> [Data]? {
    guard files[name] != nil else { return nil }
    var names = [name]
    var next = 0
    while next < names.count {
      for dependency in files[names[next]]?.dependency ?? [] where !names.contains(dependency) {
        names.append(dependency)
      }
      next += 1
    }
    return try names.compactMap { try files[$0]?.serializedData() }
  }

  /// The name of the file that declares a service, a method, a message, a field or an enumeration.
  package func file(declaring symbol: String) -> String? { symbols[symbol] }

  /// Whether a message of that full name is declared.
  func hasMessage(_ name: String) -> Bool { symbols[name] != nil && !services.contains(name) }

  private static func symbols(of file: Google_Protobuf_FileDescriptorProto) -> [String] {
    let prefix = file.package.isEmpty ? "" : "\(file.package)."
    return file.messageType.flatMap { symbols(of: $0, in: prefix) }
      + file.enumType.flatMap { symbols(of: $0, in: prefix) }
      + file.service.flatMap { service in
        ["\(prefix)\(service.name)"] + service.method.map { "\(prefix)\(service.name).\($0.name)" }
      }
  }

  private static func symbols(of message: Google_Protobuf_DescriptorProto, in prefix: String) -> [String] {
    let name = "\(prefix)\(message.name)"
    return [name] + (message.field.map(\.name) + message.oneofDecl.map(\.name)).map { "\(name).\($0)" }
      + message.nestedType.flatMap { symbols(of: $0, in: "\(name).") }
      + message.enumType.flatMap { symbols(of: $0, in: "\(name).") }
  }

  private static func symbols(of type: Google_Protobuf_EnumDescriptorProto, in prefix: String) -> [String] {
    // Values stand beside their type, as in C++.
    ["\(prefix)\(type.name)"] + type.value.map { "\(prefix)\($0.name)" }
  }
}
