extension DatasetSource {
  /// Every data set that is there: all images, and all users of ExtraSensory with the paper's label, their first 1000
  /// rows for training.
  public static func findable(in directory: DataDirectory) -> [DatasetSource] {
    let users = Set(
      directory.contents(of: ExtraSensory.kind).filter { $0.contains(".features_labels.csv") }
        .compactMap { $0.split(separator: ".").first.map(String.init) })
    let sources =
      users.sorted().map { DatasetSource.extraSensory(ExtraSensory(user: $0, label: "SITTING", trainRows: 1000)) }
      + ImageDataset.Collection.allCases.map { .images(ImageDataset(collection: $0, trainRows: nil, testRows: nil)) }
    return sources.filter { (try? $0.files(in: directory)) != nil }
  }
}
