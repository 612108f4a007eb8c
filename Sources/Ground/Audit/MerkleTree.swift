import Cryptography

/// The hashes of the tree (RFC 6962, section 2.1, with SM3): a leaf is SM3(0x00, entry), a node SM3(0x01, left,
/// right). The two first bytes keep a leaf from passing for a node. One per task: it reuses a digest context.
final class TreeHasher {
    private let stream = DigestStream.sm3()
    /// 0x01, left, right.
    private var joined = [1] + [UInt8](repeating: 0, count: 64)

    func leaf(_ entry: some Sequence<UInt8>) -> [UInt8] {
        stream.update(0)
        let done: Void? = entry.withContiguousStorageIfAvailable { stream.update(UnsafeRawBufferPointer($0)) }
        if done == nil { stream.update(Array(entry)) }
        return stream.finish()
    }

    func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        joined.replaceSubrange(1..<33, with: left)
        joined.replaceSubrange(33..<65, with: right)
        stream.update(joined)
        return stream.finish()
    }

    /// The root over a full list of 1, 2, 4, 8 … nodes.
    func root(of nodes: [[UInt8]]) -> [UInt8] {
        var row = nodes
        while row.count > 1 {
            row = stride(from: 0, to: row.count, by: 2).map { node(row[$0], row[$0 + 1]) }
        }
        return row[0]
    }

    /// The root of a tree without leaves: SM3 of nothing.
    static let empty = SM3.digest([])
}

/// The right edge of a growing tree: the roots of its perfect subtrees, the largest first. It is all that is
/// needed to append and to know the root.
struct Frontier: Equatable {
    private(set) var size: Int64
    private(set) var nodes: [[UInt8]]

    init() {
        size = 0
        nodes = []
    }

    /// Reads what `bytes` wrote; nil when the length does not fit the size.
    init?(size: Int64, bytes: [UInt8]) {
        guard size >= 0, bytes.count == size.nonzeroBitCount * 32 else { return nil }
        self.size = size
        nodes = stride(from: 0, to: bytes.count, by: 32).map { Array(bytes[$0..<$0 + 32]) }
    }

    var bytes: [UInt8] { nodes.flatMap(\.self) }

    /// Adds one leaf. `completed` hears of each perfect subtree of 256, 65,536 … leaves that it closes: the level
    /// (0, 1 …) and the subtree's root.
    mutating func append(
        _ leaf: [UInt8],
        with hasher: TreeHasher,
        completed: (_ level: Int64, _ root: [UInt8]) -> Void = { _, _ in }
    ) {
        var node = leaf
        var height: Int64 = 0
        while size >> height & 1 == 1 {
            node = hasher.node(nodes.removeLast(), node)
            height += 1
            if height % 8 == 0 { completed(height / 8 - 1, node) }
        }
        nodes.append(node)
        size += 1
    }

    func root(with hasher: TreeHasher) -> [UInt8] {
        guard var root = nodes.last else { return TreeHasher.empty }
        for node in nodes.dropLast().reversed() { root = hasher.node(node, root) }
        return root
    }
}

/// Checks of proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2; the same tree as RFC 6962).
public enum TreeProof {
    /// Whether `entry` is the entry number `sequence` (from 0) of the tree with `size` entries and this root.
    public static func includes(
        entry: [UInt8],
        sequence: Int64,
        size: Int64,
        root: [UInt8],
        path: [[UInt8]]
    ) -> Bool {
        let leaf = TreeHasher().leaf(entry)
        return includes(leaf: leaf, sequence: sequence, size: size, root: root, path: path)
    }

    /// The same of an entry that is known by its digest in the tree alone.
    static func includes(
        leaf: [UInt8],
        sequence: Int64,
        size: Int64,
        root: [UInt8],
        path: [[UInt8]]
    ) -> Bool {
        guard sequence >= 0, sequence < size else { return false }
        let hasher = TreeHasher()
        var position = sequence
        var last = size - 1
        var node = leaf
        for sibling in path {
            guard sibling.count == 32, last > 0 else { return false }
            if position & 1 == 1 || position == last {
                node = hasher.node(sibling, node)
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                node = hasher.node(node, sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 && node == root
    }

    /// Whether the tree with `size` entries only adds to the tree that had `oldSize`.
    public static func extends(
        oldSize: Int64,
        oldRoot: [UInt8],
        size: Int64,
        root: [UInt8],
        path: [[UInt8]]
    ) -> Bool {
        guard oldSize >= 0, oldSize <= size, oldRoot.count == 32, path.allSatisfy({ $0.count == 32 }) else {
            return false
        }
        if oldSize == 0 { return path.isEmpty && oldRoot == TreeHasher.empty }
        if oldSize == size { return path.isEmpty && oldRoot == root }
        let hasher = TreeHasher()
        var path = oldSize.nonzeroBitCount == 1 ? [oldRoot] + path : path
        guard !path.isEmpty else { return false }
        var position = oldSize - 1
        var last = size - 1
        while position & 1 == 1 {
            position >>= 1
            last >>= 1
        }
        var old = path.removeFirst()
        var new = old
        for sibling in path {
            guard last > 0 else { return false }
            if position & 1 == 1 || position == last {
                old = hasher.node(sibling, old)
                new = hasher.node(sibling, new)
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                new = hasher.node(new, sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 && old == oldRoot && new == root
    }
}
