import Audit
import Foundation
import Kernel
import Storage
import StorageSQLite
import TestSupport
import Testing

/// A thousand bits, rows and exchanges at random (trust T1): among the tests some of them. The tamperings with a plan are in
/// `TamperTests`.
@Suite("tampering with the log at random")
struct RandomTamperTests {
    /// A column of the log's tables: all but `salt` and `turn` of an entry, which the tree does not hold.
    private struct Column: Sendable {
        let name: String
        /// Of the row that `$1` chooses: what finds it again, and the value.
        let select: StaticString
        /// Gives the row that is found by `$1` the value `$2`.
        let update: StaticString
        /// Whether the verifier has to name the entry.
        var isNamed = false
        let rows: Rows

        enum Rows { case entries, tiles, heads, tree }
    }

    private static let columns: [Column] = [
        Column(
            name: "entry.bytes",
            select: "SELECT id, bytes FROM audit_entry WHERE sequence = $1",
            update: "UPDATE audit_entry SET bytes = $2 WHERE id = $1",
            isNamed: true,
            rows: .entries
        ),
        Column(
            name: "entry.leaf",
            select: "SELECT id, leaf FROM audit_entry WHERE sequence = $1",
            update: "UPDATE audit_entry SET leaf = $2 WHERE id = $1",
            isNamed: true,
            rows: .entries
        ),
        Column(
            name: "entry.at",
            select: "SELECT id, at FROM audit_entry WHERE sequence = $1",
            update: "UPDATE audit_entry SET at = $2 WHERE id = $1",
            isNamed: true,
            rows: .entries
        ),
        Column(
            name: "entry.object",
            select: "SELECT id, object FROM audit_entry WHERE sequence = $1",
            update: "UPDATE audit_entry SET object = $2 WHERE id = $1",
            isNamed: true,
            rows: .entries
        ),
        Column(
            name: "entry.id",
            select: "SELECT sequence, id FROM audit_entry WHERE sequence = $1",
            update: "UPDATE audit_entry SET id = $2 WHERE sequence = $1",
            isNamed: true,
            rows: .entries
        ),
        Column(
            name: "entry.sequence",
            select: "SELECT id, sequence FROM audit_entry WHERE sequence = $1",
            update: "UPDATE audit_entry SET sequence = $2 WHERE id = $1",
            rows: .entries
        ),
        Column(
            name: "tile.nodes",
            select: "SELECT position, nodes FROM audit_tile WHERE position = $1",
            update: "UPDATE audit_tile SET nodes = $2 WHERE position = $1",
            rows: .tiles
        ),
        Column(
            name: "tile.root",
            select: "SELECT position, root FROM audit_tile WHERE position = $1",
            update: "UPDATE audit_tile SET root = $2 WHERE position = $1",
            rows: .tiles
        ),
        Column(
            name: "tile.level",
            select: "SELECT position, level FROM audit_tile WHERE position = $1",
            update: "UPDATE audit_tile SET level = $2 WHERE position = $1",
            rows: .tiles
        ),
        Column(
            name: "tree.size",
            select: "SELECT name, size FROM audit_tree WHERE $1 = $1",
            update: "UPDATE audit_tree SET size = $2 WHERE name = $1",
            rows: .tree
        ),
        Column(
            name: "tree.frontier",
            select: "SELECT name, frontier FROM audit_tree WHERE $1 = $1",
            update: "UPDATE audit_tree SET frontier = $2 WHERE name = $1",
            rows: .tree
        ),
        Column(
            name: "head.root",
            select: "SELECT size, root FROM audit_head WHERE size = $1",
            update: "UPDATE audit_head SET root = $2 WHERE size = $1",
            rows: .heads
        ),
        Column(
            name: "head.at",
            select: "SELECT size, at FROM audit_head WHERE size = $1",
            update: "UPDATE audit_head SET at = $2 WHERE size = $1",
            rows: .heads
        ),
        Column(
            name: "head.signature",
            select: "SELECT size, signature FROM audit_head WHERE size = $1",
            update: "UPDATE audit_head SET signature = $2 WHERE size = $1",
            rows: .heads
        ),
        Column(
            name: "head.size",
            select: "SELECT root, size FROM audit_head WHERE size = $1",
            update: "UPDATE audit_head SET size = $2 WHERE root = $1",
            rows: .heads
        ),
    ]

