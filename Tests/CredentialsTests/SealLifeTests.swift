import Audit
import Credentials
import Cryptography
import ElectronicSeals
import Foundation
import Identity
import Jobs
import Kernel
import Storage
import TestSupport
import Testing

@Suite("life of seals")
struct SealLifeTests {
    @Test("every event leads from each state to one other, or is refused")
    func states() throws {
        let allowed: [SealState: [SealEvent: SealState]] = [
            .applied: [.approve: .approved, .reject: .rejected, .void: .voided],
            .approved: [.record: .recorded, .void: .voided], .recorded: [.make: .made, .void: .voided],
            .made: [.deliver: .active, .void: .voided],
            .active: [.suspend: .suspended, .lose: .lost, .void: .voided],
            .suspended: [.resume: .active, .lose: .lost, .void: .voided], .lost: [.void: .voided],
            .expired: [.void: .voided], .rejected: [:], .voided: [:],
        ]
        for state in SealState.allCases {
            for event in SealEvent.allCases {
                if let next = allowed[state]?[event] {
                    #expect(try state.after(event) == next)
                } else {
                    #expect(throws: SealError.notAllowed(event: event.rawValue, state: state)) {
                        try state.after(event)
                    }
                }
            }
        }
        #expect(SealEvent.allCases.compactMap { $0.policeCode?.rawValue } == [1, 2, 3, 4, 7, 5])
    }

    @Test(
        "applied, approved, filed, made, claimed: a seal that verifies, its record in force, every step told"
    )
    func whole() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            #expect(seal.state == .active)
            let made = try #require(seal.made)
            let ses = try ElectronicSeal(der: made.bytes)
            #expect(ses.content.code == seal.code && ses.content.type == 4)
            #expect(ses.content.name == company.name + "合同专用章")
            #expect(
                ses.content.picture.width == 38 && ses.content.picture.bytes.starts(with: [0x89, 0x50, 0x4E])
            )
            let verdict = try await world.verdict(made.bytes)
            #expect(verdict.isValid, "\(verdict.problems)")
            #expect(verdict.proven.map(\.code).contains("seal.in-force"))
            try await database.read { reader in
                let id = try #require(seal.credential)
                let credential = try #require(try Credentials.find(id, in: reader))
                #expect(credential.state == .valid && credential.record.sealCode == seal.code)
                let steps = try Seals.history(of: seal.id, in: reader)
                #expect(steps.map(\.state) == [.applied, .approved, .recorded, .made, .active])
                #expect(try AuditLog.history(of: "seal:\(seal.id)", in: reader).count == 5)
                let text = try #require(try Seals.paper(.making, of: seal.id, in: reader))
                let signed = try #require(
                    SignedText(json: try JSON.read(Array(text.utf8), sizeBytesMax: 65_536))
                )
                let answer = CredentialVerifier(anchors: world.workshop.authority.anchors).verify(
                    signed,
                    at: start
                )
                #expect(answer.content?["esID"].text == seal.code && answer.issuer == SealWorld.maker)
                // What it was at every moment.
                let told = try [-1, 0, 1, 2, 3, 4].map {
                    try Seals.state(of: seal, at: start + $0 * Instant.minute, in: reader)
                }
                #expect(told == [nil, .applied, .approved, .recorded, .made, .active])
            }
        }
    }

    @Test(
        "a name in Mongolian gives the figure in both languages; other script, and kinds without one, are refused"
    )
    func bilingual() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let name = "ᠪᠣᠭᠤᠳᠤ ᠬᠣᠲᠠ"
            let seal = try await world.apply("seal-official", mongolian: name)
            try await world.workshop.approve(seal.id, issuer: registrar, expecting: 1, occasion: occasion(1))
            let made = try await world.finish(seal.id)
            #expect(made.mongolian == name)
            let picture = try ElectronicSeal(der: try #require(made.made).bytes).content.picture
            #expect(picture.width == 42 && picture.height == 42, "the figure in both languages is wider")
            for (kind, line, words) in [
                ("seal-official", nil, "Baotou"), ("seal-official", nil, " "), ("seal-invoice", nil, name),
                ("seal-personal", "张三", name),
            ] {
                await #expect(throws: SealError.mongolian, "\(kind) \(words)") {
                    _ = try await world.apply(kind, line: line, mongolian: words)
                }
            }
            let kinds = world.workshop.kinds
            func preview(_ mongolian: String?) async throws -> [UInt8] {
                let wish = SealApplication(
                    owner: company,
                    kind: try kinds.kind("seal-official"),
                    line: nil,
                    mongolian: mongolian,
                    region: "150203"
                )
                return try await world.workshop.preview(wish, occasion: occasion(9))
            }
            #expect(try await preview(name) != preview(nil))
            #expect(try await preview(name) == preview(name), "nothing in it is of a moment")
        }
    }

    @Test("each side lifts its own stop only, and the seal is in force when none is left")
    func stops() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            let record = try #require(seal.credential)
            func standing() async throws -> [String?] {
                try await database.read { reader in
                    [
                        try Seals.find(seal.id, in: reader)?.state.rawValue,
                        try Credentials.find(record, in: reader)?.state.rawValue,
                    ]
                }
            }
            try await world.order(seal.id, .suspend, minutes: 10)
            await #expect(throws: SealError.stoppedByAuthority) {
                try await world.move(seal.id, .resume, minutes: 11)
            }
            #expect(try await standing() == ["suspended", "suspended"])
            try await world.order(seal.id, .resume, minutes: 12)
            #expect(try await standing() == ["active", "valid"])
            try await world.move(seal.id, .suspend, minutes: 13)
            await #expect(throws: SealError.stoppedByOwner) {
                try await world.order(seal.id, .resume, minutes: 14)
            }
            // An authority stops it besides: now both have to let it go.
            try await world.order(seal.id, .suspend, minutes: 15)
            await #expect(throws: SealError.notAllowed(event: "suspend", state: .suspended)) {
                try await world.order(seal.id, .suspend, minutes: 16)
            }
            try await world.move(seal.id, .resume, minutes: 17)
            #expect(try await standing() == ["suspended", "suspended"])
            try await world.runJobs()
            try await world.order(seal.id, .resume, minutes: 18)
            #expect(try await standing() == ["active", "valid"])
            try await world.runJobs()
            #expect(try await standing() == ["active", "valid"])
        }
    }

    @Test("suspended, resumed, lost, given up: the record goes along, and the key is destroyed")
    func ends() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            let id = try #require(seal.credential)
            func record() async throws -> CredentialState? {
                try await database.read { try Credentials.find(id, in: $0)?.state }
            }
            #expect(try await world.move(seal.id, .suspend, minutes: 10).state == .suspended)
            #expect(try await record() == .suspended)
            try await world.runJobs()
            #expect(try await world.move(seal.id, .resume, minutes: 11).state == .active)
            #expect(try await record() == .valid)
            try await world.runJobs()
            // Anybody of the company tells the loss, nobody else; only the representative gives up.
            await #expect(throws: SealError.notActing) {
                try await database.write { tx in
                    try Seals.move(
                        seal.id,
                        by: .lose,
                        reason: "key",
                        owner: world.stranger,
                        occasion: occasion(12),
                        in: tx
                    )
                }
            }
            try await database.write { tx in
                _ = try Seals.move(
                    seal.id,
                    by: .lose,
                    reason: "key",
                    owner: world.clerk,
                    occasion: occasion(12),
                    in: tx
                )
            }
            #expect(try await record() == .suspended)
            let store = world.workshop.authority.keys.store
            let code = try #require(seal.code)
            #expect(try store.identity(named: "seal-\(code)", of: .holder) != nil)
            try await world.move(seal.id, .void, minutes: 13)
            #expect(try await record() == .cancelled)
            world.clock.set(occasion(14).now)
            try await world.runJobs()
            #expect(try store.identity(named: "seal-\(code)", of: .holder) == nil)
            let kept = try await database.read { try Seals.find(seal.id, in: $0) }
            #expect(kept?.state == .voided)
            #expect(try await database.read { try Seals.paper(.cancellation, of: seal.id, in: $0) } != nil)
            let verdict = try await world.verdict(try #require(seal.made).bytes)
            #expect(verdict.problems.compactMap(\.classCode) == ["SEAL_REVOKED"])
        }
    }

    @Test("made anew under another code, linked both ways; one of a kind, or numbered")
    func again() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let old = try await world.activeSeal("seal-official")
            await #expect(throws: SealError.oneOnly) { _ = try await world.apply("seal-official") }
            let next = try await world.apply("seal-official", replaces: old.id)
            try await world.workshop.approve(next.id, issuer: registrar, expecting: 1, occasion: occasion(20))
            try await world.runJobs()
            let (ended, new) = try await database.read { reader in
                (
                    try #require(try Seals.find(old.id, in: reader)),
                    try #require(try Seals.find(next.id, in: reader))
                )
            }
            #expect(ended.state == .voided && ended.replacedBy == new.id && new.replaces == old.id)
            #expect(new.code != nil && new.code != old.code && new.state == .approved)
            await #expect(throws: SealError.unknown) {
                _ = try await world.apply("seal-official", replaces: old.id)
            }
            let first = try await world.apply("seal-finance")
            let second = try await world.activeSeal("seal-finance")
            #expect(first.number == 1 && second.number == 2)
            let name = try ElectronicSeal(der: try #require(second.made).bytes).content.name
            #expect(name == company.name + "财务专用章(2)")
        }
    }

    @Test("nobody claims it for three months: it ends on the day after")
    func unclaimed() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.apply("seal-contract")
            try await world.workshop.approve(seal.id, issuer: registrar, expecting: 1, occasion: occasion(1))
            try await database.write {
                _ = try Seals.record(seal.id, filing: "1", occasion: occasion(2), in: $0)
            }
            world.clock.set(occasion(3).now)
            try await world.runJobs()
            let last = Instant(start.date.adding(months: 3), hour: 23, minute: 59)
            world.clock.set(last)
            try await world.runJobs()
            #expect(try await database.read { try Seals.find(seal.id, in: $0)?.state } == .made)
            world.clock.set(last + Instant.minute)
            try await world.runJobs()
            let steps = try await database.read { try Seals.history(of: seal.id, in: $0) }
            #expect(steps.last?.state == .voided && steps.last?.reason == "unclaimed")
        }
    }

    @Test("a registration brings its seals; a withdrawn record ends its seal, another name makes it anew")
    func followed() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let authority = world.workshop.authority
            let granted = try await issue(draft("seal-finance"), by: authority, on: database)
            let other = try await issue(draft("seal-invoice"), by: authority, on: database)
            _ = try await issue(draft(), by: authority, on: database)
            try await world.runJobs()
            let seals = try await database.read { try Seals.owned(by: company.code, in: $0) }
            #expect(Set(seals.map(\.code)) == [granted.record.sealCode, other.record.sealCode])
            #expect(seals.allSatisfy { $0.state == .approved })
            try await database.write { tx in
                try Seals.record(
                    filings: ["seal-finance": "1502030000001"],
                    of: company.code,
                    occasion: occasion(5),
                    in: tx
                )
                _ = try Credentials.apply(.withdraw, to: other.id, reason: "r", occasion: occasion(6), in: tx)
            }
            world.clock.set(occasion(7).now)
            try await world.runJobs()
            let after = try await database.read { reader in
                try [granted, other].map { credential in
                    try Seals.find(code: try #require(credential.record.sealCode), in: reader)?.state
                }
            }
            #expect(after == [.made, .voided])
            let change = try await authority.prepareChange(
                of: granted,
                to: draft("seal-finance", name: "包头市新名商贸有限公司"),
                occasion: occasion(60)
            )
            try await database.write { _ = try Credentials.store(change, occasion: occasion(60), in: $0) }
            world.clock.set(occasion(61).now)
            try await world.runJobs()
            let codes = try [granted.record.sealCode, change.record.sealCode].map { try #require($0) }
            let (old, new) = try await database.read { reader in
                let seals = try codes.map { try #require(try Seals.find(code: $0, in: reader)) }
                return (seals[0], seals[1])
            }
            #expect(old.state == .voided && new.state == .approved && old.replacedBy == new.id)
            #expect(new.owner.name == "包头市新名商贸有限公司" && new.number == old.number)
        }
    }
}
