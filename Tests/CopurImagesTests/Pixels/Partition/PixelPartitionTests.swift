import CopurCore
import CopurImages
import CopurLearning
import CopurNumerics
import Foundation
import Testing

@Suite("PixelPartition")
struct PixelPartitionTests {
  private let tiny = ImageShape(rows: 2, columns: 3, channels: 1)

  /// All black, grey and white pictures of 2 × 3 pixels.
  private let pictures: [[Float]] = (0..<729).map { number in
    var rest = number
    return (0..<6).map { _ in
      defer { rest /= 3 }
      return Float(rest % 3) / 2
    }
  }

  private func settings(_ shape: ImageShape, submodels: Int, seed: UInt64 = 0) -> PartitionSettings {
    var settings = PartitionSettings(shape: shape, classes: 3, submodels: submodels)
    (settings.hidden, settings.seed, settings.dealing) = ([8], seed, .random)
    return settings
  }

  /// Submodels that tell dark, middling and bright pictures.
  private func brightness(_ settings: PartitionSettings) throws -> PixelPartition {
    var settings = settings
    (settings.epochs, settings.batch, settings.rate) = (15, 64, 0.02)
    return try PixelPartition.trained(
      settings, on: Matrix(pictures),
      labels: pictures.map { $0.reduce(0, +) < 2.75 ? 0 : $0.reduce(0, +) < 3.25 ? 1 : 2 })
  }

  @Test("pixels are dealt once each, as evenly as can be", arguments: PixelPart.Dealing.allCases)
  func dealing(dealing: PixelPart.Dealing) {
    let parts = PixelPart.deal([Array(0..<784)], counts: [60], dealing, seed: 1)
    #expect(parts.count == 60 && parts.flatMap(\.pixels).sorted() == Array(0..<784))
    #expect(Set(parts.map(\.pixels.count)) == [13, 14])
    let quadrants = ImageShape(rows: 28, columns: 28, channels: 1).quadrants
    #expect(quadrants.map(\.count) == [196, 196, 196, 196] && quadrants.joined().sorted() == Array(0..<784))
    #expect(quadrants[1][0] == 14 && quadrants[2][0] == 14 * 28 && quadrants[3].last == 783)
    let agents = PixelPart.deal(quadrants, counts: [9, 9, 9, 5], dealing, seed: 1)
    #expect(agents.map(\.agent) == (0..<4).flatMap { [Int](repeating: $0, count: $0 == 3 ? 5 : 9) })
    #expect(agents.allSatisfy { Set($0.pixels).isSubset(of: quadrants[$0.agent]) })
    #expect(agents.flatMap(\.pixels).sorted() == Array(0..<784))
    #expect(ImageShape(rows: 3, columns: 3, channels: 1).quadrants == [[0], [1, 2], [3, 6], [4, 5, 7, 8]])
  }

  @Test("strided parts are every T-th pixel; random ones follow from the seed")
  func orders() {
    #expect(PixelPart.deal([Array(0..<7)], counts: [3], .strided).map(\.pixels) == [[0, 3, 6], [1, 4], [2, 5]])
    func random(_ seed: UInt64) -> [PixelPart] { PixelPart.deal([Array(0..<784)], counts: [60], .random, seed: seed) }
    #expect(random(1) == random(1) && random(1) != random(2))
  }

  @Test(
    "within the radius no change of pixels changes the class; all pictures of three greys, by brute force",
    arguments: PixelPartition.Rule.allCases)
  func bruteForce(rule: PixelPartition.Rule) throws {
    let partition = try brightness(settings(tiny, submodels: 6, seed: 4))
    let rows = Matrix(pictures)
    let labels = partition.predictions(rows, by: rule)
    #expect(Set(labels).count > 1)
    let outcomes = partition.certify(rows, labels: labels, by: rule, against: .anywhere)
    var checked = 0
    for (first, outcome) in outcomes.enumerated() {
      guard let radius = outcome.radius, radius > 0 else { continue }
      for second in pictures.indices where labels[second] != labels[first] {
        let changed = zip(pictures[first], pictures[second]).count { $0 != $1 }
        #expect(changed > radius)
        checked += 1
      }
    }
    #expect(checked > 0)
  }

