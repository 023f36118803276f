internal import CCopurKernels

extension Convolution {
  /// Marks places of images at which all samples of a batch are equal, as those are that a mask hides in all of them.
  ///
  /// Sums over such places are done once for the batch. That changes the order of sums, so it is for steps of a training
  /// alone, where a sample's result may depend on its batch.
  public struct EqualPlaces: Hashable, Sendable {
    let marks: [UInt8]

    /// The places of a batch of the larger images, one image a row; nil if there are few of them.
    public init?(in images: Matrix, of convolution: Convolution) {
      let places = convolution.rows * convolution.columns
      marks = [UInt8](unsafeUninitializedCapacity: places) { marks, count in
        count = places
        images.values.withUnsafeBufferPointer { images in
          guard let start = images.baseAddress, let marks = marks.baseAddress else { return }
          copur_equal_places(start, images.count / convolution.imageWidth, places, convolution.channels, marks)
        }
      }
      guard images.rows > 1, marks.reduce(0, { $0 + Int($1) }) * 16 >= places else { return nil }
    }

    init(marks: [UInt8]) { self.marks = marks }

    /// The places of the smaller side that depend on equal places alone, as places of an image of that size.
    public func propagated(through convolution: Convolution) -> EqualPlaces {
      var places = [UInt8](repeating: 1, count: convolution.placesDown * convolution.placesAcross)
      for place in places.indices {
        let top = place / convolution.placesAcross * convolution.stride - convolution.padding
        let left = place % convolution.placesAcross * convolution.stride - convolution.padding
        for row in max(0, top)..<max(max(0, top), min(convolution.rows, top + convolution.kernel)) {
          for column in max(0, left)..<max(max(0, left), min(convolution.columns, left + convolution.kernel))
          where marks[row * convolution.columns + column] == 0 { places[place] = 0 }
        }
      }
      return EqualPlaces(marks: places)
    }
  }
}
