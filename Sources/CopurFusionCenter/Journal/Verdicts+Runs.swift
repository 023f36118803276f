package import CopurCore

extension [Verdict] {
  /// Neighbours of one session, model and defence together.
  package var runs: [ArraySlice<Verdict>] {
    var runs: [ArraySlice<Verdict>] = []
    var start = startIndex
    for index in indices {
      // By their places: a verdict is not copied with all its lists.
      let belongs =
        self[index].session == self[start].session && self[index].modelVersion == self[start].modelVersion
        && self[index].defense == self[start].defense
      if !belongs {
        runs.append(self[start..<index])
        start = index
      }
    }
    if start < endIndex { runs.append(self[start...]) }
    return runs
  }
}
