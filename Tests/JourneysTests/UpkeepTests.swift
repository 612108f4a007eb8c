import Audit
import Cryptography
import Deadlines
import Exchange
import Foundation
import Identity
import Jobs
import Kernel
import Simulators
import Standards
import Storage
import TestSupport
import TownSupport
import Testing

@testable import Cases
@testable import Server

@Suite("what the platform does by itself")
struct UpkeepTests {
    private func eachTown(_ body: @Sendable (DemoTown) async throws -> Void) async throws {
        try await TownShop.plain.onEachEngine { try await body($0.town) }
    }

    private func occasion(_ town: DemoTown) -> Occasion {
        Occasion(
            now: town.clock.now,
            actor: .platform("test"),
            request: "r",
            entropy: town.platform.settings.entropy
        )
    }

    @Test("finished jobs, heard events and old answers go when their dated term is over, and not before")
    func housekeeping() async throws {
        try await eachTown { town in
            let database = town.platform.database
            let now = town.clock.now
            let occasion = occasion(town)
            try await database.write { tx in
                try Outbox.emit("test.told", object: "o", payload: nil, occasion: occasion, in: tx)
                try Jobs.enqueue(kind: "test.none", key: "a", payload: nil, at: now, in: tx)
                try Jobs.cancel(kind: "test.none", key: "a", in: tx)
                try Jobs.enqueue(
                    kind: "test.none",
                    key: "waits",
                    payload: nil,
                    at: now + 900 * Instant.day,
                    in: tx
                )
                _ = try Idempotency.begin(key: "k", scope: "s", requestDigest: [1], at: now, in: tx)
            }
            try await town.settle()
            town.clock.set(now + 23 * Instant.hour)
            #expect(try await town.platform.housekeeping.run()["answers"] == 0)
            town.clock.set(now + 25 * Instant.hour)
            let first = try await town.platform.housekeeping.run()
            #expect(first["answers"] == 1 && first["jobs"] == 0 && first["events"] == 0)
            town.clock.set(now + 91 * Instant.day)
            let last = try await town.platform.housekeeping.run()
            #expect(last["jobs"] ?? 0 > 0 && last["events"] ?? 0 > 0)
            let (kept, event, gone) = try await database.read { reader in
                (
                    try Jobs.find(kind: "test.none", key: "waits", in: reader),
                    try Outbox.events(after: 0, countMax: 1_000, in: reader).contains {
                        $0.name == "test.told"
                    },
                    try Jobs.find(kind: "test.none", key: "a", in: reader)
                )
            }
            #expect(kept?.state == .waiting)
            #expect(!event && gone == nil)
        }
    }

    @Test("nothing of the log goes, not after its term either")
    func logStays() async throws {
        try await eachTown { town in
            let database = town.platform.database
            func count() async throws -> Int64 {
                try await database.read { try $0.number("SELECT COUNT(*) FROM audit_entry") }
            }
            let before = try await count()
            #expect(before > 0)
            town.clock.set(town.clock.now + 4 * 366 * Instant.day)
            try await town.platform.housekeeping.run()
            #expect(try await count() >= before)
        }
    }

    @Test("an event that a subscriber has not taken yet is kept, however old")
    func untold() async throws {
        try await eachTown { town in
            let database = town.platform.database
            let now = town.clock.now
            let occasion = occasion(town)
            try await town.settle()
            try await database.write { tx in
                try Outbox.emit("test.untold", object: "o", payload: nil, occasion: occasion, in: tx)
            }
            town.clock.set(now + 400 * Instant.day)
            try await town.platform.housekeeping.run()
            try await town.settle()
            let names = try await database.read {
                try Outbox.events(after: 0, countMax: 1_000, in: $0).map(\.name)
            }
            #expect(names.contains("test.untold"))
        }
    }

    @Test("the daily round is armed once and comes again every day")
    func daily() async throws {
        try await eachTown { town in
            try await town.platform.housekeeping.arm()
            try await town.platform.housekeeping.arm()
            try await town.move(to: town.clock.now + 3 * Instant.day)
            let job = try await town.platform.database.read {
                try Jobs.find(kind: Housekeeping.kindName, key: "daily", in: $0)
            }
            #expect(job?.state == .waiting)
            #expect(job?.due == Instant(parsing: "2026-03-06 03:00"))
        }
    }

