internal import CopurCore

extension DatasetSource {
  /// Every data set that is there: all images, all pictures of NUS-WIDE, and all users of ExtraSensory with the paper's label, their first 1000
  /// rows for training.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` if there is none: nothing found is not all well.
  public static func findable(in directory: DataDirectory) throws -> [DatasetSource] {
    let users = Set(
      directory.contents(of: ExtraSensory.kind).filter { $0.contains(".features_labels.csv") }
        .compactMap { $0.split(separator: ".").first.map(String.init) })
    let sources =
      users.sorted().map { DatasetSource.extraSensory(ExtraSensory(user: $0, label: "SITTING", trainRows: 1000)) }
      + [.nusWide(NUSWIDE())]
      + ImageDataset.Collection.allCases.map { .images(ImageDataset(collection: $0, trainRows: nil, testRows: nil)) }
    let found = sources.filter { (try? $0.files(in: directory)) != nil }
    guard !found.isEmpty else {
      throw CopurError(
        .missingInput,
        "no data set is found in \(directory.roots.joined(separator: ", ")): name another folder with --data DIR or in "
          + "$\(DataDirectory.variable)")
    }
    return found
  }
}
