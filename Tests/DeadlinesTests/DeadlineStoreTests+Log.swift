import Audit
import Deadlines
import Jobs
import Kernel
import Standards
import Storage
import Synchronization
import TestSupport
import Testing

/// Clocks against the log.
extension DeadlineStoreTests {
    @Test("the start, the pauses and the end of a clock are logged, and a clock that was rewritten is found")
    func logged() async throws {
        try await forEachEngine(Self.migrations) { database in
            let bench = try Bench(database, "2026-11-16 10:00")
            let clock = try await start(bench, "3 wd")
            let other = try await start(bench, "5 wd")
            let (occasion, calendar) = (bench.occasion(), bench.calendar)
            try await database.write { tx in
                try Deadlines.pause(clock.id, rule: "补正", calendar: calendar, occasion: occasion, in: tx)
                try Deadlines.resume(clock.id, rule: "补正", calendar: calendar, occasion: occasion, in: tx)
                try Deadlines.end(other.id, calendar: calendar, occasion: occasion, in: tx)
            }
            let acts = try await database.read { reader in
                try [clock, other].map { clock in
                    try AuditLog.history(of: "clock:\(clock.id)", in: reader).map(\.act)
                }
            }
            #expect(
                acts == [
                    ["clock.started", "clock.paused", "clock.resumed"], ["clock.started", "clock.ended"],
                ]
            )
            let sound = try await Deadlines.compareWithLog(in: database, max: 100)
            #expect(sound.count == 2 && sound.altered.isEmpty)
            let rewritten = ["clock:\(clock.id)"]
            try await database.write { tx in
                try tx.execute(
                    "UPDATE deadline_clock SET started = started - 86400000 WHERE id = $1",
                    clock.id
                )
            }
            #expect(try await Deadlines.compareWithLog(in: database, max: 100).altered == rewritten)
            try await database.write { tx in
                try tx.execute(
                    "UPDATE deadline_clock SET started = started + 86400000, pauses = '[]' WHERE id = $1",
                    clock.id
                )
            }
            #expect(try await Deadlines.compareWithLog(in: database, max: 100).altered == rewritten)
        }
    }

    @Test("a clock is borne out by all its entries: one added for a rewritten clock does not help")
    func chain() async throws {
        try await forEachEngine(Self.migrations) { database in
            let bench = try Bench(database, "2026-11-16 10:00")
            let clock = try await start(bench, "3 wd")
            let (occasion, calendar) = (bench.occasion(), bench.calendar)
            let earlier = Occasion(
                now: occasion.now + -Instant.hour,
                actor: occasion.actor,
                request: "r0",
                entropy: bench.entropy
            )
            try await database.write { tx in
                try Deadlines.pause(clock.id, rule: "补正", calendar: calendar, occasion: occasion, in: tx)
                try Deadlines.resume(clock.id, rule: "补正", calendar: calendar, occasion: occasion, in: tx)
                let more = try Period("2 wd")
                // Its request came first and was slow.
                try Deadlines.extend(
                    clock.id,
                    by: more,
                    rule: "延长",
                    calendar: calendar,
                    occasion: earlier,
                    in: tx
                )
                try Deadlines.end(clock.id, calendar: calendar, occasion: occasion, in: tx)
            }
            #expect(try await Deadlines.compareWithLog(in: database, max: 100).altered == [])
            try await database.write { tx in
                try tx.execute(
                    "UPDATE deadline_clock SET started = started - 86400000 WHERE id = $1",
                    clock.id
                )
                let forged = try #require(try Deadlines.find(clock.id, in: tx))
                try AuditLog.append(
                    "clock.ended",
                    object: "clock:\(clock.id)",
                    after: forged.logged,
                    occasion: occasion,
                    in: tx
                )
            }
            #expect(
                try await Deadlines.compareWithLog(in: database, max: 100).altered == ["clock:\(clock.id)"]
            )
        }
    }

    @Test("the end that lists sort by is logged: another one in the columns, or in the journal too, is found")
    func ends() async throws {
        try await forEachEngine(Self.migrations) { database in
            let bench = try Bench(database, "2026-11-16 10:00")
            let clock = try await start(bench, "3 wd")
            let (occasion, calendar) = (bench.occasion(), bench.calendar)
            func altered() async throws -> [String] {
                try await Deadlines.compareWithLog(in: database, max: 100).altered
            }
            try await database.write { tx in
                try Deadlines.pause(clock.id, rule: "补正", calendar: calendar, occasion: occasion, in: tx)
            }
            #expect(try await altered().isEmpty, "a clock that stands still has no end")
            try await database.write { tx in
                try Deadlines.resume(clock.id, rule: "补正", calendar: calendar, occasion: occasion, in: tx)
            }
            #expect(try await altered().isEmpty)
            let changes: [(done: StaticString, undone: StaticString)] = [
                (
                    "UPDATE deadline_clock SET due_end = due_end + 86400000 WHERE id = $1",
                    "UPDATE deadline_clock SET due_end = due_end - 86400000 WHERE id = $1"
                ),
                (
                    "UPDATE deadline_clock SET waits_year = 2027 WHERE id = $1",
                    "UPDATE deadline_clock SET waits_year = NULL WHERE id = $1"
                ),
            ]
            for (done, undone) in changes {
                try await database.write { try $0.execute(done, clock.id) }
                #expect(try await altered() == ["clock:\(clock.id)"], "\(done)")
                try await database.write { try $0.execute(undone, clock.id) }
                #expect(try await altered().isEmpty)
            }
            let later = LocalDate(dayNumber: try #require(clock.due(calendar).date).dayNumber + 7)
            try await database.write { tx in
                try tx.execute(
                    "UPDATE deadline_clock SET due_day = $2, due_end = $3 WHERE id = $1",
                    clock.id,
                    later,
                    Instant(later.adding(days: 1))
                )
                try tx.execute(
                    "UPDATE deadline_journal SET due_after = $2 WHERE clock = $1 AND version = 3",
                    clock.id,
                    later.description
                )
            }
            #expect(try await altered() == ["clock:\(clock.id)"])
        }
    }
}
