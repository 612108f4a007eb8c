import Audit
import Kernel
import Server
import Storage
import Testing

@testable import Cases

/// Cases against the log.
@Suite("cases and the log", .serialized)
struct CaseLogTests {
    private func altered(_ town: GuardTown) async throws -> [String] {
        try await CaseLog.compare(in: town.database, max: 100).altered
    }

    /// What is done to the row of a case with plain SQL, and what undoes it.
    private static let forgeries: [(done: StaticString, undone: StaticString)] = [
        (
            "UPDATE case_case SET state = 'refused' WHERE id = $1",
            "UPDATE case_case SET state = 'granted' WHERE id = $1"
        ),
        (
            "UPDATE case_case SET title = '假冒' || title WHERE id = $1",
            "UPDATE case_case SET title = substr(title, 3) WHERE id = $1"
        ),
        (
            "UPDATE case_case SET applicant = applicant || 'x' WHERE id = $1",
            "UPDATE case_case SET applicant = substr(applicant, 1, length(applicant) - 1) WHERE id = $1"
        ),
        (
            "UPDATE case_case SET submitted_at = submitted_at - 1 WHERE id = $1",
            "UPDATE case_case SET submitted_at = submitted_at + 1 WHERE id = $1"
        ),
        (
            "UPDATE case_case SET decided_at = decided_at - 1 WHERE id = $1",
            "UPDATE case_case SET decided_at = decided_at + 1 WHERE id = $1"
        ),
        (
            "UPDATE case_case SET completed_at = 1 WHERE id = $1",
            "UPDATE case_case SET completed_at = NULL WHERE id = $1"
        ),
        (
            "UPDATE case_times SET handed_in = handed_in + 1 WHERE case_id = $1",
            "UPDATE case_times SET handed_in = handed_in - 1 WHERE case_id = $1"
        ),
    ]

    @Test("state, title, applicant and times of a case that were changed are found, each by itself")
    func forged() async throws {
        try await GuardTown.each { town in
            let draft = try await town.start(try await town.reserve(town.data))
            #expect(try await altered(town).isEmpty)
            // Until it is handed in nothing but its beginning says whose it is.
            for (applicant, named) in [("x", [draft.object]), (draft.applicant, [])] {
                try await town.database.write {
                    try $0.execute("UPDATE case_case SET applicant = $2 WHERE id = $1", draft.id, applicant)
                }
                #expect(try await altered(town) == named)
            }
            try await town.sign(try await town.desk.askSignatures(draft.id, occasion: town.occasion()))
            #expect(try await altered(town).isEmpty, "while it is signed")
            town.town.clock.set(town.town.clock.now + Instant.minute)
            let granted = try await town.desk.submit(draft.id, occasion: town.occasion())
            #expect(granted.state == .granted && granted.completedAt == nil)
            let sound = try await CaseLog.compare(in: town.database, max: 100)
            #expect(sound.count > 0 && sound.altered.isEmpty)
            for (done, undone) in Self.forgeries {
                try await town.database.write { try $0.execute(done, granted.id) }
                #expect(try await altered(town) == [granted.object], "\(done)")
                try await town.database.write { try $0.execute(undone, granted.id) }
                #expect(try await altered(town).isEmpty, "\(undone)")
            }
            try await town.database.write {
                try $0.execute("DELETE FROM case_times WHERE case_id = $1", granted.id)
            }
            #expect(try await altered(town) == [granted.object], "no first hand-in")
        }
    }

    @Test("a case that came back, was mended, handed in anew and taken back stands; so does a discarded form")
    func lives() async throws {
        try await GuardTown.each { town in
            let gone = try await town.start()
            try await town.desk.discardDraft(gone.id, version: gone.version, occasion: town.occasion())
            #expect(try await altered(town).isEmpty)
            let clerk = Actor(.staff, id: "clerk", role: "registrar")
            let review = try await town.inReviewForTwin()
            #expect(try await altered(town).isEmpty)
            try await town.desk.claim(
                review.id,
                step: "review",
                version: review.version,
                occasion: town.occasion(clerk)
            )
            town.town.clock.set(town.town.clock.now + Instant.minute)
            let returned = try await town.desk.turnBack(
                review.id,
                as: .return,
                version: try await town.desk.read(review.id).version,
                reason: "缺一页",
                told: Told(
                    points: [.init(what: "缺一页", why: "细则第十八条", how: "补齐")],
                    facts: "事实",
                    law: "依据",
                    body: "机关"
                ),
                occasion: town.occasion(clerk)
            )
            #expect(returned.state == .returned)
            #expect(try await altered(town).isEmpty)
            var data = returned.data
            data["name"]["brand"] = "远帆"
            _ = try await town.save(returned, data)
            #expect(try await altered(town).isEmpty, "the title changed with the form")
            town.town.clock.set(town.town.clock.now + Instant.minute)
            let version = try await town.desk.read(review.id).version
            _ = try await town.desk.withdraw(review.id, version: version, occasion: town.occasion())
            #expect(try await altered(town).isEmpty)
            try await town.database.write {
                try $0.execute("UPDATE case_case SET state = 'granted' WHERE id = $1", review.id)
            }
            #expect(try await altered(town) == [review.object])
        }
    }

    @Test("a case whose row is gone is named")
    func gone() async throws {
        try await GuardTown.each { town in
            let (lost, kept) = (try await town.start(), try await town.start())
            try await town.database.write { tx in
                try tx.execute("DELETE FROM case_happening WHERE case_id = $1", lost.id)
                try tx.execute("DELETE FROM case_step WHERE case_id = $1", lost.id)
                try tx.execute("DELETE FROM case_case WHERE id = $1", lost.id)
            }
            let after = try await CaseLog.compare(in: town.database, max: 100)
            #expect(after.count == 2 && after.altered == [lost.object], "\(kept.object)")
        }
    }
}
