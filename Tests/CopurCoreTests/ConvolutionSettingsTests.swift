import CopurCore
import CopurLearning
import CopurNumerics
import Testing

@Suite("Convolutional extractors")
struct ConvolutionSettingsTests {
  @Test("each layer halves the picture and doubles the channels")
  func architecture() throws {
    let architecture = try ConvolutionSettings().architecture(
      features: 14 * 14 * 3, geometry: .grid(rows: 14, columns: 14, channels: 3), outputs: 32)
    #expect(architecture.widths == [588, 7 * 7 * 24, 3 * 3 * 48, 96, 96, 32])
  }

  @Test("what is no picture, or too small a one, or settings from elsewhere that break a rule, are errors")
  func errors() throws {
    func message(_ settings: ConvolutionSettings, features: Int, geometry: FeatureGeometry) -> String {
      do {
        _ = try settings.architecture(features: features, geometry: geometry, outputs: 4)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message(.init(), features: 12, geometry: .plain).contains("pixel:ROW:COLUMN"))
    let grid = FeatureGeometry.grid(rows: 4, columns: 4, channels: 1)
    #expect(message(.init(), features: 15, geometry: grid).contains("15 features"))
    var deep = ConvolutionSettings()
    deep.layers = 8
    #expect(message(deep, features: 16, geometry: grid).contains("4 × 4"))
    for change: (inout ConvolutionSettings) -> Void in [
      { $0.layers = -1 }, { $0.layers = .max }, { $0.channels = .max }, { $0.kernel = 0 }, { $0.width = .max },
      { $0.dropout = .nan },
    ] {
      var settings = ConvolutionSettings()
      change(&settings)
      #expect(message(settings, features: 16, geometry: grid).contains("1 to 8 layers"))
    }
  }

  @Test("columns named by their pixels are a grid where they fill one in order")
  func names() {
    func geometry(_ rows: Range<Int>, _ columns: Range<Int>, channels: Int? = nil) -> [String] {
      rows.flatMap { row in
        columns.flatMap { column in
          channels.map { channels in (0..<channels).map { "pixel:\(row):\(column):\($0)" } } ?? [
            "pixel:\(row):\(column)"
          ]
        }
      }
    }
    #expect(FeatureGeometry(pixels: geometry(3..<7, 2..<5)) == .grid(rows: 4, columns: 3, channels: 1))
    #expect(FeatureGeometry(pixels: geometry(0..<2, 0..<3, channels: 3)) == .grid(rows: 2, columns: 3, channels: 3))
    #expect(FeatureGeometry(pixels: geometry(0..<1, 0..<1)) == .grid(rows: 1, columns: 1, channels: 1))
    for wrong in [
      [], ["pixel"], ["pixel:0"], ["a", "b"], ["pixel:0:0", "a"], ["pixel:0:0", "pixel:0:2"],
      ["pixel:0:1", "pixel:0:0"],
      ["pixel:0:0", "pixel:0:0"], ["pixel:0:0", "pixel:1:1:0"], ["pixel:0:0:1"], ["pixel:x:0"], ["pixel:-1:0"],
      ["pixel:0:0", "pixel:9223372036854775807:0"], Array(geometry(0..<3, 0..<3).dropLast()),
    ] { #expect(FeatureGeometry(pixels: wrong) == nil, "\(wrong)") }
  }

  @Test("one mean and deviation for all pixels of a channel")
  func pooling() {
    let rows = Matrix([[0, 10, 4, 10], [2, 10, 6, 10]])
    let pooled = Standardizer(fitting: rows).pooled(channels: 2)
    // Channel 0 has 0, 2, 4 and 6; channel 1 has one value alone.
    #expect(pooled.means == [3, 10, 3, 10])
    #expect(abs(pooled.standardDeviations[0] - Float(5).squareRoot()) < 1e-6)
    #expect(pooled.standardDeviations[1] == Standardizer.withoutSpread)
    #expect(pooled.standardDeviations[2] == pooled.standardDeviations[0])
  }
}
