public import Cryptography
import Kernel
public import Storage

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
    /// An entry has this number, but the tree does not reach that far.
    case surplus(Int64)
    /// The stored right edge is not that of the entries.
    case frontier
    /// The entries do not give the root that was signed for this size. All before `after` are vouched for.
    case head(size: Int64, after: Int64)
    /// A head with this size is not signed by a known key of the log.
    case headSignature(size: Int64)
    /// A head was signed for more entries than there are.
    case truncated(size: Int64, headSize: Int64)

    /// The number of the first entry that this makes doubtful.
    var sequence: Int64? {
        switch self {
        case .missing(let sequence), .changed(let sequence), .misfiled(let sequence),
            .otherLeaf(let sequence),
            .surplus(let sequence):
            sequence
        case .tile(let level, let position): position << ((level + 1) * 8)
        case .truncated(let size, _): size
        case .frontier, .head, .headSignature: nil
        }
    }
}

public struct LogVerdict: Sendable {
    /// How many entries were checked.
    public let size: Int64
    /// The root that they give.
    public let root: [UInt8]
    /// Heads compared, of the database and of the mirror together.
    public let heads: Int
    /// At most 100.
    public let problems: [LogProblem]

    public var isWhole: Bool { problems.isEmpty }

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

/// Verifies the whole log: every entry's hash, every tile, the frontier, and all signed heads.
public struct LogVerifier: Sendable {
    private let database: any Database
    private let keys: [SM2PublicKey]
    private let mirrored: [SignedHead]
    /// Entries read at a time; the next are read while these are hashed.
    private let page = 4_096

    /// Takes the keys whose heads count, and the heads of the mirror: without those a tail that was cut off with
    /// its heads would not be missed.
    public init(database: any Database, keys: [SM2PublicKey], mirrored: [SignedHead]) {
        self.database = database
        self.keys = keys
        self.mirrored = mirrored
    }

    private struct Page: Sendable {
        let rows: [AuditStore.Sealed]
        let tiles: [AuditStore.Tile?]
    }

    public func verify() async throws -> LogVerdict {
        let (stored, rows, kept) = try await database.read { reader in
            (
                // A right edge that cannot be read is one more way of being wrong.
                try? AuditStore.frontier(in: reader), try AuditStore.sealedRows(in: reader),
                try AuditStore.heads(in: reader)
            )
        }
        // A size that was raised beyond all rows must not keep the verifier busy for ever.
        let claimed = stored?.size ?? rows.count
        let size = claimed - rows.count > 100_000 ? rows.count : claimed
        var check = LogCheck(size: size, heads: kept + mirrored, keys: keys)
        if rows.last >= size { check.report(.surplus(size)) }
        var start: Int64 = 0
        var current = try await read(from: start, until: size)
        while start < size {
            let next = start + Int64(page)
            async let following = read(from: next, until: size)
            check.run(current.rows, tiles: current.tiles, from: start, until: min(next, size))
            current = try await following
            start = next
        }
        let upper = check.upperTiles
        let tiles = try await database.read { reader in
            try upper.map { try AuditStore.tile(level: $0.level, position: $0.position, in: reader) }
        }
        let tileCount = try await database.read { try AuditStore.tileCount(in: $0) }
        return check.finish(stored: stored, tiles: tiles, tileCount: tileCount)
    }

    private func read(from start: Int64, until end: Int64) async throws -> Page {
        guard start < end else { return Page(rows: [], tiles: []) }
        let page = page
        return try await database.read { reader in
            let rows = try AuditStore.sealed(from: start, limit: page, in: reader)
                .filter { $0.sequence < min(start + Int64(page), end) }
            let tiles = try (start / 256..<min(start + Int64(page), end) / 256).map {
                try AuditStore.tile(level: 0, position: $0, in: reader)
            }
            return Page(rows: rows, tiles: tiles)
        }
    }
}

/// The running state of one verification. Not for two tasks.
struct LogCheck {
    private let hasher = TreeHasher()
    private let size: Int64
    private var frontier = Frontier()
    private var problems: [LogProblem] = []
    /// By size; what is left to compare.
    private var heads: ArraySlice<SignedHead>
    private let headCount: Int
    /// The largest size whose signed root agreed.
    private var vouched: Int64 = 0
    /// Nodes of the tile that is being filled, by level.
    private var open: [[UInt8]] = [[]]
    /// What the tiles above level 0 should be.
    private(set) var upperTiles: [(level: Int64, position: Int64, nodes: [UInt8], root: [UInt8])] = []
    private var tileCount: Int64 = 0

