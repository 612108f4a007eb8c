/// The identifier of an `Entity`: an opaque text that is never parsed and never shown as a number of the trade.
///
/// New ones are 26 characters of Crockford Base32 (48 bits of milliseconds, 80 random bits), so that rows
/// written together lie together in an index.
public struct ID<Entity>: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: String

    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// Makes a new identifier. Time and entropy are handed in, so that a scenario can be repeated.
    public static func new(at instant: Instant, entropy: some Entropy) -> Self {
        var bytes = milliseconds(of: instant)
        bytes.append(contentsOf: entropy.bytes(10))
        return Self(Base32.encode(bytes))
    }

    /// How identifiers begin that are made at `instant`: none from then on is less, none from before is equal or greater.
    public static func start(of instant: Instant) -> String {
        Base32.encode(milliseconds(of: instant))
    }

    private static func milliseconds(of instant: Instant) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        let milliseconds = UInt64(max(0, instant.milliseconds))
        for shift in stride(from: UInt64(40), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: milliseconds >> shift))
        }
        return bytes
    }

    public var description: String { rawValue }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension ID: Codable {
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
