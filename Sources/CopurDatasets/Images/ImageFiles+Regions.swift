internal import CopurCore

extension ImageFiles {
  /// The division of a picture where no regions are named.
  var grid: PictureGrid { PictureGrid(rows: gridRows, columns: gridColumns) }

  /// The rectangle of each region.
  ///
  /// - Throws: ``SettingError`` at `regions` if an extent breaks its rule or two regions overlap.
  func areas() throws(SettingError) -> [PictureArea] {
    var areas: [PictureArea] = []
    for region in regions {
      do {
        areas.append(try PictureArea(parsing: region.extents))
      } catch {
        throw SettingError("\"\(region.name)\": \(error.message)", at: "regions")
      }
    }
    for index in areas.indices {
      if let earlier = areas[..<index].firstIndex(where: { $0.overlaps(areas[index]) }) {
        throw SettingError(
          "regions do not overlap (\"\(regions[earlier].name)\" and \"\(regions[index].name)\" have pixels in common)",
          at: "regions")
      }
    }
    return areas
  }

  /// The rectangle of each agent in pictures of some shape.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if a setting breaks its rule or does not fit the pictures.
  func blocks(in shape: PictureShape) throws -> [PictureBlock] {
    guard !regions.isEmpty else {
      guard let blocks = grid.blocks(in: shape) else {
        throw CopurError(
          .invalidArgument,
          "\(files): grid_rows and grid_columns are 1 to \(PictureGrid.limit), and at most as many as pixels (pixels: "
            + "\(shape.rows) × \(shape.columns), actual: \(gridRows) × \(gridColumns))")
      }
      return blocks
    }
    let areas: [PictureArea]
    do {
      areas = try self.areas()
    } catch {
      throw CopurError(.invalidArgument, "\(files): \(error.message)")
    }
    return try zip(regions, areas).map { region, area in
      guard let block = area.block(in: shape) else {
        throw CopurError(
          .invalidArgument,
          "\(files): region \"\(region.name)\" lies within rows 0-\(shape.rows - 1) and columns 0-\(shape.columns - 1) "
            + "(actual: \(region.extents.joined(separator: ", ")))")
      }
      return block
    }
  }
}
