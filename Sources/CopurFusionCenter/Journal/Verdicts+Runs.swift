package import CopurCore

extension [Verdict] {
  /// Neighbours of one session, model and defence together.
  package var runs: [ArraySlice<Verdict>] {
    var runs: [ArraySlice<Verdict>] = []
    var start = startIndex
    for index in indices {
      let (first, next) = (self[start], self[index])
      let belongs =
        next.session == first.session && next.modelVersion == first.modelVersion
        && next.defense == first.defense
      if !belongs {
        runs.append(self[start..<index])
        start = index
      }
    }
    if start < endIndex { runs.append(self[start...]) }
    return runs
  }
}
