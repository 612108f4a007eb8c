public import Audit
import Cryptography
public import Kernel

/// A draw: a seed fixed and its digest published first, then what is decided by it, then the seed itself.
public struct Draw: Hashable, Sendable {
    public let id: ID<Draw>
    /// What is drawn: `control-sample:company-opening:2026-11-21`.
    public let purpose: String
    /// SM3 of the seed, 64 hexadecimal digits: published before anything is drawn.
    public let commitment: String
    public let committedAt: Instant
    /// The seed, 64 hexadecimal digits; nil until it is published.
    public let seed: String?
    public let publishedAt: Instant?
    /// How many things were decided by it one by one, once it is published.
    public let sampleCount: Int?
    /// Of `SampleResult.line` of them all, once it is published; 64 hexadecimal digits.
    public let sampleDigest: String?
}

extension Draw: LoggedThing {
    /// What the log digests of a draw: all of it.
    public var logged: JSON {
        [
            "purpose": .string(purpose), "commitment": .string(commitment),
            "committedAt": JSON(committedAt.milliseconds), "seed": JSON(seed),
            "publishedAt": publishedAt.map { JSON($0.milliseconds) } ?? .null,
            "count": sampleCount.map { JSON($0) } ?? .null, "digest": JSON(sampleDigest),
        ]
    }

    public func before(_ act: String) -> Draw? {
        guard act == "draw.published" else { return nil }
        return Draw(
            id: id,
            purpose: purpose,
            commitment: commitment,
            committedAt: committedAt,
            seed: nil,
            publishedAt: nil,
            sampleCount: nil,
            sampleDigest: nil
        )
    }
}

/// Whether one thing falls into a sample.
public struct SampleResult: Hashable, Sendable {
    public let item: String
    /// Parts of a million.
    public let rate: Int
    public let isDrawn: Bool
    public let at: Instant

    public init(item: String, rate: Int, isDrawn: Bool, at: Instant) {
        self.item = item
        self.rate = rate
        self.isDrawn = isDrawn
        self.at = at
    }

    /// As the digest of a published draw counts it: item, rate, 1 or 0, and milliseconds, with a tab between them.
    var line: String { "\(item)\t\(rate)\t\(isDrawn ? 1 : 0)\t\(at.milliseconds)" }
}

/// Which sample: of which draw, about what.
public struct SampleKey: Hashable, Sendable {
    public let draw: ID<Draw>
    public let item: String

    public init(draw: ID<Draw>, item: String) {
        self.draw = draw
        self.item = item
    }
}

/// What a seed says about one thing.
public struct Sampled: Hashable, Sendable {
    public let draw: Draw
    public let result: SampleResult
}

/// The rules of drawing: pure functions, for those who draw and those who check.
public enum DrawRule {
    /// A rate in parts of a million at which everything is drawn.
    public static let rateMax = 1_000_000

    /// SM3 over the seed.
    public static func commitment(of seed: [UInt8]) -> String { Hex.encode(SM3.digest(seed)) }

    /// SM3 over the number of items (eight bytes) and each item's length (four bytes) and UTF-8 bytes, sorted by bytes.
    public static func digest(of list: [String]) -> [UInt8] {
        SM3.digest(
            sorted(list).reduce(into: DrawStream.bigEndian(UInt64(list.count))) { bytes, item in
                bytes += DrawStream.framed(Array(item.utf8))
            }
        )
    }

    /// Whether an item falls into a sample.
    /// - Parameter rate: parts of a million, 0...`rateMax`.
    public static func isSampled(_ item: String, rate: Int, seed: [UInt8]) -> Bool {
        var stream = DrawStream(seed: seed, context: Array("sample".utf8), beacon: Array(item.utf8))
        return stream.next(below: rateMax) < rate
    }

    /// Checks all sampling decisions of a published draw: that they are those whose digest was published with the
    /// seed, none more and none less, and that each follows from the seed.
    public static func verify(_ draw: Draw, _ samples: [SampleResult]) -> Bool {
        draw.sampleCount == samples.count && draw.sampleDigest == digest(of: samples)
            && samples.allSatisfy { verify(draw, $0) }
    }

    static func digest(of samples: [SampleResult]) -> String { Hex.encode(digest(of: samples.map(\.line))) }

    /// Checks one published sampling decision.
    public static func verify(_ draw: Draw, _ sample: SampleResult) -> Bool {
        guard let seed = draw.seed.flatMap({ Hex.decode($0) }) else { return false }
        return commitment(of: seed) == draw.commitment
            && isSampled(sample.item, rate: sample.rate, seed: seed) == sample.isDrawn
    }

    private static func sorted(_ list: [String]) -> [String] {
        list.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
