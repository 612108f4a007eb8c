import Correspondence
import Jobs
import Kernel
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("messages")
struct MessageTests {
    let messenger: Messenger

    init() throws { messenger = Messenger(templates: try MessageTemplates(home: home)) }

    private var note: Note {
        Note(
            template: "registered",
            caseNumber: "BT2026000001",
            recipient: "p1",
            phone: "13800001234",
            link: "https://example.invalid/c/1",
            values: ["company": "包头市青山商贸有限公司"]
        )
    }

    @Test("a text waits for the end of the quiet hours, the box does not")
    func quietHours() async throws {
        let messenger = messenger
        let note = note
        try await forEachEngine(migrations) { database in
            let clock = ManualClock(try #require(Instant(parsing: "2026-11-20 23:10")))
            let sent = Mutex<[ShortMessage]>([])
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: messenger.jobKinds(database: database, clock: clock, entropy: SeededEntropy(seed: 3)) {
                    sms,
                    _,
                    _ in
                    sent.withLock { $0.append(sms) }
                },
                subscribers: []
            )
            let occasion = try occasion("2026-11-20 23:10")
            let message = try await database.write { tx in
                try messenger.send(note, occasion: occasion, in: tx)
            }
            #expect(message.smsAt == Instant(parsing: "2026-11-21 07:30"))
            try await runner.runUntilQuiet()
            #expect(sent.withLock { $0.isEmpty })
            clock.set(try #require(Instant(parsing: "2026-11-21 07:30")))
            try await runner.runUntilQuiet()
            try await runner.runUntilQuiet()
            #expect(sent.withLock { $0.map(\.phone) } == ["13800001234"])
            let box = try await database.read { try CorrespondenceStore.messages(of: "p1", in: $0) }
            #expect(box.map(\.sms) == [.handed])
            try await database.write { tx in try messenger.reported(message.id, delivered: false, in: tx) }
            let after = try await database.read { try CorrespondenceStore.messages(of: "p1", in: $0) }
            #expect(after.map(\.sms) == [.failed])
        }
    }

    @Test("every message names the case and the next act and is short", arguments: [false, true])
    func wording(english: Bool) async throws {
        let messenger = messenger
        try await withDatabase(.sqlite, migrations) { database in
            for (index, name) in messenger.templates.names.enumerated() {
                var values: [String: String] = [:]
                for field in [
                    "company", "role", "roles", "expires", "due", "count", "body", "matter", "reason", "bank",
                    "name", "date", "task", "scope", "title", "until", "objection",
                    "papers", "act", "decision",
                ] {
                    values[field] = "样例"
                }
                let note = Note(
                    template: name,
                    caseNumber: "BT2026000001",
                    recipient: "p1",
                    link: "/c/1",
                    values: values
                )
                let occasion = try occasion(seed: UInt64(index))
                let message = try await database.write { tx in
                    try messenger.send(note, occasion: occasion, in: tx)
                }
                let text = english ? message.textEn : message.textZh
                #expect(text.contains("BT2026000001"), "\(name)")
                // The case keeps only the digest of a link, so the reminder points at the first message.
                #expect(text.contains("/c/1") == (name != "sign-reminder"), "\(name)")
                #expect(!text.contains("{"), "\(name)")
            }
        }
    }

    @Test(
        "an identity number, a missing value and an unknown template are refused",
        arguments: [
            ("11010519491231002X", CorrespondenceError.identityNumber),
            ("440524188001010014", CorrespondenceError.identityNumber),
            ("", CorrespondenceError.fieldMissing(kind: "registered", field: "company")),
            (String(repeating: "长", count: 200), CorrespondenceError.tooLong),
        ]
    )
    func refused(value: String, error: CorrespondenceError) async throws {
        var note = note
        note.values["company"] = value
        let bad = note
        let messenger = messenger
        try await withDatabase(.sqlite, migrations) { database in
            let occasion = try occasion()
            await #expect(throws: error) {
                try await database.write { tx in _ = try messenger.send(bad, occasion: occasion, in: tx) }
            }
        }
    }

    @Test("another's message is not there")
    func read() async throws {
        let messenger = messenger
        let note = note
        try await forEachEngine(migrations) { database in
            let occasion = try occasion()
            let message = try await database.write { tx in
                try messenger.send(note, occasion: occasion, in: tx)
            }
            await #expect(throws: CorrespondenceError.noSuchMessage) {
                try await database.write { tx in
                    try messenger.read(message.id, by: "p2", at: occasion.now, in: tx)
                }
            }
            try await database.write { tx in
                try messenger.read(message.id, by: "p1", at: occasion.now, in: tx)
            }
            let box = try await database.read { try CorrespondenceStore.messages(of: "p1", in: $0) }
            #expect(box.first?.readAt == occasion.now)
        }
    }
}
