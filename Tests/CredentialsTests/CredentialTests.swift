import Audit
import Credentials
import Cryptography
import Foundation
import Jobs
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@Suite("credentials")
struct CredentialTests {
    @Test("licence and eight seals are issued in one transaction, signed, numbered, found")
    func issueAll() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let prepared = try await authority.prepare(
                (["business-licence"] + authority.types.seals.map(\.key)).map { draft($0) },
                occasion: occasion()
            )
            let stored = try await database.write { tx in
                try prepared.map { try Credentials.store($0, occasion: occasion(), in: tx) }
            }
            #expect(stored.count == 9)
            let seals = stored.compactMap(\.record.sealCode)
            #expect(seals.count == 8 && Set(seals).count == 8)
            #expect(seals.allSatisfy { $0.hasPrefix("150203") && $0.utf8.count == 14 })
            #expect(stored.allSatisfy { $0.record.identifier.isCheckValid })
            try await database.read { reader in
                #expect(try Credentials.held(by: company.code, in: reader) == stored.sorted { $0.id < $1.id })
                for credential in stored {
                    let record = credential.record
                    #expect(try Credentials.find(record.id, in: reader) == credential)
                    #expect(
                        try Credentials.find(identifier: record.identifier.description, in: reader)
                            == credential
                    )
                    #expect(try Credentials.find(code: record.code, in: reader) == credential)
                    if let seal = record.sealCode {
                        #expect(try Credentials.find(sealCode: seal, in: reader) == credential)
                    }
                    #expect(try AuditLog.history(of: "credential:\(record.id)", in: reader).count == 1)
                    let verdict = try CredentialVerifier(anchors: authority.anchors)
                        .verify(credential.file, at: start, in: reader)
                    #expect(verdict.isValid && verdict.proven.contains(.state(.valid)), "\(verdict)")
                }
            }
        }
    }

    @Test("numbers are never given twice, whoever asks and however often the program starts")
    func numbers() async throws {
        try await forEachEngine(migrations) { database in
            var codes: [String] = []
            for _ in 0..<3 {
                let sources = [
                    CredentialNumbers(database: database, blockSize: 7),
                    CredentialNumbers(database: database, blockSize: 3),
                ]
                try await withThrowingTaskGroup(of: [String].self) { group in
                    for source in sources + sources {
                        group.addTask {
                            var taken: [String] = []
                            for _ in 0..<25 { taken.append(try await source.sealCode(region: "150203")) }
                            return taken
                        }
                    }
                    for try await taken in group { codes += taken }
                }
            }
            #expect(codes.count == 300 && Set(codes).count == 300)
            await #expect(throws: CredentialError.badNumber) {
                try await CredentialNumbers(database: database).sealCode(region: "15020")
            }
        }
    }

    @Test("a change makes version 2, links both ways, and makes the old one lapse at once")
    func change() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let old = try await issue(draft(), by: authority, on: database)
            let change = try await authority.prepareChange(
                of: old,
                to: draft(name: "包头市新名商贸有限公司"),
                occasion: occasion(60)
            )
            let new = try await database.write {
                try Credentials.store(change, occasion: occasion(60), in: $0)
            }
            #expect(new.record.identifier.serial == old.record.identifier.serial)
            #expect(new.record.identifier.version == 2)
            #expect(new.record.replaces == old.record.identifier.description)
            try await database.read { reader in
                let kept = try #require(try Credentials.find(old.id, in: reader))
                #expect(kept.state == .replaced && kept.replacedBy == new.record.identifier.description)
                #expect(
                    try Credentials.state(of: kept, at: start + 59 * Instant.minute, in: reader) == .valid
                )
                #expect(
                    try Credentials.state(of: kept, at: start + 60 * Instant.minute, in: reader) == .replaced
                )
                #expect(try Credentials.state(of: new, at: start, in: reader) == nil)
                let verdict = try CredentialVerifier(anchors: authority.anchors)
                    .verify(old.file, at: start + 61 * Instant.minute, in: reader)
                #expect(verdict.problems == [.state(.replaced)])
            }
            // The same change prepared twice: the second finds another version.
            await #expect(throws: (any Error).self) {
                try await database.write { _ = try Credentials.store(change, occasion: occasion(60), in: $0) }
            }
            await #expect(throws: CredentialError.notAllowed(event: "replace", state: .replaced)) {
                let kept = try #require(try await database.read { try Credentials.find(old.id, in: $0) })
                _ = try await authority.prepareChange(of: kept, to: draft(), occasion: occasion(70))
            }
        }
    }

    @Test("a change loses against a suspension that came in between")
    func staleChange() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let old = try await issue(draft(), by: authority, on: database)
            let change = try await authority.prepareChange(of: old, to: draft(), occasion: occasion(1))
            try await database.write {
                _ = try Credentials.apply(
                    .suspend,
                    to: old.id,
                    reason: "包市监扣〔2026〕1号",
                    occasion: occasion(2),
                    in: $0
                )
            }
            await #expect(throws: CredentialError.stale) {
                try await database.write { _ = try Credentials.store(change, occasion: occasion(3), in: $0) }
            }
            let held = try await database.read { try Credentials.held(by: company.code, in: $0) }
            #expect(held.count == 1, "nothing half-saved")
        }
    }

    @Test("the state is known for every past moment, withdrawal may reach back, undoing it restores")
    func history() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let credential = try await issue(draft(), by: authority, on: database)
            let steps: [(CredentialEvent, Int64)] = [
                (.suspend, 10), (.resume, 20), (.withdraw, 30), (.reinstate, 40),
            ]
            for (event, minute) in steps {
                try await database.write {
                    _ = try Credentials.apply(
                        event,
                        to: credential.id,
                        reason: "d1",
                        occasion: occasion(minute),
                        in: $0
                    )
                }
            }
            func state(_ minute: Int64) async throws -> CredentialState? {
                try await database.read {
                    try Credentials.state(of: credential, at: start + minute * Instant.minute, in: $0)
                }
            }
            let expected: [(Int64, CredentialState?)] = [
                (-1, nil), (0, .valid), (15, .suspended), (25, .valid), (35, .withdrawn), (45, .valid),
            ]
            for (minute, wanted) in expected {
                #expect(try await state(minute) == wanted, "minute \(minute)")
            }
            try await database.write {
                _ = try Credentials.apply(
                    .revoke,
                    to: credential.id,
                    reason: "d2",
                    effective: start + 5 * Instant.minute,
                    occasion: occasion(50),
                    in: $0
                )
            }
            #expect(try await state(2) == .valid)
            #expect(try await state(55) == .revoked)
            let history = try await database.read { try Credentials.history(of: credential.id, in: $0) }
            #expect(history.map(\.state) == [.valid, .suspended, .valid, .withdrawn, .valid, .revoked])
            await #expect(throws: CredentialError.reason) {
                try await database.write {
                    _ = try Credentials.apply(
                        .reinstate,
                        to: credential.id,
                        reason: "",
                        occasion: occasion(60),
                        in: $0
                    )
                }
            }
            await #expect(throws: CredentialError.unknown) {
                try await database.write {
                    _ = try Credentials.apply(
                        .cancel,
                        to: ID("none"),
                        reason: "x",
                        occasion: occasion(60),
                        in: $0
                    )
                }
            }
        }
    }

    @Test(
        "every event from every state: what is allowed and what is refused",
        arguments: CredentialState.allCases
    )
    func machine(state: CredentialState) {
        let allowed: [CredentialState: [CredentialEvent: CredentialState]] = [
            .valid: [
                .suspend: .suspended, .replace: .replaced, .cancel: .cancelled, .withdraw: .withdrawn,
                .revoke: .revoked, .transfer: .transferred, .setAside: .other,
            ],
            .suspended: [
                .resume: .valid, .cancel: .cancelled, .withdraw: .withdrawn, .revoke: .revoked,
                .setAside: .other,
            ],
            .other: [.resume: .valid, .cancel: .cancelled, .withdraw: .withdrawn, .revoke: .revoked],
            .withdrawn: [.reinstate: .valid], .revoked: [.reinstate: .valid],
        ]
        for event in CredentialEvent.allCases {
            if let next = allowed[state]?[event] {
                #expect((try? state.after(event)) == next)
            } else {
                #expect(throws: CredentialError.notAllowed(event: event.rawValue, state: state)) {
                    try state.after(event)
                }
            }
        }
    }

    @Test("a seal runs out after five years, on the day after its last")
    func expiry() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let seal = try await issue(draft("seal-finance"), by: authority, on: database)
            let last = try #require(seal.record.validUntil)
            #expect(last == start.date.adding(months: 60).adding(days: -1))
            #expect(seal.state(on: last) == .valid && seal.state(on: last.adding(days: 1)) == .expired)
            let verifier = CredentialVerifier(anchors: authority.anchors)
            #expect(verifier.verify(seal.file, at: Instant(last, hour: 23, minute: 59)).isValid)
            #expect(verifier.verify(seal.file, at: Instant(last.adding(days: 1))).problems == [.expired])
            #expect(verifier.verify(seal.file, at: start + -Instant.day).problems == [.notYetValid])
        }
    }

    @Test("offline the verdict says what is proven and what only claimed")
    func offline() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let licence = try await issue(draft(), by: authority, on: database)
            let verdict = CredentialVerifier(anchors: authority.anchors).verify(licence.file, at: start)
            #expect(verdict.isValid)
            #expect(
                verdict.proven.map(\.code) == [
                    "credential.signed", "credential.trusted", "credential.in-period",
                ]
            )
            #expect(verdict.claimed == [.claimedTime(start), .stateUnknown])
            #expect(verdict.record?.holder == company)
            let stranger = try CertificateAuthority.root(
                .init(
                    subject: DistinguishedName(commonName: "x"),
                    serial: [1],
                    validFrom: start,
                    validUntil: start + Instant.day
                )
            ).certificate
            let foreign = CredentialVerifier(anchors: [stranger]).verify(licence.file, at: start)
            #expect(foreign.problems == [.certificate(.untrusted)] && foreign.proven.isEmpty)
        }
    }

    @Test("each changed byte of a credential file is refused")
    func changedBytes() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let file = try await issue(draft(), by: authority, on: database).file
            let verifier = CredentialVerifier(anchors: authority.anchors)
            #expect(verifier.verify(file, at: start).isValid)
            for index in file.indices {
                for change in [0x01, 0x20] as [UInt8] {
                    var changed = file
                    changed[index] ^= change
                    #expect(!verifier.verify(changed, at: start).isValid, "byte \(index) ^ \(change)")
                }
            }
            #expect(!verifier.verify(file + [0x0A], at: start).isValid)
            #expect(verifier.verify([], at: start).problems == [.format])
        }
    }

    @Test("a record in another body's name is refused though well signed")
    func otherIssuer() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let licence = try await issue(draft(), by: authority, on: database)
            // The same platform's other issuer signs a record that names the registrar.
            let other = try authority.identity(of: IssuingBody(code: "150204", name: "别处"), now: start)
            // Somebody whose certificate bears the registrar's name and code, but is for signatures of his own.
            let body = licence.record.issuer
            func namesake(for purpose: Certificate.Purpose) throws -> SigningIdentity {
                try authority.keys.issuing.identity(
                    .init(
                        subject: DistinguishedName(
                            organization: body.name,
                            commonName: body.name,
                            serialNumber: body.code
                        ),
                        serial: [1],
                        validFrom: start + -Instant.day,
                        validUntil: start + Instant.day
                    ),
                    for: purpose
                )
            }
            func forged(by signer: SigningIdentity) throws -> [UInt8] {
                let signature = try signer.key.sign(
                    Array("suban-credential-1\n".utf8) + licence.record.bytes
                )
                return JSON.object([
                    "certificates": .array(
                        ([signer.certificate] + signer.issuers.dropLast()).map {
                            .string(Base64.encode($0.der))
                        }
                    ),
                    "format": "suban-credential-1",
                    "record": .string(String(decoding: licence.record.bytes, as: UTF8.self)),
                    "signature": .string(Base64.encode(signature)),
                ]).canonicalBytes
            }
            let verifier = CredentialVerifier(anchors: authority.anchors)
            #expect(verifier.verify(try forged(by: other), at: start).problems == [.issuer])
            for purpose in [Certificate.Purpose.signatures, .log] {
                let file = try forged(by: namesake(for: purpose))
                #expect(verifier.verify(file, at: start).problems == [.issuer], "\(purpose)")
            }
            #expect(verifier.verify(try forged(by: namesake(for: .licences)), at: start).isValid)
        }
    }

    @Test("a public code finds every single wrong character and reads what people type")
    func verificationCode() throws {
        let code = VerificationCode(random: SeededEntropy(seed: 11).bytes(8))
        #expect(VerificationCode(parsing: code.description) == code)
        #expect(VerificationCode(parsing: code.description.lowercased()) == code)
        #expect(VerificationCode(parsing: " " + code.rawValue) == code)
        #expect(code.path == "/v/\(code.rawValue)")
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        for index in 0..<13 {
            for other in alphabet {
                var characters = Array(code.rawValue)
                guard characters[index] != other else { continue }
                characters[index] = other
                #expect(VerificationCode(parsing: String(characters)) == nil, "\(String(characters))")
            }
        }
        #expect(VerificationCode(parsing: "") == nil)
        #expect(VerificationCode(parsing: code.rawValue + "0") == nil)
    }

    @Test("a bad table of types is refused with file and line")
    func types() throws {
        #expect(try CredentialTypes(home: try Home.find()).seals.count == 8)
        let none = try LicenceTypes(files: [])
        let head = "key\tcategory\tcode\tseal_type\tname_zh\tname_en\tholder\tvalid_years\tcertainty\n"
        let good = "a\tseal\t111500000115113838001\t1\t章\tSeal\tenterprise\t5\tassumed\n"
        #expect(throws: CredentialError.types("t:3: a stands there twice")) {
            try CredentialTypes(tsv: head + good + good, file: "t", licences: none)
        }
        #expect(
            throws: CredentialError.types("t:2: category must be seal; a licence has a file of its own")
        ) {
            try CredentialTypes(
                tsv: head + good.replacing("seal\t1", with: "x\t1"),
                file: "t",
                licences: none
            )
        }
        #expect(throws: CredentialError.types("t:2: valid_years is no number from 1 to 99")) {
            try CredentialTypes(tsv: head + good.replacing("\t5\t", with: "\t0\t"), file: "t", licences: none)
        }
        #expect(throws: CredentialError.types("t:2: key, names, and a code of 21 characters are needed")) {
            try CredentialTypes(tsv: head + good.replacing("838001", with: "8"), file: "t", licences: none)
        }
    }
}
