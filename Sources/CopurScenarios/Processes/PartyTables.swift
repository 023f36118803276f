package import CopurCore
internal import CopurNumerics
package import Foundation

/// A data set's training rows as parties have them: a table an agent with its own columns, and one with the labels, whose rows
/// are known by a key.
package struct PartyTables {
  let dataset: Dataset

  package init(dataset: Dataset) { self.dataset = dataset }

  /// The column with the keys.
  package static let key = "key"

  /// The labels under the keyed digests of the keys, as a fusion center gets them.
  package func labels(digest: KeyedDigest) -> Data {
    var text = "\(Self.key),label\n"
    for (row, label) in dataset.train.labels.enumerated() {
      text += "\(KeyedDigest.hexadecimal(digest.digest(of: "\(row)"))),\(label)\n"
    }
    return Data(text.utf8)
  }

  /// An agent's columns and the keys; of a value without a reading there is nothing.
  ///
  /// - Parameter isHonest: Whether they are those from before a simulation spoiled some.
  package func features(of agent: Int, isHonest: Bool = false) -> Data {
    let rows = isHonest ? dataset.train.poisoned?.honest ?? dataset.train.features : dataset.train.features
    let columns = dataset.roster.layout[agent]
    var names = Set<String>()
    // A column of the data set may be called as the key is.
    let header = dataset.featureNames[columns].map { name in
      names.insert(name).inserted && name != Self.key ? name : "\(name)-\(names.count)"
    }
    // Who reads the table guesses its separator.
    var text = ([Self.key] + header).map { CSVText.field($0, separators: ",;\t") }.joined(separator: ",") + "\n"
    for row in 0..<rows.rows {
      text += "\(row)"
      for column in columns {
        let value = rows[row, column]
        text += value.isNaN ? "," : ",\(value)"
      }
      text += "\n"
    }
    return Data(text.utf8)
  }
}