    init(size: Int64, heads: [SignedHead], keys: [SM2PublicKey]) {
        self.size = size
        headCount = heads.count
        var good: [SignedHead] = []
        for head in Set(heads) {
            if keys.contains(where: head.isSigned) {
                good.append(head)
            } else {
                problems.append(.headSignature(size: head.size))
            }
        }
        self.heads = good.sorted { $0.size < $1.size }[...]
    }

    mutating func report(_ problem: LogProblem) {
        if problems.count < 100 { problems.append(problem) }
    }

    mutating func run(
        _ rows: [AuditStore.Sealed],
        tiles: [AuditStore.Tile?],
        from start: Int64,
        until end: Int64
    ) {
        var index = 0
        for sequence in start..<end {
            compareHeads()
            let leaf: [UInt8]
            if index < rows.count, rows[index].sequence == sequence {
                let row = rows[index]
                index += 1
                leaf = hasher.leaf(row.bytes.utf8)
                if leaf != row.leaf {
                    report(.changed(sequence))
                } else if !EntryScan.agrees(row) {
                    report(.misfiled(sequence))
                }
            } else {
                report(.missing(sequence))
                leaf = TreeHasher.empty
            }
            append(leaf, sequence: sequence, tiles: tiles, firstTile: start / 256)
        }
    }

    private mutating func append(
        _ leaf: [UInt8],
        sequence: Int64,
        tiles: [AuditStore.Tile?],
        firstTile: Int64
    ) {
        open[0].append(contentsOf: leaf)
        var closed: [(level: Int64, root: [UInt8])] = []
        frontier.append(leaf, with: hasher) { closed.append(($0, $1)) }
        for (level, root) in closed {
            let position = sequence >> ((level + 1) * 8)
            let nodes = open[Int(level)]
            open[Int(level)] = []
            if open.count == Int(level) + 1 { open.append([]) }
            open[Int(level) + 1].append(contentsOf: root)
            tileCount += 1
            if level > 0 {
                upperTiles.append((level, position, nodes, root))
                continue
            }
            compare(tiles[Int(position - firstTile)], level: 0, position: position, nodes: nodes, root: root)
        }
    }

    private mutating func compare(
        _ tile: AuditStore.Tile?,
        level: Int64,
        position: Int64,
        nodes: [UInt8],
        root: [UInt8]
    ) {
        guard let tile else { return report(.tile(level: level, position: position)) }
        if tile.nodes != nodes {
            let byte = zip(tile.nodes, nodes).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
            let node = position * 256 + Int64(byte / 32)
            report(level == 0 ? .otherLeaf(node) : .tile(level: level - 1, position: node))
        } else if tile.root != root {
            report(.tile(level: level, position: position))
        }
    }

    /// Compares all heads of the size reached so far.
    private mutating func compareHeads() {
        while let head = heads.first, head.size <= frontier.size {
            heads.removeFirst()
            if head.size == frontier.size, head.root == Hex.encode(frontier.root(with: hasher)) {
                vouched = head.size
            } else {
                report(.head(size: head.size, after: vouched))
            }
        }
    }

    mutating func finish(stored: Frontier?, tiles: [AuditStore.Tile?], tileCount: Int64) -> LogVerdict {
        compareHeads()
        for head in heads { report(.truncated(size: frontier.size, headSize: head.size)) }
        for (tile, expected) in zip(tiles, upperTiles) {
            compare(
                tile,
                level: expected.level,
                position: expected.position,
                nodes: expected.nodes,
                root: expected.root
            )
        }
        if tileCount > self.tileCount { report(.tile(level: 0, position: size / 256)) }
        if stored != frontier { report(.frontier) }
        return LogVerdict(
            size: frontier.size,
            root: frontier.root(with: hasher),
            heads: headCount,
            problems: problems
        )
    }
}
