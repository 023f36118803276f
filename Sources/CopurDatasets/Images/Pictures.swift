public import CopurCore

/// Labelled pictures of one size, whole: without agents, for programs that learn from all of a picture.
///
/// Element (r, c, k) of a row is at `(r * columns + c) * channels + k`, from 0 to 1.
public struct Pictures: Sendable {
  /// The data set's name, or the last part of the path without its ending.
  public let name: String
  /// The height in pixels.
  public let rows: Int
  /// The width in pixels.
  public let columns: Int
  /// The number of values of a pixel: 1 for grey, 3 for colours, or others.
  public let channels: Int
  /// The name of each class; labels count from 0.
  public let classNames: [String]
  /// Rows for training, validation and every choice, [n, rows × columns × channels].
  public let train: LabelledRows
  /// Rows for reporting only.
  public let test: LabelledRows
  /// SHA-256 (hexadecimal) over the files and how many rows were asked for.
  public let digest: String

  init(name: String, parts: PictureParts, digest: String) {
    self.name = name
    rows = parts.shape.rows
    columns = parts.shape.columns
    channels = parts.shape.channels
    classNames = parts.classNames
    train = parts.train.rows
    test = parts.test.rows
    self.digest = digest
  }

  /// The way the values of a row lie.
  public var geometry: FeatureGeometry { .grid(rows: rows, columns: columns, channels: channels) }
}
