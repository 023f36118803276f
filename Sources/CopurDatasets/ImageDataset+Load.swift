public import CopurCore
internal import CopurNumerics

extension ImageDataset {
  /// Reads the four files.
  public func load(from directory: DataDirectory, digest: consuming DatasetDigest) throws -> Dataset {
    let files = try files(in: directory)
    let digest = digest
    let train = try rows(images: files[0], labels: files[1], limit: trainRows, option: "train_rows", digest: digest)
    let test = try rows(images: files[2], labels: files[3], limit: testRows, option: "test_rows", digest: digest)
    let width = Quadrant.side * Quadrant.side
    return Dataset(
      name: collection.rawValue,
      roster: try AgentRoster(agents: Self.agents, widths: Self.agents.map { _ in width }),
      featureNames: Quadrant.allCases.flatMap { $0.pixels.map { "pixel:\($0.row):\($0.column)" } },
      classNames: collection.classNames, train: train, test: test, digest: digest.finish())
  }

  /// The pictures whole, line by line, from 0 to 1: no agents.
  ///
  /// - Throws: As ``load(from:digest:)``.
  public func pictures(in directory: DataDirectory) throws -> (train: LabelledRows, test: LabelledRows) {
    let source = DatasetSource(self)
    let dataset = try source.load(from: directory, agents: agents)
    let side = Quadrant.imageSide
    let places = Quadrant.allCases.flatMap { $0.pixels.map { $0.row * side + $0.column } }
    func whole(_ rows: LabelledRows) -> LabelledRows {
      var features = rows.features
      for row in 0..<features.rows {
        for (column, place) in places.enumerated() { features[row, place] = rows.features[row, column] }
      }
      return LabelledRows(features: features, labels: rows.labels)
    }
    return (whole(dataset.train), whole(dataset.test))
  }

  private func rows(
    images imagesPath: String, labels labelsPath: String, limit: Int?, option: String, digest: borrowing DatasetDigest
  ) throws -> LabelledRows {
    let imageBytes = try FileBytes.read(imagesPath)
    let images = try IDXFile(file: imagesPath, bytes: imageBytes, dimensionCount: 3)
    let labelBytes = try FileBytes.read(labelsPath)
    let labels = try IDXFile(file: labelsPath, bytes: labelBytes, dimensionCount: 1)
    digest.add(imageBytes)
    digest.add(labelBytes)

    let side = Quadrant.imageSide
    guard Array(images.dimensions[1...]) == [side, side] else {
      throw CopurError(
        .invalidData,
        "\(imagesPath): an image is \(side) × \(side) pixels (actual: \(images.dimensions[1]) × \(images.dimensions[2]))"
      )
    }
    let available = images.dimensions[0]
    guard labels.dimensions[0] == available else {
      throw CopurError(
        .invalidData, "\(labelsPath): as many labels as images (images: \(available), labels: \(labels.dimensions[0]))")
    }
    let classes = collection.classNames.count
    if let wrong = labels.elements.firstIndex(where: { Int($0) >= classes }) {
      throw CopurError(
        .invalidData,
        "\(labelsPath): a label is 0 to \(classes - 1) (actual: \(labels.elements[wrong]), offset \(wrong))")
    }
    let count = limit ?? available
    guard count >= 1, count <= available else {
      throw CopurError(.invalidArgument, "\(imagesPath): \(option) is 1 to \(available) (actual: \(count))")
    }
    return LabelledRows(
      features: Self.features(images.elements, count: count), labels: labels.elements.prefix(count).map(Int.init))
  }

  /// The first images as rows of features from 0 to 1, quadrant by quadrant.
  private static func features(_ pixels: ArraySlice<UInt8>, count: Int) -> Matrix {
    let side = Quadrant.imageSide
    let offsets = Quadrant.allCases.flatMap { $0.pixels.map { $0.row * side + $0.column } }
    return Matrix(rows: count, columns: offsets.count) { output in
      for row in 0..<count {
        let start = pixels.startIndex + row * side * side
        for (column, offset) in offsets.enumerated() {
          output[row * offsets.count + column] = Float(pixels[start + offset]) / 255
        }
      }
    }
  }
}
