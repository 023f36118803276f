public import CopurCore

extension ImageFiles {
  /// Reads the files.
  public func load(from directory: DataDirectory, digest: consuming DatasetDigest) throws -> Dataset {
    let digest = digest
    let found = try PictureFiles(at: files, in: directory)
    let parts = try found.read(classes: classes, trainRows: trainRows, testRows: testRows, digest: digest)
    let shape = parts.shape
    let blocks = try blocks(in: shape)
    let present = Set(parts.train.labels)
    if let missing = classes.indices.first(where: { !present.contains($0) }) {
      throw CopurError(
        .invalidArgument, "\(files): the training rows have every class (never there: \"\(classes[missing])\")")
    }
    let places = blocks.map { $0.places(in: shape) }
    let all = places.flatMap { $0 }
    return Dataset(
      name: Self.kind,
      roster: try AgentRoster(
        agents: agents, widths: places.map(\.count), geometries: blocks.map { $0.geometry(in: shape) }),
      featureNames: blocks.flatMap { $0.featureNames(in: shape) }, classNames: classes,
      train: parts.train.rows(places: all), test: parts.test.rows(places: all), digest: digest.finish(),
      notes: notes(of: parts))
  }

  /// Notes on files that may not be meant as they are read.
  private func notes(of parts: PictureParts) -> [String] {
    var notes: [String] = []
    let labels = parts.train.labels
    if labels.count > Set(labels).count, zip(labels, labels.dropFirst()).allSatisfy({ $0 <= $1 }) {
      notes.append(
        "\(files): the training rows are sorted by class; runs of rows are held out in training, so mix them")
    }
    let shape = parts.shape
    if shape.channels > 4, shape.rows <= 4 {
      notes.append(
        "\(files): an image is \(shape), rows × columns × channels; if the file has the channels first, move them last"
      )
    }
    return notes
  }
}
