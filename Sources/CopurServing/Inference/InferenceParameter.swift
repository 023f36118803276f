/// The parameters that a request for inference may have.
///
/// One that is not served is refused: a sequence, a priority or a misspelt defence that is passed over is another request
/// than the one that was made.
enum InferenceParameter {
  /// The part of a request that has parameters.
  enum Place: String {
    case request, input, output

    /// The names of its parameters.
    ///
    /// `content_type` says how a client's library makes arrays of tensors, which their datatype and shape say as well; and
    /// `triton_enable_empty_final_response`, which perf_analyzer always sends, is about streams of answers, of which there are none.
    var known: [String] {
      switch self {
      case .request: ["defense", "binary_data_output", "triton_enable_empty_final_response"]
      case .input: ["binary_data_size", "content_type"]
      case .output: ["binary_data", "classification", "content_type"]
      }
    }
  }

  /// The rule that a parameter's name breaks; nil if it is known.
  static func refusal(of name: some StringProtocol, at place: Place) -> String? {
    guard !place.known.contains(String(name)) else { return nil }
    return
      "the parameters of \(place == .request ? "a" : "an") \(place.rawValue) here are \(place.known.joined(separator: ", ")) "
      + "(actual: \(String(name.prefix(64)).debugDescription))"
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Refuses parameters in JSON that are not served.
  static func check(_ place: Place, in decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
      guard let rule = refusal(of: key.stringValue, at: place) else { continue }
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: rule))
    }
  }
}