  @Test(
    "the same where an attacker has the pixels of one agent", arguments: PixelPartition.Rule.allCases)
  func oneAgent(rule: PixelPartition.Rule) throws {
    var settings = PartitionSettings(shape: tiny, classes: 3, agents: [[0, 3], [1, 4], [2, 5]], counts: [2, 2, 2])
    (settings.hidden, settings.seed) = ([8], 6)
    let partition = try brightness(settings)
    #expect(partition.agents == [0..<2, 2..<4, 4..<6])
    let rows = Matrix(pictures)
    let labels = partition.predictions(rows, by: rule)
    let any = partition.certify(rows, labels: labels, by: rule, against: .anyAgent)
    let each = (0..<3).map { partition.certify(rows, labels: labels, by: rule, against: .agent($0)) }
    let anywhere = partition.certify(rows, labels: labels, by: rule, against: .anywhere)
    var checked = 0
    for first in pictures.indices {
      let radii = each.map { $0[first].radius ?? -1 }
      #expect(any[first].radius == radii.min() && radii.allSatisfy { (0...2).contains($0) })
      // Who may change pixels anywhere may change those of one agent, which are two.
      #expect(min(anywhere[first].radius ?? 9, 2) <= radii.min() ?? -1)
      for second in pictures.indices where labels[second] != labels[first] {
        let changed = (0..<6).filter { pictures[first][$0] != pictures[second][$0] }
        guard let agent = changed.first.map({ $0 % 3 }), changed.allSatisfy({ $0 % 3 == agent }) else { continue }
        #expect(changed.count > radii[agent])
        checked += 1
      }
    }
    #expect(checked > 0 && any.contains { $0.radius == 2 })
  }

  @Test("pictures of another class are wrong, never certified")
  func wrong() throws {
    let partition = try PixelPartition(settings(tiny, submodels: 5, seed: 4))
    let rows = Matrix(pictures)
    let labels = partition.predictions(rows, by: .votes).map { ($0 + 1) % 3 }
    let outcomes = partition.certify(rows, labels: labels, by: .votes, against: .anywhere)
    #expect(outcomes.allSatisfy { $0 == .wrong } && outcomes.medianRadius == nil)
  }

  @Test("a picture is judged alike in any company", arguments: PixelPartition.Rule.allCases)
  func company(rule: PixelPartition.Rule) throws {
    let partition = try PixelPartition(settings(tiny, submodels: 4))
    let rows = Matrix(pictures)
    let all = partition.given(rows, rows: 0..<100, by: rule)
    let some = partition.given(rows, rows: 50..<57, by: rule)
    #expect(Array(all[50 * 12..<57 * 12]) == some)
    // More than one block of pictures.
    let labels = partition.predictions(rows, by: rule)
    #expect(partition.predictions(Matrix([pictures[700]]), by: rule) == [labels[700]])
  }

  @Test("sums are in whole numbers, votes 1 for one class, places each once")
  func given() throws {
    let partition = try PixelPartition(settings(tiny, submodels: 4))
    let rows = Matrix(pictures)
    for start in stride(from: 0, to: 1200, by: 3) {
      let range = start..<start + 3
      #expect(partition.given(rows, rows: 0..<100, by: .votes)[range].sorted() == [0, 0, 1])
      #expect(partition.given(rows, rows: 0..<100, by: .runOff)[range].sorted() == [0, 1, 2])
      #expect(abs(partition.given(rows, rows: 0..<100, by: .sum)[range].reduce(0, +) - 1 << 20) <= 2)
    }
  }

  @Test("numbers beyond any measure end in a class, not in a trap", arguments: PixelPartition.Rule.allCases)
  func overflow(rule: PixelPartition.Rule) throws {
    let partition = try PixelPartition(settings(tiny, submodels: 2))
    for value in [Float.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity, .nan] {
      let labels = partition.predictions(Matrix(rows: 1, columns: 6, repeating: value), by: rule)
      #expect(labels.count == 1 && (0..<3).contains(labels[0]))
    }
  }

  /// Three classes: which third of a picture of 6 × 6 is bright.
  private func stripes(_ count: Int, seed: UInt64) -> (Matrix, [Int]) {
    var generator = SeededGenerator(seed: seed)
    let labels = (0..<count).map { _ in Int(generator.next() % 3) }
    let rows = labels.map { label in
      (0..<36).map { pixel in (pixel / 12 == label ? 0.5 : 0) + 0.5 * Float(generator.uniform()) }
    }
    return (Matrix(rows), labels)
  }

  @Test("training learns, against the worst case too, and gives the same bits again", arguments: [nil, 2])
  func training(turned: Int?) throws {
    let shape = ImageShape(rows: 6, columns: 6, channels: 1)
    var settings = settings(shape, submodels: 9)
    // A last step of 7 rows, which no vector is full of.
    (settings.epochs, settings.batch, settings.turned, settings.rate) = (12, 31, turned, 0.01)
    let (rows, labels) = stripes(317, seed: 1)
    var losses: [Float] = []
    let partition = try PixelPartition.trained(settings, on: rows, labels: labels) { losses.append($1) }
    #expect(losses.count == 12 && losses[11] < losses[0])
    let (others, truth) = stripes(100, seed: 2)
    let outcomes = partition.certify(others, labels: truth, by: .votes, against: .anywhere)
    #expect(outcomes.certified(against: 0) >= 95 && outcomes.certified(against: 2) >= 70)
    #expect(try PixelPartition.trained(settings, on: rows, labels: labels) == partition)
    settings.seed = 1
    #expect(try PixelPartition.trained(settings, on: rows, labels: labels) != partition)
  }

