import Audit
import Credentials
import Cryptography
import Documents
import ElectronicSeals
import Foundation
import Identity
import Jobs
import Kernel
import Storage
import TestSupport
import Testing

/// A world of seals with the office of certificates beside it.
struct CertificateWorld {
    let seals: SealWorld
    let office: CertificateOffice

    static let terms = CertificateTerms(
        openMax: 2,
        years: 2,
        renewalDays: 60,
        listHours: 168,
        listOverlapHours: 24
    )

    init(_ database: any Database) async throws {
        seals = try await SealWorld(database)
        office = CertificateOffice(
            database: database,
            authority: seals.workshop.authority,
            terms: { _ in Self.terms }
        )
        try await office.lists.publishDue(occasion: occasion())
    }

    var database: any Database { seals.database }
    var keys: PlatformKeys { seals.workshop.authority.keys }

    func issue(to holder: Holder = company, by person: ID<Person>, at now: Occasion = occasion(1))
        async throws
        -> HolderCertificate
    {
        try await office.issue(to: holder, by: person, occasion: now)
    }

    /// Everything that is due at a moment.
    func runJobs(at now: Instant) async throws {
        seals.clock.set(now)
        try await JobRunner(
            database: database,
            clock: seals.clock,
            kinds: [office.lists.jobKind(clock: seals.clock, entropy: SystemEntropy())]
                + seals.workshop.jobKinds(clock: seals.clock, entropy: SystemEntropy()),
            subscribers: [
                Certificates.follower(keys: keys, clock: seals.clock), Seals.follower(clock: seals.clock),
            ]
        ).runUntilQuiet()
    }

    func list(_ issuer: String = "sm2-1") async throws -> (kept: PublishedList, read: RevocationList<SM2>) {
        let kept = try await database.read { try RevocationLists.published(of: issuer, in: $0) }
        let list = try #require(kept)
        return (list, try RevocationList<SM2>(der: list.der, limits: .init(bytes: 1 << 20, entries: 1_000)))
    }

    func find(_ certificate: HolderCertificate) async throws -> HolderCertificate {
        try #require(try await database.read { try Certificates.find(certificate.id, in: $0) })
    }
}

func occasion(days: Int64, _ person: String = "s1") -> Occasion {
    Occasion(
        now: start + days * Instant.day,
        actor: Actor(.staff, id: person, role: "registrar"),
        request: "d\(days)"
    )
}

@Suite("certificates of persons and enterprises")
struct HolderCertificateTests {
    private static let document = Array("合同正文".utf8)

    private func world(_ engine: DatabaseEngine, _ work: @Sendable (CertificateWorld) async throws -> Void)
        async throws
    {
        try await withDatabase(engine, sealMigrations + CertificateMigrations.all) { database in
            try await work(try await CertificateWorld(database))
        }
    }

