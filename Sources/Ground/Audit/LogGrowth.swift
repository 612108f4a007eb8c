import Cryptography
import Kernel
import Storage

/// The tree as it stands, compared with the heads that were signed before: a new head may only add to them.
struct LogGrowth: Sendable {
    let size: Int64
    let root: [UInt8]
    /// Nil when all is well.
    let problem: LogProblem?

    /// Entries read at a time.
    private static let page = 2_048

    /// - Parameter mine: the last head that this keeper knows; the tables may have a later one of another node.
    init(since mine: SignedHead?, key: SM2PublicKey, in reader: any Reader) throws {
        // In this order, because on PostgreSQL the tree grows meanwhile.
        let kept = try HeadStore.latest(in: reader)
        let tree: LogTree
        do { tree = try LogTree(reader) } catch AuditError.damaged {
            (size, root, problem) = (0, [], .frontier)
            return
        }
        size = tree.size
        root = tree.root
        problem = try Self.problem(of: tree, mine: mine, kept: kept, key: key, in: reader)
    }

    private static func problem(
        of tree: LogTree,
        mine: SignedHead?,
        kept: SignedHead?,
        key: SM2PublicKey,
        in reader: any Reader
    ) throws -> LogProblem? {
        if let kept, kept != mine, !kept.isSigned(by: key) { return .headSignature(size: kept.size) }
        let heads = [mine, kept == mine ? nil : kept].compactMap(\.self)
        for head in heads {
            guard head.size <= tree.size else { return .truncated(size: tree.size, headSize: head.size) }
            guard try extends(head, tree) else { return .head(size: head.size, after: 0) }
        }
        let covered = heads.map(\.size).max() ?? 0
        if let problem = try changed(from: covered, until: tree.size, in: reader) { return problem }
        // Without an older head no proof has touched the right edge yet.
        guard covered == 0, tree.size > 0 else { return nil }
        return try isWhole { try tree.root(at: tree.size) == tree.root } ? nil : .frontier
    }

    private static func extends(_ head: SignedHead, _ tree: LogTree) throws -> Bool {
        guard let old = Hex.decode(head.root) else { return false }
        return try isWhole {
            TreeProof.extends(
                oldSize: head.size,
                oldRoot: old,
                size: tree.size,
                root: tree.root,
                path: try tree.consistency(from: head.size, to: tree.size)
            )
        }
    }

    /// Nodes that are missing are as good as wrong ones.
    private static func isWhole(_ work: () throws -> Bool) throws -> Bool {
        do { return try work() } catch AuditError.damaged { return false }
    }

    /// The first entry of those that no head covers yet whose bytes are not its leaf's.
    private static func changed(from start: Int64, until end: Int64, in reader: any Reader) throws
        -> LogProblem?
    {
        let hasher = TreeHasher()
        var next = start
        while next < end {
            let rows = try AuditStore.sealed(from: next, limit: page, in: reader)
            for row in rows.prefix(Int(end - next)) {
                guard row.sequence == next else { return .missing(next) }
                guard hasher.leaf(row.bytes.utf8) == row.leaf else { return .changed(next) }
                guard EntryScan.agrees(row) else { return .misfiled(next) }
                next += 1
            }
            if rows.isEmpty { return .missing(next) }
        }
        return nil
    }
}
