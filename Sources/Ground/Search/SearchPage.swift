import Kernel
public import Storage

/// Some things of a kind in the order of their keys, and which of them no pair of their names leads to.
public struct SearchPage: Sendable {
    private struct Lost {
        let object: String
        let name: String
        let region: String
        let at: Instant
    }

    /// The last one that was looked at; nil when there was none.
    public let last: String?
    public let looked: Int
    private let lost: [Lost]

    public var isWhole: Bool { lost.isEmpty }

    /// - Parameter rows: key, name, region, moment, and 1 when a pair was found.
    public init(_ rows: [Row]) throws {
        last = try rows.last?.text(0)
        looked = rows.count
        lost = try rows.filter { try $0.integer(4) == 0 }.map { row in
            Lost(
                object: try row.text(0),
                name: try row.text(1),
                region: try row.text(2),
                at: try row.instant(3)
            )
        }
    }

    /// Puts those in that are missing, by their whole names: which words of them tell is not known here.
    /// - Returns: how many can be found now that could not.
    public func put(kind: String, in tx: any Transaction) throws -> Int {
        try lost.count {
            try Search.put($0.name, kind: kind, object: $0.object, region: $0.region, at: $0.at, in: tx) > 0
        }
    }
}
