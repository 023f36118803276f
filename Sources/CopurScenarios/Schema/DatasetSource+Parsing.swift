internal import CopurDatasets

extension DatasetSource {
  /// The `dataset:` section.
  init(parsing node: SchemaNode) throws(ScenarioError) {
    let section = try node.mapping(of: "a dataset")
    let kind = try section.required("kind").choice(of: "a dataset's kind", from: Self.kinds)
    if let collection = ImageDataset.Collection(rawValue: kind) {
      try section.check(keys: ["kind", "train_rows", "test_rows"])
      self = .images(
        ImageDataset(
          collection: collection, trainRows: try section["train_rows"]?.integer(atLeast: 1),
          testRows: try section["test_rows"]?.integer(atLeast: 1)))
    } else if kind == CSVTable.kind {
      self = .csv(try CSVTable(parsing: section))
    } else if kind == NUSWIDE.kind {
      try section.check(keys: ["kind", "train_rows", "test_rows"])
      self = .nusWide(
        NUSWIDE(
          trainRows: try section["train_rows"]?.integer(atLeast: 1),
          testRows: try section["test_rows"]?.integer(atLeast: 1)))
    } else {
      try section.check(keys: ["kind", "user", "label", "train_rows", "keep_last_row", "standardization"])
      var user = ExtraSensory(
        user: try section.required("user").string("a user's number"),
        label: try section.required("label").string("a label"))
      if let rows = section["train_rows"] { user.trainRows = try rows.integer(atLeast: 1) }
      if let keeps = section["keep_last_row"] { user.keepLastRow = try keeps.bool() }
      if let way = section["standardization"] {
        user.standardization = try way.choice(of: "a standardization", as: Standardization.self)
      }
      self = .extraSensory(user)
    }
  }
}
