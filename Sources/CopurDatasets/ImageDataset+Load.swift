public import CopurCore

extension ImageDataset {
  /// Reads the four files.
  public func load(from directory: DataDirectory, digest: consuming DatasetDigest) throws -> Dataset {
    let digest = digest
    let parts = try parts(from: directory, digest: digest)
    let side = Quadrant.side
    let places = Quadrant.allCases.flatMap { $0.pixels.map { $0.row * Quadrant.imageSide + $0.column } }
    return Dataset(
      name: collection.rawValue,
      roster: try AgentRoster(
        agents: Self.agents, widths: Self.agents.map { _ in side * side },
        geometries: Self.agents.map { _ in .grid(rows: side, columns: side, channels: 1) }),
      featureNames: Quadrant.allCases.flatMap { $0.pixels.map { "pixel:\($0.row):\($0.column)" } },
      classNames: collection.classNames, train: parts.train.rows(places: places), test: parts.test.rows(places: places),
      digest: digest.finish())
  }

  /// The pictures whole, line by line, from 0 to 1: no agents.
  ///
  /// - Throws: As ``load(from:digest:)``.
  public func pictures(in directory: DataDirectory) throws -> (train: LabelledRows, test: LabelledRows) {
    let pictures = try whole(in: directory)
    return (pictures.train, pictures.test)
  }

  /// The pictures as they are stored.
  ///
  /// - Throws: As ``load(from:digest:)``.
  func parts(from directory: DataDirectory, digest: borrowing DatasetDigest) throws -> PictureParts {
    let files = try files(in: directory)
    let side = Quadrant.imageSide
    return try IDXPictures(trainImages: files[0], trainLabels: files[1], testImages: files[2], testLabels: files[3])
      .read(
        shape: PictureShape(rows: side, columns: side, channels: 1), classes: collection.classNames,
        trainRows: trainRows, testRows: testRows, digest: digest)
  }
}
