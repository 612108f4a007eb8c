import ArchivePackages
import Audit
@testable import CaseArchive
import Cases
import FaceSupport
import Kernel
import Server
import Storage
import TestSupport
import Testing

@Suite("archives against the log")
struct ArchiveLogTests {
    /// What somebody does with plain SQL to an archive that was held, renewed and disposed of, with `$1` its identifier.
    enum Forgery: CaseIterable {
        case digest, seal, number, term, closing, kept, moment
        case hold, holdGone, lift, proposal, refusal, disposal, renewal, renewalGone

        var statement: StaticString {
            switch self {
            case .digest: "UPDATE archive_archive SET digest = '00' WHERE id = $1"
            case .seal: "UPDATE archive_archive SET seal_bytes = seal_bytes || ' ' WHERE id = $1"
            case .number: "UPDATE archive_archive SET number = 'x' WHERE id = $1"
            case .term: "UPDATE archive_archive SET keep_until = '2001-01-01' WHERE id = $1"
            case .closing: "UPDATE archive_archive SET closed_at = closed_at - 1 WHERE id = $1"
            case .kept: "UPDATE archive_archive SET state = 'kept' WHERE id = $1"
            case .moment: "UPDATE archive_archive SET sealed_at = sealed_at - 1 WHERE id = $1"
            case .hold: "UPDATE archive_hold SET reason = 'x' WHERE archive = $1"
            case .holdGone: "DELETE FROM archive_hold WHERE archive = $1"
            case .lift: "UPDATE archive_hold SET lifted_by = 'x' WHERE archive = $1"
            case .proposal: "UPDATE archive_disposal SET proposed_by = 'x' WHERE archive = $1"
            case .refusal:
                "UPDATE archive_disposal SET words = 'x' WHERE archive = $1 AND outcome = 'refused'"
            case .disposal:
                "UPDATE archive_disposal SET decided_by = 'x' WHERE archive = $1 AND outcome = 'done'"
            case .renewal: "UPDATE archive_renewal SET number = 2 WHERE archive = $1"
            case .renewalGone: "DELETE FROM archive_renewal WHERE archive = $1"
            }
        }
    }

    private struct Undone: Error {}

    @Test("what somebody changes or takes away with plain SQL is named", arguments: DatabaseEngine.allCases)
    func forged(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let ended = try await town.withdrawn("大青", of: "zhangsan")
            try await town.pass(26 * Instant.hour)
            let (archives, database) = (town.platform.archives, town.platform.database)
            let archive = try #require(try await database.read { try archives.of(ended.id, in: $0) }.first)
            try await database.write { tx in
                try tx.execute("UPDATE archive_archive SET stamp_maker = 'sm3:0'")
            }
            #expect(try await town.platform.archiveRenewals.run(now: town.platform.clock.now).renewed == 1)
            func at(_ minute: Int, _ id: String) -> Occasion {
                let after = archive.index.retention.from.adding(months: 120).adding(days: 1)
                return Occasion(
                    now: Instant(after) + Int64(minute) * Instant.minute,
                    actor: Actor(.staff, id: id, role: "head"),
                    request: "test \(minute)",
                    entropy: town.platform.settings.entropy
                )
            }
            let moments = (1...6).map { at($0, $0 % 2 == 0 ? "second" : "first") }
            try await database.write { tx in
                try archives.hold(archive.id, reason: "诉讼", occasion: moments[0], in: tx)
                try archives.lift(archive.id, reason: "结案", occasion: moments[1], in: tx)
                try archives.propose(archive.id, reason: "期满", occasion: moments[2], in: tx)
                try archives.decide(archive.id, false, words: "再等", occasion: moments[3], in: tx)
                try archives.propose(archive.id, reason: "期满", occasion: moments[4], in: tx)
                try archives.decide(archive.id, true, words: "照办", occasion: moments[5], in: tx)
            }
            func altered() async throws -> [String] {
                try await Archives.compareWithLog(in: database, max: 9).altered
            }
            #expect(try await Archives.compareWithLog(in: database, max: 9).count == 1)
            #expect(try await altered() == [])
            for forgery in Forgery.allCases {
                await #expect(throws: Undone.self) {
                    try await database.write { tx in
                        try tx.execute(forgery.statement, archive.id)
                        let entries = try AuditLog.kept(about: archive.object, in: tx)
                        let found = try LoggedArchive(archive.id, in: tx)?.isBorneOut(by: entries)
                        #expect(found != true, "\(forgery)")
                        throw Undone()
                    }
                }
            }
            #expect(try await altered() == [])
            try await database.write { tx in
                try tx.execute(Forgery.digest.statement, archive.id)
            }
            #expect(try await altered() == [archive.object])
        }
    }
}
