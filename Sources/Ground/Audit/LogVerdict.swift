/// What is wrong with a log.
public enum LogProblem: Hashable, Sendable {
    /// No entry has this number.
    case missing(Int64)
    /// The entry's bytes are not those of its leaf.
    case changed(Int64)
    /// The columns beside the entry say something else than the entry.
    case misfiled(Int64)
    /// The leaf is not the one in its tile.
    case otherLeaf(Int64)
    /// A tile is missing, too many, or not the one that its nodes give.
    case tile(level: Int64, position: Int64)
    /// An entry has this number, but the tree does not know it: it lies beyond, before the first, or between two.
    case surplus(Int64)
    /// The stored right edge is not that of the entries.
    case frontier
    /// The entries do not give the root that was signed for this size. All before `after` are vouched for.
    case head(size: Int64, after: Int64)
    /// A head with this size is not signed by a known key of the log.
    case headSignature(size: Int64)
    /// A head was signed for more entries than there are.
    case truncated(size: Int64, headSize: Int64)
    /// The tables cannot be read as a log at all.
    case unreadable

    /// The number of the first entry that this makes doubtful.
    var sequence: Int64? {
        switch self {
        case .missing(let sequence), .changed(let sequence), .misfiled(let sequence),
            .otherLeaf(let sequence),
            .surplus(let sequence):
            sequence
        case .tile(let level, let position): position << ((level + 1) * 8)
        case .truncated(let size, _): size
        case .frontier, .head, .headSignature, .unreadable: nil
        }
    }
}

public struct LogVerdict: Sendable {
    /// How many entries there are.
    public let size: Int64
    /// How many of them, the last ones, were hashed anew.
    public let entries: Int64
    /// The root that they give.
    public let root: [UInt8]
    /// Heads compared, of the database and of the mirror together.
    public let heads: Int
    /// At most 100.
    public let problems: [LogProblem]

    public var isWhole: Bool { problems.isEmpty }

    /// Whether no entry was left out.
    public var isEverything: Bool { entries == size }

    /// The problem that makes the first bad entry bad; nil when there is none.
    public var first: LogProblem? {
        problems.first { $0.sequence == firstBad && firstBad != nil } ?? problems.first
    }

    /// The number of the first entry that cannot be relied on. Exact where the tampering left a contradiction on
    /// the spot; when everything was hashed anew, the first entry that no agreeing head covers.
    public var firstBad: Int64? {
        let exact = problems.compactMap(\.sequence).min()
        let doubtful: Int64? =
            problems.compactMap { problem in
                guard case .head(let size, let after) = problem else { return nil }
                guard let exact, (after..<size).contains(exact) else { return after }
                return exact
            }.min()
        return [exact, doubtful].compactMap(\.self).min()
    }
}

extension LogProblem {
    /// Stable, for programs; `verdict.<code>` is its message, filled from `arguments`.
    public var code: String {
        switch self {
        case .missing: "log.missing"
        case .changed: "log.changed"
        case .misfiled: "log.misfiled"
        case .otherLeaf: "log.other-leaf"
        case .tile: "log.tile"
        case .surplus: "log.surplus"
        case .frontier: "log.frontier"
        case .head: "log.head"
        case .headSignature: "log.head-signature"
        case .truncated: "log.truncated"
        case .unreadable: "log.unreadable"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .missing(let sequence), .changed(let sequence), .misfiled(let sequence),
            .otherLeaf(let sequence), .surplus(let sequence):
            ["sequence": String(sequence)]
        case .tile(let level, let position): ["level": String(level), "position": String(position)]
        case .frontier, .unreadable: [:]
        case .head(let size, let after): ["size": String(size), "after": String(after)]
        case .headSignature(let size): ["size": String(size)]
        case .truncated(let size, let headSize): ["size": String(size), "head": String(headSize)]
        }
    }
}
