public import Storage

/// Gives unsealed entries their sequence, in commit order, and appends them to the tree.
///
/// On SQLite the writer calls it at the end of each group, inside the same commit; on PostgreSQL the node that
/// holds the advisory lock does, in a transaction of its own.
public enum Sealer {
    /// How many entries one call seals at most; the rest waits for the next.
    public static let batchMax = 10_000

    /// Seals what is waiting and returns how many entries that was. Nothing when another node holds the lock.
    @discardableResult
    public static func sealPending(on engine: DatabaseEngine, in tx: any Transaction) throws -> Int {
        if engine == .postgres, try !AuditStore.lockForSealing(in: tx) { return 0 }
        let waiting = try AuditStore.unsealed(limit: batchMax, in: tx)
        guard !waiting.isEmpty else { return 0 }
        var growth = try Growth(in: tx)
        for entry in waiting {
            let leaf = growth.hasher.leaf(entry.bytes.utf8)
            try AuditStore.seal(entry.id, sequence: growth.append(leaf), leaf: leaf, in: tx)
        }
        try growth.keep(in: tx)
        return waiting.count
    }
}

/// The tree while a batch is appended to it.
struct Growth {
    let hasher = TreeHasher()
    private var frontier: Frontier
    private let sizeBefore: Int64
    private var full: [(level: Int64, position: Int64, root: [UInt8])] = []

    init(in tx: any Transaction) throws {
        frontier = try AuditStore.frontier(in: tx)
        sizeBefore = frontier.size
    }

    /// - Returns: the sequence of the leaf.
    mutating func append(_ leaf: [UInt8]) -> Int64 {
        let sequence = frontier.size
        var closed: [(level: Int64, position: Int64, root: [UInt8])] = []
        frontier.append(leaf, with: hasher) { level, root in
            closed.append((level, sequence >> ((level + 1) * 8), root))
        }
        full += closed
        return sequence
    }

    /// Tiles need the leaves of the batch in their rows, so they are written after them.
    func keep(in tx: any Transaction) throws {
        for tile in full {
            let nodes = try AuditStore.nodes(level: tile.level, tile: tile.position, in: tx)
            guard nodes.count == 256 else { throw AuditError.damaged }
            try AuditStore.insertTile(
                level: tile.level,
                position: tile.position,
                nodes: nodes.flatMap(\.self),
                root: tile.root,
                in: tx
            )
        }
        try AuditStore.setFrontier(frontier, expecting: sizeBefore, in: tx)
    }
}