    @Test("a daily round that died is armed again, and what fails does not hold up the rest")
    func revived() async throws {
        try await eachTown { town in
            let (platform, now) = (town.platform, town.clock.now)
            try await platform.housekeeping.arm()
            try await platform.database.write { tx in
                try tx.execute(
                    "UPDATE jobs_job SET state = 'dead', attempts = 10 WHERE kind = 'housekeeping'"
                )
                _ = try Idempotency.begin(key: "k", scope: "s", requestDigest: [1], at: now, in: tx)
            }
            try await platform.housekeeping.arm()
            let job = try await platform.database.read {
                try Jobs.find(kind: Housekeeping.kindName, key: "daily", in: $0)
            }
            #expect(job?.state == .waiting && job?.attempt == 0)
            // Looked-up codes cannot be swept; answers, sessions and the rest go all the same.
            try await platform.database.write { tx in
                try tx.execute("ALTER TABLE jobs_event RENAME TO jobs_event_away")
            }
            town.clock.set(now + 25 * Instant.hour)
            await #expect(throws: StorageError.self) { try await platform.housekeeping.run() }
            let left = try await platform.database.read {
                try $0.number("SELECT COUNT(*) FROM jobs_idempotency WHERE key = 'k'")
            }
            #expect(left == 0)
            try await platform.database.write { tx in
                try tx.execute("ALTER TABLE jobs_event_away RENAME TO jobs_event")
            }
        }
    }

    @Test("a platform does not start on a database whose keys or secrets are not beside it, and makes none")
    func otherKeys() async throws {
        try await eachTown { town in
            let settings = town.platform.settings
            let keys = "\(settings.folder)/keys"
            try await town.platform.keeper.round()
            let files = FileManager.default
            func refusal(of settings: PlatformSettings) async -> InstallationError? {
                do {
                    _ = try await Platform.open(settings)
                    return nil
                } catch { return error as? InstallationError }
            }
            #expect(await refusal(of: settings) == nil)
            for name in ["identity.secret", "columns.secret", "log.crt", "p256-root.crt"] {
                let bytes = try #require(files.contents(atPath: "\(keys)/\(name)"))
                try files.removeItem(atPath: "\(keys)/\(name)")
                #expect(await refusal(of: settings) == .otherKeys(folder: keys, names: [name]))
                #expect(!files.fileExists(atPath: "\(keys)/\(name)"))
                try Data(bytes).write(to: URL(fileURLWithPath: "\(keys)/\(name)"))
            }
            let secret = URL(fileURLWithPath: "\(keys)/person.secret")
            let kept = try Data(contentsOf: secret)
            try kept.prefix(16).write(to: secret)
            #expect(await refusal(of: settings) == .damaged(path: secret.path))
            try Data(repeating: 7, count: 32).write(to: secret)
            #expect(await refusal(of: settings) == .otherKeys(folder: keys, names: ["person.secret"]))
            try kept.write(to: secret)
            #expect(await refusal(of: settings) == nil)
            // As after a restore without keys, also of a database from before the marks.
            var empty = settings
            empty.folder = "\(settings.folder)/empty"
            #expect(await refusal(of: empty) != nil)
            try await town.platform.database.write { _ = try $0.execute("DELETE FROM installation_mark") }
            #expect(await refusal(of: empty) != nil)
            #expect(!files.fileExists(atPath: "\(empty.folder)/keys"))
            #expect(await refusal(of: settings) == nil)
            // From before personal columns were sealed: the secret for them is made once.
            try await town.platform.database.write {
                _ = try $0.execute("DELETE FROM installation_mark WHERE name = 'columns.secret'")
            }
            try files.removeItem(atPath: "\(keys)/columns.secret")
            #expect(await refusal(of: settings) == nil)
            #expect(files.contents(atPath: "\(keys)/columns.secret")?.count == 32)
            // From before there were keys for documents: they are made once, and no other node makes its own.
            try await town.platform.database.write {
                _ = try $0.execute("DELETE FROM installation_mark WHERE name LIKE 'p256-%'")
            }
            let documents = try files.contentsOfDirectory(atPath: keys).filter {
                $0.hasPrefix("p256-") || $0.hasPrefix("document") || $0.hasPrefix("timestamp")
            }
            for name in documents { try files.removeItem(atPath: "\(keys)/\(name)") }
            #expect(documents.count == 8)
            #expect(await refusal(of: settings) == nil)
            for name in documents { #expect(files.fileExists(atPath: "\(keys)/\(name)"), "\(name)") }
            for name in documents { try files.removeItem(atPath: "\(keys)/\(name)") }
            #expect(
                await refusal(of: settings)
                    == .otherKeys(folder: keys, names: ["p256-root.crt", "p256-issuing.crt"])
            )
        }
    }

