internal import CopurCore
internal import Foundation
internal import Hummingbird

extension Response {
  /// A JSON body, its members in the order of their names.
  init(status: HTTPResponse.Status = .ok, type: String = "application/json", json: JSONValue) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(json) else { preconditionFailure("a number that is none in JSON: \(json)") }
    self.init(
      status: status, headers: [.contentType: type],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
  }
}