    @Test("whoever acts for the holder gets one, as many as there may be", arguments: DatabaseEngine.allCases)
    func issued(engine: DatabaseEngine) async throws {
        try await world(engine) { world in
            let one = try await world.issue(by: world.seals.clerk)
            let certificate = try Certificate(der: one.der)
            #expect(certificate.subject.serialNumber == company.code && certificate.isFor(.signatures))
            #expect(one.issuer == "sm2-1" && one.state(at: occasion(2).now) == .valid)
            #expect(
                certificate.check(
                    others: [world.keys.issuing.certificate],
                    anchors: [world.keys.root],
                    at: occasion(2).now
                ).isTrusted
            )
            _ = try await world.issue(by: world.seals.clerk)
            await #expect(throws: CertificateError.tooMany(max: 2)) {
                _ = try await world.issue(by: world.seals.clerk)
            }
            await #expect(throws: CertificateError.notHis) {
                _ = try await world.issue(by: world.seals.stranger)
            }
            // In one's own name nobody else's.
            let person = Holder(.person, code: world.seals.boss.rawValue, name: "张三")
            _ = try await world.issue(to: person, by: world.seals.boss)
            await #expect(throws: CertificateError.notHis) {
                _ = try await world.issue(to: person, by: world.seals.clerk)
            }
        }
    }

    @Test(
        "a signature holds for the document and no other, with the time proven",
        arguments: DatabaseEngine.allCases
    )
    func signs(engine: DatabaseEngine) async throws {
        try await world(engine) { world in
            let one = try await world.issue(by: world.seals.clerk)
            let bytes = try await world.office.sign(
                Self.document,
                named: "合同",
                with: one.id,
                by: world.seals.clerk,
                occasion: occasion(5)
            )
            let envelope = try SignedEnvelope(der: bytes)
            try envelope.checkValue(of: Self.document)
            #expect(throws: VerificationProblem(.documentHash, "messageDigest")) {
                try envelope.checkValue(of: Self.document + [0])
            }
            let token = try #require(envelope.timestamp.flatMap(TimestampToken.init(der:)))
            #expect(token.time == occasion(5).now && envelope.signer == one.der)
            let uses = try await world.database.read { try Certificates.uses(of: one.id, in: $0) }
            #expect(uses.map(\.name) == ["合同"] && uses[0].digest == Hex.encode(SM3.digest(Self.document)))
            await #expect(throws: CertificateError.notHis) {
                _ = try await world.office.sign(
                    Self.document,
                    named: "合同",
                    with: one.id,
                    by: world.seals.accountant,
                    occasion: occasion(5)
                )
            }
        }
    }

    @Test(
        "it is renewed in its last days only, once, and both are good meanwhile",
        arguments: DatabaseEngine.allCases
    )
    func renewed(engine: DatabaseEngine) async throws {
        try await world(engine) { world in
            let person = Holder(.person, code: world.seals.boss.rawValue, name: "张三")
            let one = try await world.issue(to: person, by: world.seals.boss)
            await #expect(throws: CertificateError.notDue(days: 60)) {
                _ = try await world.office.renew(one.id, by: world.seals.boss, occasion: occasion(days: 300))
            }
            let late = occasion(days: 700)
            let next = try await world.office.renew(one.id, by: world.seals.boss, occasion: late)
            #expect(next.replaces == one.id && next.validUntil > one.validUntil && next.serial != one.serial)
            #expect(one.state(at: late.now) == .valid && next.state(at: late.now) == .valid)
            #expect(try Certificate(der: next.der).publicKey != Certificate(der: one.der).publicKey)
            await #expect(throws: CertificateError.notInForce) {
                _ = try await world.office.renew(one.id, by: world.seals.boss, occasion: late)
            }
        }
    }

    @Test("its owner revokes it, and the next list says so at once", arguments: DatabaseEngine.allCases)
    func revoked(engine: DatabaseEngine) async throws {
        try await world(engine) { world in
            let one = try await world.issue(by: world.seals.clerk)
            let before = try await world.list()
            #expect(before.kept.number == 1 && before.read.count == 0)
            // The accountant acts for the firm, but the certificate is in the clerk's hands.
            await #expect(throws: CertificateError.notHis) {
                try await world.database.write { [seals = world.seals] tx in
                    try Certificates.revoke(
                        one.id,
                        .superseded,
                        by: seals.accountant,
                        occasion: occasion(9),
                        in: tx
                    )
                }
            }
            try await world.database.write { [seals = world.seals] tx in
                try Certificates.revoke(one.id, .keyCompromise, by: seals.boss, occasion: occasion(9), in: tx)
            }
            #expect(try await world.find(one).state(at: occasion(9).now) == .revoked)
            try await world.runJobs(at: occasion(9).now)
            let after = try await world.list()
            #expect(after.kept.number == 2 && after.read.isSigned(by: world.keys.issuing.certificate))
            let certificate = try Certificate(der: one.der)
            #expect(
                after.read.status(of: certificate, at: occasion(10).now)
                    == .revoked(at: occasion(9).now, .keyCompromise)
            )
            #expect(after.read.status(of: certificate, at: occasion(8).now) == .good)
            await #expect(throws: CertificateError.notInForce) {
                _ = try await world.office.sign(
                    Self.document,
                    named: "合同",
                    with: one.id,
                    by: world.seals.clerk,
                    occasion: occasion(10)
                )
            }
        }
    }

    @Test(
        "an agent's dismissal ends his certificates, a firm's cancellation all of them, a seal's end that of the seal",
        arguments: DatabaseEngine.allCases
    )
    func followed(engine: DatabaseEngine) async throws {
        try await world(engine) { world in
            let seals = world.seals
            let clerks = try await world.issue(by: seals.clerk)
            let bosses = try await world.issue(by: seals.boss)
            let rights = try await world.database.read {
                try Enterprises.authorisations(of: company.code, in: $0)
            }
            let right = try #require(rights.first { $0.agent == seals.clerk })
            try await world.database.write { tx in
                try Enterprises.revoke(right.id, by: seals.boss, occasion: occasion(20), in: tx)
            }
            try await world.runJobs(at: occasion(21).now)
            #expect(try await world.find(clerks).reason == .affiliationChanged)
            #expect(try await world.find(bosses).revokedAt == nil)
            let seal = try await seals.activeSeal()
            let made = try #require(seal.made)
            try await seals.move(seal.id, .lose, minutes: 40)
            try await world.runJobs(at: occasion(41).now)
            let list = try await world.list()
            let own = try #require(try Self.signer(of: made.bytes))
            #expect(
                list.read.status(of: own, at: occasion(60).now)
                    == .revoked(at: occasion(41).now, .keyCompromise)
            )
            try await world.database.write { tx in
                try Enterprises.move(company.code, to: .cancelled, occasion: occasion(50), in: tx)
            }
            try await world.runJobs(at: occasion(51).now)
            #expect(try await world.find(bosses).reason == .cessationOfOperation)
        }
    }

    @Test(
        "a seal's end after the stamp does no harm, before it the list is enough",
        arguments: DatabaseEngine.allCases
    )
    func atSigningTime(engine: DatabaseEngine) async throws {
        try await world(engine) { world in
            let seals = world.seals
            let seal = try await seals.activeSeal()
            let name = "seal-\(try #require(seal.code))"
            let signer = try #require(try world.keys.store.identity(named: name, of: .holder))
            let stamps = seals.workshop.authority.stamps(at: start)
            func sealed(_ minutes: Int64) throws -> [UInt8] {
                let now = occasion(minutes).now
                return try OFDSigner.seal(
                    Package(reading: SealWorld.document(), limits: SealWorld.limits),
                    with: .init(
                        seal: try ElectronicSeal(der: try #require(seal.made).bytes),
                        signer: signer,
                        places: [.init(page: "1", x: 130, y: 220, width: 40, height: 40)]
                    ),
                    at: now,
                    isLocking: true,
                    timestamp: { value throws(CryptographyError) in
                        try stamps.token(for: SM3.digest(value), .sm3, now: now)
                    }
                ).zipped()
            }
            try await seals.move(seal.id, .lose, minutes: 40)
            try await world.runJobs(at: occasion(41).now)
            let revoked = try Revocations(
                reading: [try await world.list().kept.der],
                limits: LicenceFileTests.limits.lists
            )
            func classes(_ file: [UInt8], _ lists: Revocations) -> [String?] {
                FileVerifier(
                    anchors: seals.workshop.authority.trust,
                    revocation: lists,
                    moment: occasion(100).now,
                    limits: LicenceFileTests.limits
                ).verify(file).problems.map(\.classCode)
            }
            #expect(classes(try sealed(30), revoked) == [])
            #expect(classes(try sealed(50), revoked) == ["SIGNER_CERT_REVOKED"])
            #expect(classes(try sealed(50), Revocations()) == [], "nobody told")
        }
    }

    @Test("a firm that was renamed renews in its present name", arguments: DatabaseEngine.allCases)
    func renamed(engine: DatabaseEngine) async throws {
        try await world(engine) { world in
            let old = try await world.issue(by: world.seals.clerk)
            try await world.database.write { try Enterprises.rename(company.code, to: "包头市新名商贸有限公司", in: $0) }
            let late = occasion(days: 2 * 365 - 30)
            let table = try PermissionTable(home: try .find())
            let limits = try IdentityLimits(home: try .find())
            try await world.database.write { tx in
                try Enterprises.authorise(
                    world.seals.clerk,
                    for: company.code,
                    scope: ["licence.use"],
                    from: late.now.date,
                    until: late.now.date.adding(months: 12),
                    by: world.seals.boss,
                    table: table,
                    limits: limits,
                    occasion: late,
                    in: tx
                )
            }
            let new = try await world.office.renew(old.id, by: world.seals.clerk, occasion: late)
            let certificate = try Certificate(der: new.der)
            #expect(new.holder.name == "包头市新名商贸有限公司")
            #expect(certificate.subject.commonName == new.holder.name)
            #expect(certificate.subject.organization == new.holder.name)
        }
    }

    @Test(
        "a dismissed agent's certificate ends however many are younger, and counts among those he has",
        arguments: DatabaseEngine.allCases
    )
    func many(engine: DatabaseEngine) async throws {
        try await world(engine) { world in
            let one = try await world.issue(by: world.seals.clerk)
            _ = try await world.issue(by: world.seals.clerk)
            // Younger ones that ended long ago.
            try await world.database.write { tx in
                for number in 0..<250 {
                    let id = "zz\(number)"
                    try tx.execute(
                        """
                        INSERT INTO certificate_holder (id, holder_kind, holder, holder_name, agent, issuer, serial,
                            der, valid_from, valid_until, issued_at, revoked_at, reason)
                        SELECT $1, holder_kind, holder, holder_name, agent, issuer, $1, der, valid_from,
                            valid_until, issued_at, issued_at, 0 FROM certificate_holder WHERE id = $2
                        """,
                        id,
                        one.id
                    )
                }
            }
            await #expect(throws: CertificateError.tooMany(max: 2)) {
                _ = try await world.issue(by: world.seals.clerk, at: occasion(2))
            }
            let found = try await world.database.read {
                try Enterprises.authorisations(of: company.code, in: $0)
            }.first { $0.agent == world.seals.clerk }
            let authorisation = try #require(found)
            try await world.database.write { [boss = world.seals.boss] tx in
                try Enterprises.revoke(authorisation.id, by: boss, occasion: occasion(10), in: tx)
            }
            try await world.runJobs(at: occasion(11).now)
            #expect(try await world.find(one).state(at: occasion(12).now) == .revoked)
        }
    }

    private static func signer(of seal: [UInt8]) throws -> Certificate? {
        guard case .certificates(let all) = try ElectronicSeal(der: seal).content.signers else { return nil }
        return try all.first.map { try Certificate(der: $0) }
    }

    @Test(
        "lists are numbered, renewed before they end, and signed by each family",
        arguments: DatabaseEngine.allCases
    )
    func renewedLists(engine: DatabaseEngine) async throws {
        try await world(engine) { world in
            let first = try await world.list()
            #expect(first.kept.nextUpdate == start + 168 * Instant.hour)
            try await world.runJobs(at: start + 143 * Instant.hour)
            #expect(try await world.list().kept.number == 1)
            try await world.runJobs(at: start + 144 * Instant.hour)
            let second = try await world.list()
            #expect(second.kept.number == 2 && second.read.number == 2)
            #expect(second.kept.thisUpdate < first.kept.nextUpdate)
            let other = try #require(
                try await world.database.read { try RevocationLists.published(of: "p256-1", in: $0) }
            )
            let read = try RevocationList<P256>(der: other.der, limits: .init(bytes: 1 << 20, entries: 1_000))
            #expect(read.isSigned(by: world.keys.international.authorities[0].certificate))
            // Nobody published for a month: the platform's own checks go on with a list of now.
            let late = start + 40 * Instant.day
            let current = try await world.database.read { [lists = world.office.lists] in
                try lists.current(at: late, in: $0)
            }
            #expect(current.national.allSatisfy { $0.nextUpdate > late } && current.national.count == 1)
        }
    }
}
