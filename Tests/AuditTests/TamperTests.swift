import Audit
import Cryptography
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// What somebody with full power over the database might do to 700 sealed entries, and the number that the
/// verifier must name.
enum Tampering: CaseIterable, Sendable {
    case edit, editInTail, editColumn, editLeafToo, deleteEntry, deleteLast, insert, swap, swapSequences
    case cutTail, cutTailWithHeads, dropTile, editTile, editFrontier, dropFrontier, raiseSize, clearLeaf
    case rehashTail, forgeHead

    var firstBad: Int64? {
        switch self {
        case .edit, .editColumn, .editLeafToo: 300
        case .editInTail: 650
        case .deleteEntry: 300
        case .deleteLast: 699
        case .insert: 700
        case .swap: 300
        case .swapSequences: 300
        case .cutTail, .cutTailWithHeads: 600
        case .dropTile, .editTile: 256
        case .editFrontier, .dropFrontier, .raiseSize, .forgeHead: nil
        case .clearLeaf: 300
        // Everything from 400 on was hashed anew; the heads vouch for the first 350.
        case .rehashTail: 350
        }
    }
}

@Suite("tampering with the log")
struct TamperTests {
    @Test("is detected, and the first bad entry named", arguments: Tampering.allCases)
    func detected(tampering: Tampering) async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            try await withTemporaryFolder { folder in
                let mirror = HeadMirror(path: "\(folder)/heads")
                let keeper = try keeper(of: database, mirror: mirror)
                try await fill(database, keeper, count: 350)
                _ = try await keeper.head(covering: 349)
                try await fill(database, keeper, count: 350, from: 350)
                _ = try await keeper.head(covering: 699)
                let sound = try await verify(database, mirror: mirror)
                #expect(sound.isWhole && sound.size == 700 && sound.heads == 4, "\(sound.problems)")
                try await apply(tampering, to: database)
                let verdict = try await verify(database, mirror: mirror)
                #expect(!verdict.isWhole, "\(tampering) on \(database.engine)")
                if let firstBad = tampering.firstBad {
                    #expect(
                        verdict.firstBad == firstBad,
                        "\(tampering) on \(database.engine): \(verdict.problems)"
                    )
                }
            }
        }
    }

    @Test("a head of a foreign key is refused, and without the mirror a cut tail would pass")
    func foreignHead() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            try await fill(database, keeper, count: 10)
            let stranger = try SM2PrivateKey.generate()
            let verdict = try await LogVerifier(database: database, keys: [stranger.publicKey], mirrored: [])
                .verify()
            #expect(verdict.problems == [.headSignature(size: 10)])
        }
    }

    func apply(_ tampering: Tampering, to database: any Database) async throws {
        try await database.write { tx in
            switch tampering {
            case .edit: try Self.edit(300, in: tx)
            case .editInTail: try Self.edit(650, in: tx)
            case .editColumn: try tx.execute("UPDATE audit_entry SET object = 'case:x' WHERE sequence = 300")
            case .editLeafToo:
                try Self.edit(300, in: tx)
                try Self.rehash(300, in: tx)
            case .deleteEntry: try tx.execute("DELETE FROM audit_entry WHERE sequence = 300")
            case .deleteLast: try tx.execute("DELETE FROM audit_entry WHERE sequence = 699")
            case .insert:
                try tx.execute(
                    """
                    INSERT INTO audit_entry (id, bytes, at, turn, object, sequence, leaf)
                    SELECT 'forged', bytes, at, turn, object, 700, leaf FROM audit_entry WHERE sequence = 1
                    """
                )
            case .swap:
                let rows = try tx.query(
                    "SELECT id, bytes FROM audit_entry WHERE sequence IN (300, 301) ORDER BY sequence"
                )
                for (row, other) in [(rows[0], rows[1]), (rows[1], rows[0])] {
                    try tx.execute(
                        "UPDATE audit_entry SET bytes = $2 WHERE id = $1",
                        try row.text(0),
                        try other.text(1)
                    )
                }
            case .swapSequences:
                try tx.execute("UPDATE audit_entry SET sequence = 9000 WHERE sequence = 300")
                try tx.execute("UPDATE audit_entry SET sequence = 300 WHERE sequence = 301")
                try tx.execute("UPDATE audit_entry SET sequence = 301 WHERE sequence = 9000")
            case .cutTail, .cutTailWithHeads:
                try tx.execute("DELETE FROM audit_entry WHERE sequence >= 600")
                let frontier = try Self.frontier(size: 600, in: tx)
                try tx.execute("UPDATE audit_tree SET size = 600, frontier = $1", frontier)
                if tampering == .cutTailWithHeads {
                    try tx.execute("DELETE FROM audit_head WHERE size > 600")
                }
            case .dropTile: try tx.execute("DELETE FROM audit_tile WHERE position = 1")
            case .editTile: try tx.execute("UPDATE audit_tile SET root = nodes WHERE position = 1")
            case .editFrontier:
                try tx.execute("UPDATE audit_tree SET frontier = $1", [UInt8](repeating: 0, count: 6 * 32))
            case .dropFrontier: try tx.execute("DELETE FROM audit_tree")
            case .raiseSize: try tx.execute("UPDATE audit_tree SET size = 701")
            case .clearLeaf: try tx.execute("UPDATE audit_entry SET leaf = NULL WHERE sequence = 300")
            case .rehashTail:
                try Self.edit(400, in: tx)
                try Self.rehash(400, in: tx)
                try Self.rebuildTiles(in: tx)
                try tx.execute("UPDATE audit_tree SET frontier = $1", try Self.frontier(size: 700, in: tx))
                try tx.execute("DELETE FROM audit_head WHERE size > 350")
            case .forgeHead:
                try tx.execute(
                    "UPDATE audit_head SET root = $1 WHERE size = 700",
                    String(repeating: "0", count: 64)
                )
            }
        }
    }

    private static func edit(_ sequence: Int64, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE audit_entry SET bytes = replace(bytes, 'founder', 'Founder') WHERE sequence = $1",
            sequence
        )
    }

    private static func rehash(_ sequence: Int64, in tx: any Transaction) throws {
        let text = try #require(try tx.first("SELECT bytes FROM audit_entry WHERE sequence = $1", sequence))
            .text(0)
        try tx.execute(
            "UPDATE audit_entry SET leaf = $2 WHERE sequence = $1",
            sequence,
            SM3.digest([0] + Array(text.utf8))
        )
    }

    private static func leaves(in tx: any Transaction) throws -> [[UInt8]] {
        try tx.query("SELECT leaf FROM audit_entry WHERE sequence IS NOT NULL ORDER BY sequence").map {
            try $0.blob(0)
        }
    }

    private static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard leaves.count > 1, let first = leaves.first else { return leaves.first ?? [] }
        _ = first
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        let middle = leaves.startIndex + half
        return SM3.digest([1] + root(leaves[..<middle]) + root(leaves[middle...]))
    }

    private static func frontier(size: Int, in tx: any Transaction) throws -> [UInt8] {
        let leaves = try leaves(in: tx)
        var start = 0
        var nodes: [UInt8] = []
        for bit in (0..<20).reversed() where size >> bit & 1 == 1 {
            nodes += root(leaves[start..<start + (1 << bit)])
            start += 1 << bit
        }
        return nodes
    }

    private static func rebuildTiles(in tx: any Transaction) throws {
        let leaves = try leaves(in: tx)
        for tile in 0..<leaves.count / 256 {
            let nodes = leaves[tile * 256..<tile * 256 + 256]
            try tx.execute(
                "UPDATE audit_tile SET nodes = $2, root = $3 WHERE level = 0 AND position = $1",
                tile,
                nodes.flatMap(\.self),
                root(nodes)
            )
        }
    }
}
