import Cryptography
import Kernel

/// The running state of one verification. Not for two tasks.
struct LogCheck {
    private let hasher = TreeHasher()
    private let size: Int64
    private var frontier = Frontier()
    private var problems: [LogProblem] = []
    /// By size; what is left to compare.
    private var heads: ArraySlice<SignedHead>
    private let headCount: Int
    /// The number of the first entry that is hashed.
    private let beginning: Int64
    /// The largest size whose signed root agreed.
    private var vouched: Int64
    /// Nodes of the tile that is being filled, by level.
    private var open: [[UInt8]] = [[]]
    /// What the tiles above level 0 should be.
    private(set) var upperTiles: [(level: Int64, position: Int64, nodes: [UInt8], root: [UInt8])] = []

    init(
        size: Int64,
        heads: [SignedHead],
        keys: [SM2PublicKey],
        verified: SignedHead? = nil,
        beginning: LogBeginning? = nil
    ) {
        self.size = size
        headCount = heads.count
        self.beginning = beginning?.frontier.size ?? 0
        vouched = self.beginning
        if let beginning {
            frontier = beginning.frontier
            open = beginning.open
        }
        var good: [SignedHead] = []
        for head in Set(heads) {
            let isOld = verified.map { head.size <= $0.size && head.log == $0.log } ?? false
            if isOld || keys.contains(where: head.isSigned) {
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
        let full = stride(from: Int64(8), through: 56, by: 8).reduce(Int64(0)) { $0 + size >> $1 }
        if tileCount > full { report(.tile(level: 0, position: size / 256)) }
        if stored != frontier { report(.frontier) }
        return LogVerdict(
            size: frontier.size,
            entries: frontier.size - beginning,
            root: frontier.root(with: hasher),
            heads: headCount,
            problems: problems
        )
    }
}