    /// The value with one bit turned; nil where no text could hold it.
    private static func flipped(_ value: ColumnValue, _ entropy: SeededEntropy) -> ColumnValue? {
        switch value {
        case .integer(let number): return .integer(number ^ 1 << Int64(entropy.number(below: 40)))
        case .blob(var bytes):
            bytes[entropy.number(below: bytes.count)] ^= 1 << UInt8(entropy.number(below: 8))
            return .blob(bytes)
        case .text(let text):
            var bytes = Array(text.utf8)
            let place = entropy.number(below: bytes.count)
            let changed = bytes[place] ^ 1 << UInt8(entropy.number(below: 7))
            guard bytes[place] < 0x80, changed != 0 else { return nil }
            bytes[place] = changed
            return .text(String(decoding: bytes, as: UTF8.self))
        case .null, .double: return nil
        }
    }

    @Test(
        "a bit in any column, a missing row and two that were exchanged are found, each entry by its number"
    )
    func found() async throws {
        let given = ProcessInfo.processInfo.environment["SUBAN_DRILL_SEED"].flatMap { UInt64($0) }
        let seed = given ?? .random(in: 0 ... .max)
        let entropy = SeededEntropy(seed: seed)
        let (count, tries) = (Int64(600), drilled(60, full: 1_000))
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/log.sqlite")
            try await database.migrate(AuditMigrations.all)
            let mirror = HeadMirror(path: "\(folder)/heads")
            let keeper = try keeper(of: database, mirror: mirror)
            for turn in 0..<6 { try await fill(database, keeper, count: 100, from: Int64(turn) * 100) }
            _ = try await keeper.head(covering: count - 1)
            let heads = try mirror.heads().map(\.size)
            #expect(try await verify(database, mirror: mirror).isWhole)
            var done = 0
            while done < tries {
                let entry = Int64(entropy.number(below: Int(count) - 1))
                if entropy.number(below: 10) == 0 {
                    let isMissing = entropy.number(below: 2) == 0
                    let what = isMissing ? "entry \(entry) missing" : "entries \(entry) exchanged"
                    let undo = try await tamper(entry, isMissing: isMissing, database)
                    let verdict = try await verify(database, mirror: mirror)
                    #expect(!verdict.isWhole && verdict.firstBad == entry, "seed \(seed): \(what)")
                    try await undo()
                    done += 1
                    continue
                }
                let column = Self.columns[entropy.number(below: Self.columns.count)]
                let key: Int64 =
                    switch column.rows {
                    case .entries: entry
                    case .tiles: Int64(entropy.number(below: 2))
                    case .heads: heads[entropy.number(below: heads.count)]
                    case .tree: 0
                    }
                let row = try #require(try await database.read { try $0.first(column.select, key) })
                let (found, old) = (row.values[0], row.values[1])
                guard let new = Self.flipped(old, entropy) else { continue }
                do { _ = try await database.write { try $0.execute(column.update, found, new) } } catch {
                    continue  // the table itself refuses it: two rows with one number
                }
                let verdict = try await verify(database, mirror: mirror)
                #expect(!verdict.isWhole, "seed \(seed): \(column.name) \(key): \(old) to \(new)")
                if column.isNamed {
                    #expect(verdict.firstBad == entry, "seed \(seed): \(column.name) \(entry)")
                }
                _ = try await database.write { try $0.execute(column.update, found, old) }
                done += 1
            }
            #expect(try await verify(database, mirror: mirror).isWhole)
            await database.close()
        }
    }

    /// Deletes an entry, or exchanges its bytes with those of the next one.
    /// - Returns: what undoes it.
    private func tamper(_ entry: Int64, isMissing: Bool, _ database: any Database) async throws
        -> () async throws -> Void
    {
        let rows = try await database.read {
            try $0.query(
                """
                SELECT id, bytes, salt, at, turn, object, subject, sequence, leaf FROM audit_entry
                WHERE sequence IN ($1, $2) ORDER BY sequence
                """,
                entry,
                entry + 1
            )
        }
        let (first, second) = (rows[0].values, rows[1].values)
        if isMissing {
            _ = try await database.write { try $0.execute("DELETE FROM audit_entry WHERE id = $1", first[0]) }
            return {
                try await database.write { tx in
                    _ = try tx.execute(
                        """
                        INSERT INTO audit_entry (id, bytes, salt, at, turn, object, subject, sequence, leaf)
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                        """,
                        first
                    )
                }
            }
        }
        @Sendable func put(_ one: ColumnValue, _ other: ColumnValue) async throws {
            try await database.write { tx in
                try tx.execute("UPDATE audit_entry SET bytes = $2 WHERE id = $1", first[0], one)
                try tx.execute("UPDATE audit_entry SET bytes = $2 WHERE id = $1", second[0], other)
            }
        }
        try await put(second[1], first[1])
        return { try await put(first[1], second[1]) }
    }
}