    @Test(
        "what is asked by code, clock and age is asked of an index",
        arguments: [
            "register_entry_code", "register_filing_code", "register_link_code", "case_step_clock",
            "exchange_line_open", "exchange_line_changed", "exchange_item_open", "identity_code_sent",
            "identity_session_end", "jobs_delivery_sequence", "jobs_delivery_dead",
        ]
    )
    func indexes(name: String) async throws {
        try await withDatabase(.sqlite, Schema.all) { database in
            let plan = try await database.read { reader in try Self.plan(for: name, in: reader) }
            #expect(plan.contains { $0.contains(name) }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.contains(name) }, "\(plan)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }

    /// How SQLite would answer, in the words of the stores.
    private static func plan(for name: String, in reader: any Reader) throws -> [String] {
        let rows: [Row]
        switch name {
        case "register_entry_code":
            rows = try reader.query(
                "EXPLAIN QUERY PLAN SELECT items FROM register_entry WHERE code = $1 ORDER BY sequence",
                "c"
            )
        case "register_filing_code":
            rows = try reader.query(
                "EXPLAIN QUERY PLAN SELECT value FROM register_filing WHERE code = $1 AND kind = $2",
                "c",
                "k"
            )
        case "register_link_code":
            rows = try reader.query(
                "EXPLAIN QUERY PLAN SELECT key FROM register_link WHERE code = $1 AND until_at IS NULL",
                "c"
            )
        case "case_step_clock":
            rows = try reader.query("EXPLAIN QUERY PLAN SELECT name FROM case_step WHERE clock = $1", "c")
        case "exchange_line_open":
            rows = try reader.query(
                """
                EXPLAIN QUERY PLAN SELECT l.changed_at, l.id FROM exchange_line l
                JOIN case_case c ON c.id = l.case_id
                WHERE ($1 = '' OR l.party = $1) AND c.region >= $2 AND c.region < $3
                    AND l.state NOT IN ('done', 'notNeeded')
                ORDER BY l.changed_at, l.id LIMIT $4
                """,
                "",
                "15",
                "15~",
                50
            )
        case "exchange_line_changed":
            rows = try reader.query(
                """
                EXPLAIN QUERY PLAN SELECT l.changed_at, l.id FROM exchange_line l
                JOIN case_case c ON c.id = l.case_id
                WHERE ($1 = '' OR l.party = $1) AND c.region >= $2 AND c.region < $3 AND l.state = $4
                ORDER BY l.changed_at, l.id LIMIT $5
                """,
                "",
                "15",
                "15~",
                "pending",
                50
            )
        default: return try otherPlan(for: name, in: reader)
        }
        return try rows.map { try $0.text(3) }
    }

    private static func otherPlan(for name: String, in reader: any Reader) throws -> [String] {
        let rows: [Row]
        switch name {
        case "exchange_item_open":
            rows = try reader.query(
                """
                EXPLAIN QUERY PLAN SELECT id FROM exchange_item WHERE closed_at IS NULL AND ($1 = '' OR party = $1)
                ORDER BY opened_at, id LIMIT 50
                """,
                ""
            )
        case "identity_code_sent":
            rows = try reader.query(
                "EXPLAIN QUERY PLAN SELECT id FROM identity_code WHERE sent < $1 ORDER BY sent LIMIT 50",
                1
            )
        case "identity_session_end":
            rows = try reader.query(
                """
                EXPLAIN QUERY PLAN SELECT id FROM identity_session WHERE absolute_until < $1
                ORDER BY absolute_until LIMIT 50
                """,
                1
            )
        case "jobs_delivery_sequence":
            rows = try reader.query("EXPLAIN QUERY PLAN SELECT 1 FROM jobs_delivery WHERE sequence = $1", 1)
        default:
            rows = try reader.query(
                """
                EXPLAIN QUERY PLAN SELECT why FROM jobs_delivery WHERE state = 'dead'
                ORDER BY subscriber, sequence LIMIT 50
                """
            )
        }
        return try rows.map { try $0.text(3) }
    }

    @Test("a calendar that is published moves open clocks and is used at once")
    func calendar() async throws {
        try await eachTown { town in
            let desk = town.platform.desk
            let base = town.platform.standards.calendar
            let occasion = occasion(town)
            let day = try #require(LocalDate(parsing: "2026-12-31"))
            #expect(throws: (any Error).self) { try desk.calendar.adding(workingDays: 5, to: day) }
            try await town.platform.database.write { tx in
                try Calendars.publish(
                    2_027,
                    [CalendarDay(date: LocalDate(dayNumber: day.dayNumber + 1), kind: .holiday, name: "元旦")],
                    source: "test",
                    base: base,
                    occasion: occasion,
                    in: tx
                )
            }
            try await town.settle()
            #expect(try desk.calendar.adding(workingDays: 1, to: day) == LocalDate(parsing: "2027-01-04"))
        }
    }

    @Test("a code for a phone becomes one text at the carrier, and only there")
    func code() async throws {
        try await eachTown { town in
            let settings = try IdentitySettings(
                keys: town.platform.identityKeys,
                limits: IdentityLimits(home: town.platform.settings.home),
                scrypt: ScryptParameters(logN: 10, r: 8, p: 1),
                entropy: town.platform.settings.entropy
            )
            let occasion = occasion(town)
            let phone = try PhoneNumber("13800001234")
            let attempt = try await town.platform.database.write { tx in
                try SmsCodes.send(to: phone, for: .signIn, settings: settings, occasion: occasion, in: tx)
            }
            // While the carrier is away the text waits with its line.
            try town.town.party("sms").set("down")
            try await town.platform.runner.runUntilQuiet()
            let find: @Sendable (any Reader) throws -> PartyLine? = {
                try ExchangeStore.line(key: "sms-code:\(attempt)", in: $0)
            }
            let line = try await town.platform.database.read(find)
            #expect(line?.order.party == "sms" && line?.order.fields["phone"].text == "13800001234")
            let text = line?.order.fields["text"].text ?? ""
            #expect(text.contains("验证码") && text.contains("5分钟"))
            // Once the text is out, its secret is nowhere any more.
            try town.town.party("sms").set("up")
            try await town.move(to: town.clock.now + Instant.hour)
            let done = try await town.platform.database.read(find)
            #expect(done?.state == .done && done?.order.fields == [:])
            let messages = try await town.platform.database.read { reader -> [KeptMessage] in
                try ExchangeStore.messages(party: "sms", limit: 50, in: reader)
            }
            #expect(!messages.isEmpty && messages.allSatisfy(\.bytes.isEmpty))
        }
    }

    @Test("a log that was not signed for four hours turns readiness red and takes no more changes")
    func unsigned() async throws {
        try await eachTown { town in
            let platform = town.platform
            let readiness = Readiness(
                database: platform.database,
                keeper: platform.keeper,
                clock: platform.clock
            )
            try await platform.keeper.round()
            let occasion = occasion(town)
            try await platform.database.write { tx in
                try AuditLog.append("test.done", object: "o:1", occasion: occasion, in: tx)
            }
            town.clock.set(town.clock.now + 4 * Instant.hour)
            #expect(await platform.keeper.isWritable(at: town.clock.now))
            town.clock.set(town.clock.now + 2_000)
            #expect(await platform.keeper.isWritable(at: town.clock.now) == false)
            #expect(await readiness.checks().contains { $0.name == "log-signed" && $0.state == .fails })
            try await platform.keeper.round()
            town.clock.set(town.clock.now + 2_000)
            #expect(await platform.keeper.isWritable(at: town.clock.now))
            await platform.keeper.compared(altered: [])
            #expect(await readiness.checks().allSatisfy { $0.state == .holds })
        }
    }
}
