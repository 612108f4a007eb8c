import Storage

/// The tree as the tables have it at a tile border, to go on hashing from there. Nothing vouches for it but the signed
/// heads that the hashing reaches afterwards.
struct LogBeginning: Sendable {
    let frontier: Frontier
    /// By level, the nodes of the tile that is being filled there.
    let open: [[UInt8]]

    /// The last border at or before `size`.
    init(before size: Int64, in reader: any Reader) throws {
        let base = size / 256 * 256
        frontier = try LogTree(reader).frontier(at: base)
        var open: [[UInt8]] = [[]]
        var level: Int64 = 1
        while base >> (level * 8) > 0 {
            let count = Int(base >> (level * 8) & 255)
            let nodes = try AuditStore.nodes(level: level, tile: base >> ((level + 1) * 8), in: reader)
            guard nodes.count >= count else { throw AuditError.damaged }
            open.append(nodes.prefix(count).flatMap(\.self))
            level += 1
        }
        self.open = open
    }
}
