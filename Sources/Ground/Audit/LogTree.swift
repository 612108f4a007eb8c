public import Storage

/// The sealed tree as the database keeps it: leaves beside their entries, tiles of 256 full nodes, the frontier.
/// Made for one read, because it remembers the tiles it fetched.
public final class LogTree {
    private let reader: any Reader
    private let hasher = TreeHasher()
    /// Node by level and position, as far as fetched.
    private var known: [Place: [UInt8]] = [:]
    /// How many entries are sealed.
    public let size: Int64
    /// The root over all of them.
    public let root: [UInt8]

    private struct Place: Hashable {
        let level: Int64
        let position: Int64
    }

    public init(_ reader: any Reader) throws {
        self.reader = reader
        let frontier = try AuditStore.frontier(in: reader)
        size = frontier.size
        root = frontier.root(with: hasher)
    }

    /// The hashes that lead from entry `sequence` to the root over the first `size` entries, nearest first.
    public func inclusion(of sequence: Int64, size: Int64) throws -> [[UInt8]] {
        guard sequence >= 0, sequence < size, size <= self.size else { throw AuditError.outsideTree }
        return try path(to: sequence, 0, size)
    }

    /// The hashes that show that the tree over `size` entries only adds to the one over `oldSize`.
    public func consistency(from oldSize: Int64, to size: Int64) throws -> [[UInt8]] {
        guard oldSize >= 0, oldSize <= size, size <= self.size else { throw AuditError.outsideTree }
        guard oldSize > 0, oldSize < size else { return [] }
        return try proof(oldSize, 0, size, whole: true)
    }

    /// The root over the first `size` entries.
    public func root(at size: Int64) throws -> [UInt8] {
        guard size >= 0, size <= self.size else { throw AuditError.outsideTree }
        return size == 0 ? TreeHasher.empty : try hash(0, size)
    }

    /// The right edge over the first `size` entries.
    func frontier(at size: Int64) throws -> Frontier {
        guard size >= 0, size <= self.size else { throw AuditError.outsideTree }
        var start: Int64 = 0
        var bytes: [UInt8] = []
        for height in (Int64(0)..<62).reversed() where size >> height & 1 == 1 {
            bytes += try perfect(height: height, from: start)
            start += 1 << height
        }
        guard let frontier = Frontier(size: size, bytes: bytes) else { throw AuditError.damaged }
        return frontier
    }

    private func path(to sequence: Int64, _ start: Int64, _ end: Int64) throws -> [[UInt8]] {
        guard end - start > 1 else { return [] }
        let middle = start + split(end - start)
        return sequence < middle
            ? try path(to: sequence, start, middle) + [hash(middle, end)]
            : try path(to: sequence, middle, end) + [hash(start, middle)]
    }

    /// SUBPROOF of RFC 6962, section 2.1.2.
    private func proof(_ old: Int64, _ start: Int64, _ end: Int64, whole: Bool) throws -> [[UInt8]] {
        if old == end { return whole ? [] : [try hash(start, end)] }
        let middle = start + split(end - start)
        return old <= middle
            ? try proof(old, start, middle, whole: whole) + [hash(middle, end)]
            : try proof(old, middle, end, whole: false) + [hash(start, middle)]
    }

    private func hash(_ start: Int64, _ end: Int64) throws -> [UInt8] {
        let count = end - start
        if count.nonzeroBitCount == 1 {
            return try perfect(height: Int64(count.trailingZeroBitCount), from: start)
        }
        let middle = start + split(count)
        return hasher.node(try hash(start, middle), try hash(middle, end))
    }

    /// The root of the perfect subtree of 2^height leaves from `start`, which is a multiple of that.
    private func perfect(height: Int64, from start: Int64) throws -> [UInt8] {
        let level = height / 8
        let first = start >> (level * 8)
        let count = Int64(1) << (height % 8)
        if known[Place(level: level, position: first + count - 1)] == nil {
            try fetch(level: level, tile: first / 256)
        }
        let nodes = try (first..<first + count).map { position in
            guard let node = known[Place(level: level, position: position)] else { throw AuditError.damaged }
            return node
        }
        return hasher.root(of: nodes)
    }

    private func fetch(level: Int64, tile: Int64) throws {
        for (offset, node) in try AuditStore.nodes(level: level, tile: tile, in: reader).enumerated() {
            known[Place(level: level, position: tile * 256 + Int64(offset))] = node
        }
    }

    /// The largest power of two below `count`.
    private func split(_ count: Int64) -> Int64 { Int64(1) << (63 - (count - 1).leadingZeroBitCount) }
}