  @Test("training against the worst case certifies more of it")
  func worstCase() throws {
    let shape = ImageShape(rows: 6, columns: 6, channels: 1)
    var settings = settings(shape, submodels: 12)
    (settings.epochs, settings.batch, settings.rate) = (8, 32, 0.01)
    let (bright, labels) = stripes(600, seed: 3)
    let (brightOthers, truth) = stripes(400, seed: 4)
    // Fainter, so that single submodels err.
    let rows = Matrix(rows: 600, columns: 36, values: bright.values.map { $0 > 0.55 ? 1 : 0 })
    let others = Matrix(rows: 400, columns: 36, values: brightOthers.values.map { $0 > 0.55 ? 1 : 0 })
    func certified(_ turned: Int?) throws -> Int {
      settings.turned = turned
      return try PixelPartition.trained(settings, on: rows, labels: labels)
        .certify(others, labels: truth, by: .votes, against: .anywhere).certified(against: 3)
    }
    let (plain, against) = (try certified(nil), try certified(3))
    #expect(against >= plain, "\(against), \(plain)")
  }

  @Test("a file gives the same partition, and damaged ones errors")
  func files() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "copur-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    let partition = try PixelPartition(settings(ImageShape(rows: 2, columns: 3, channels: 2), submodels: 4))
    try partition.save(to: file)
    #expect(try PixelPartition(reading: file) == partition)
    let data = try partition.encoded()
    var damaged = try Safetensors(decoding: data)
    damaged.tensors["submodel-1.0.weight"] = nil
    #expect(throws: CopurError.self) { try PixelPartition(decoding: damaged.encoded()) }
    damaged = try Safetensors(decoding: data)
    damaged.tensors["submodel-1.1.bias"] = .init([1, 2])
    #expect(throws: CopurError.self) { try PixelPartition(decoding: damaged.encoded()) }
    for (from, to) in [
      ("\"agent\":0", "\"agent\":1"), ("\"rows\":2", "\"rows\":0"), ("\"rows\":2", "\"rows\":9223372036854775807"),
      ("\"classes\":3", "\"classes\":4"), ("\"layers\":2", "\"layers\":0"), ("\"layers\":2", "\"layers\":3"),
      ("\"format\":1", "\"format\":2"), ("\"sharpness\":2", "\"sharpness\":-1"), ("\"columns\":3", "\"columns\":2"),
    ] {
      damaged = try Safetensors(decoding: data)
      let text = try #require(damaged.metadata["partition"])
      #expect(text.contains(from))
      damaged.metadata["partition"] = text.replacingOccurrences(of: from, with: to)
      #expect(throws: (any Error).self, "\(from)") { try PixelPartition(decoding: damaged.encoded()) }
    }
    try data.prefix(100).write(to: file)
    #expect(throws: CopurError.self) { try PixelPartition(reading: file) }
  }

  @Test("settings that break a rule end as errors")
  func errors() {
    let shape = ImageShape(rows: 6, columns: 6, channels: 1)
    func check(_ change: (inout PartitionSettings) -> Void) {
      var settings = settings(shape, submodels: 9)
      change(&settings)
      #expect(throws: CopurError.self) { try PixelPartition(settings) }
    }
    check { $0.counts = [37] }
    check { $0.counts = [] }
    check { $0.counts = [0] }
    check {
      $0.agents = [[0, 1], [1, 2]]
      $0.counts = [1, 1]
    }
    check {
      $0.agents = [[0, 36]]
      $0.counts = [1]
    }
    check { $0.classes = 1 }
    check { $0.hidden = [0] }
    check { $0.rate = .nan }
    check { $0.sharpness = 0 }
    check { $0.shape = ImageShape(rows: .max, columns: .max, channels: 1) }
    #expect(throws: CopurError.self) {
      try PixelPartition(PartitionSettings(shape: .init(rows: .max, columns: 2, channels: 1), classes: 3, submodels: 2))
    }
    let (rows, labels) = stripes(10, seed: 1)
    #expect(throws: CopurError.self) {
      try PixelPartition.trained(settings(shape, submodels: 9), on: rows, labels: labels.map { $0 - 1 })
    }
  }
}
