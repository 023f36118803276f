internal import CopurCore
internal import Hummingbird

/// An answer that says what was wrong with a request, as RFC 9457 has it, with the member `error` that Triton's clients
/// read.
struct Problem: Error, HTTPResponseError {
  let status: HTTPResponse.Status
  let detail: String
  var headers: HTTPFields = [:]

  init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
    self.status = status
    self.detail = detail
    self.headers = headers
  }

  func response(from request: Request, context: some RequestContext) -> Response {
    var response = Response(
      status: status, type: "application/problem+json",
      json: .object([
        // RFC 9457 section 4.2.1: nothing more is meant than what the status says.
        "type": .string("about:blank"), "title": .string(status.reasonPhrase), "status": .number(Double(status.code)),
        "detail": .string(detail), "instance": .string(request.uri.path), "error": .string(detail),
      ]))
    for field in headers { response.headers[field.name] = field.value }
    return response
  }
}
