/// Training and test pictures of one shape.
struct PictureParts: Sendable {
  let train: LabelledPixels
  let test: LabelledPixels
  /// The name of each class; labels count from 0.
  let classNames: [String]

  /// The extents of each picture.
  var shape: PictureShape { train.shape }

  /// - Parameter classes: The name of each class; nil for the numbers up to the highest label.
  init(train: LabelledPixels, test: LabelledPixels, classes: [String]?) {
    self.train = train
    self.test = test
    let highest = max(train.labels.max() ?? 0, test.labels.max() ?? 0)
    classNames = classes ?? (0...highest).map(String.init)
  }
}
