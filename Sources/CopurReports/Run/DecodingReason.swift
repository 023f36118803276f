internal import Foundation

/// Why JSON could not be decoded, in words for whoever wrote the file.
///
/// - Parameter data: The JSON.
func reason(of error: any Error, in data: Data) -> String {
  func place(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.reduce(into: "") { path, key in
      if let index = key.intValue { path += "[\(index)]" } else { path += (path.isEmpty ? "" : ".") + key.stringValue }
    }
    return path.isEmpty ? "" : "\(path): "
  }
  switch error {
  case DecodingError.keyNotFound(let key, let context):
    return "\(place(context))there is no key \"\(key.stringValue)\""
  case DecodingError.valueNotFound(_, let context): return "\(place(context))there is no value"
  case DecodingError.typeMismatch(_, let context): return place(context) + context.debugDescription
  case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
    return place(context) + context.debugDescription
  case DecodingError.dataCorrupted: return syntaxError(in: data) ?? "a number is out of its range"
  default: return "\(error)"
  }
}

/// The fault of JSON as JSON, which the decoder does not say; nil if there is none.
private func syntaxError(in data: Data) -> String? {
  do {
    _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
    return nil
  } catch {
    let description = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
    return "no JSON: \(description ?? error.localizedDescription)"
  }
}
