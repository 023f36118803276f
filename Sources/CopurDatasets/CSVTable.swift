public import CopurCore

/// A CSV file of one's own: a row a sample, a column with the label, and a map from agents to the columns that they hold.
///
/// The first `train_rows` labelled rows are for training, the others for testing. An empty cell, or `nan`, is a missing
/// value; a row without a label is left out.
public struct CSVTable: Hashable, Sendable {
  /// The kind, as scenarios spell it.
  public static let kind = "csv"

  /// An agent and its columns.
  public struct Agent: Hashable, Sendable, Codable {
    /// The agent's name.
    public var name: AgentID
    /// Names of columns; one that ends in `*` stands for all columns that begin so.
    public var columns: [String]

    /// - Parameter columns: Names of columns; one that ends in `*` stands for all columns that begin so.
    public init(name: AgentID, columns: [String]) {
      self.name = name
      self.columns = columns
    }
  }

  /// The file: a path, or a path under a data folder; `.gz` is unpacked.
  public var file: String
  /// The column with the labels.
  public var label: String
  /// What can stand in that column; a class's number is its place here.
  public var classes: [String]
  /// How many of the first labelled rows are for training.
  public var trainRows: Int
  /// The agents, in order.
  public var agents: [Agent]

  /// - Parameter file: A path, or one under a data folder.
  public init(file: String, label: String, classes: [String], trainRows: Int, agents: [Agent]) {
    self.file = file
    self.label = label
    self.classes = classes
    self.trainRows = trainRows
    self.agents = agents
  }
}

extension CSVTable: Codable {
  private enum CodingKeys: String, CodingKey {
    case file, label, classes, agents
    case trainRows = "train_rows"
  }
}
