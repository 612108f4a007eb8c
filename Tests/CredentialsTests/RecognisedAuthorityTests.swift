import Credentials
import Cryptography
import ElectronicSeals
import Foundation
import Identity
import Kernel
import Storage
import Synchronization
import TestSupport
import Testing

/// Another province's authority with a person and an enterprise below it, in both schemes.
struct Neighbour {
    let national: CertificateAuthority
    let international: P256Authority
    let stamps: TimestampAuthority

    static func request(_ name: String, organization: String? = nil, years: Int = 5)
        -> CertificateRequest
    {
        CertificateRequest(
            subject: DistinguishedName(
                organization: organization,
                commonName: name,
                serialNumber: organization == nil ? "1" : "91150100MA0N00000X"
            ),
            serial: SystemEntropy().bytes(16),
            validFrom: start + -Instant.day,
            validUntil: Instant(start.date.adding(months: 12 * years))
        )
    }

    init(stamps: TimestampAuthority) throws {
        national = try CertificateAuthority.root(Self.request("邻省 SM2 Root"))
        international = try P256Authority.root(Self.request("邻省 P-256 Root"))
        self.stamps = stamps
    }

    var pem: String { national.certificate.pem + international.certificate.pem }

    func person() throws -> SigningIdentity {
        try national.identity(Self.request("王五"), for: .signatures)
    }

    func firm() throws -> SigningIdentity {
        try national.identity(Self.request("邻省商贸有限公司", organization: "邻省商贸有限公司", years: 1), for: .signatures)
    }

    /// Whoever stamps in the neighbour's own name.
    func ownStamps() throws -> TimestampAuthority {
        let stamper = try international.identity(Self.request("邻省时间戳"), for: .timestamps)
        return TimestampAuthority(
            stamper,
            policy: TimestampPolicy(identifier: "1.2.3.4", accuracyMilliseconds: 1_000)
        )
    }

    func sign(
        _ document: [UInt8],
        by signer: SigningIdentity,
        at now: Instant,
        stamps: TimestampAuthority? = nil
    ) throws -> [UInt8] {
        let stamps = stamps ?? self.stamps
        return try SignedEnvelope.sign(document, by: signer, at: now) { value throws(CryptographyError) in
            try stamps.token(for: SM3.digest(value), .sm3, now: now)
        }
    }
}

@Suite("authorities of others side by side")
struct RecognisedAuthorityTests {
    private static let document = Array("投标文件".utf8)

    func official(_ minutes: Int64, _ who: String) -> Occasion {
        Occasion(
            now: start + minutes * Instant.minute,
            actor: Actor(.staff, id: who, role: "head"),
            request: "o\(minutes)"
        )
    }

    func draft(
        _ pem: String,
        holders: Set<Holder.Kind> = [.person, .enterprise],
        areas: [String] = [],
        makers: [SealMaker] = []
    ) -> AuthorityDraft {
        AuthorityDraft(
            name: "邻省 CA",
            certificates: pem,
            holders: holders,
            areas: areas,
            makers: makers,
            from: start.date,
            until: nil
        )
    }

    /// Proposed by one, confirmed by another.
    @discardableResult
    func recognise(_ draft: AuthorityDraft, in world: CertificateWorld, minutes: Int64 = 10)
        async throws
        -> RecognisedAuthority
    {
        try await world.database.write { tx in
            let proposal = try TrustDesk.propose(
                recognising: draft,
                because: "互认协议 2026-1",
                occasion: official(minutes, "a"),
                in: tx
            )
            try TrustDesk.decide(proposal.id, isConfirmed: true, occasion: official(minutes, "b"), in: tx)
        }
        return try #require(try await world.database.read { try TrustDesk.authorities(in: $0).last })
    }

    func move(
        _ authority: RecognisedAuthority,
        _ act: TrustAct,
        in world: CertificateWorld,
        minutes: Int64
    ) async throws {
        try await world.database.write { tx in
            let proposal = try TrustDesk.propose(
                act,
                for: authority.id,
                because: "通报",
                occasion: official(minutes, "a"),
                in: tx
            )
            try TrustDesk.decide(proposal.id, isConfirmed: true, occasion: official(minutes, "b"), in: tx)
        }
    }

    private func classes(
        of signature: [UInt8],
        in world: CertificateWorld,
        for use: SignatureUse = SignatureUse(),
        minutes: Int64 = 500
    ) async throws -> [String] {
        let trust = try await world.database.read {
            try RecognisedTrust(limits: .init(bytes: 1 << 20, entries: 100), in: $0)
        }
        let verifier = FileVerifier(
            anchors: world.seals.workshop.authority.trust,
            recognised: trust,
            moment: official(minutes, "x").now,
            limits: LicenceFileTests.limits
        )
        return verifier.verify(Self.document, signature: signature, for: use).problems.map {
            $0.classCode ?? $0.code
        }
    }

    func world(
        _ engine: DatabaseEngine,
        _ work: @Sendable (CertificateWorld, Neighbour) async throws -> Void
    ) async throws {
        try await withDatabase(engine, sealMigrations + CertificateMigrations.all) { database in
            let world = try await CertificateWorld(database)
            let stamps = world.seals.workshop.authority.stamps(at: start)
            try await work(world, try Neighbour(stamps: stamps))
        }
    }

    @Test(
        "a signature counts by what its authority was on the day of the stamp, with a class where it does not",
        arguments: DatabaseEngine.allCases
    )
    func judged(engine: DatabaseEngine) async throws {
        try await world(engine) { world, neighbour in
            func signed(_ minutes: Int64, by signer: SigningIdentity) throws -> [UInt8] {
                try neighbour.sign(Self.document, by: signer, at: official(minutes, "x").now)
            }
            let (person, firm) = (try neighbour.person(), try neighbour.firm())
            let early = try signed(5, by: firm)
            #expect(try await classes(of: early, in: world) == ["SIGNER_CERT_UNTRUSTED"])
            let authority = try await recognise(
                draft(neighbour.pem, holders: [.enterprise], areas: ["150200"]),
                in: world
            )
            let good = try signed(20, by: firm)
            #expect(try await classes(of: good, in: world) == [])
            #expect(try await classes(of: early, in: world) == ["CA_STATE"], "made before it was recognised")
            #expect(try await classes(of: try signed(20, by: person), in: world) == ["CA_PURPOSE"])
            let elsewhere = SignatureUse(holder: .enterprise, region: "150100")
            #expect(try await classes(of: good, in: world, for: elsewhere) == ["CA_PURPOSE"])
            let here = SignatureUse(holder: .enterprise, region: "150203")
            #expect(try await classes(of: good, in: world, for: here) == [])
            #expect(try await classes(of: good, in: world, for: .init(holder: .person)) == ["CA_PURPOSE"])
            try await move(authority, .suspend, in: world, minutes: 100)
            #expect(try await classes(of: good, in: world) == [], "stamped before it was suspended")
            let late = try signed(120, by: firm)
            #expect(try await classes(of: late, in: world) == ["CA_STATE"])
            try await move(authority, .resume, in: world, minutes: 200)
            #expect(try await classes(of: late, in: world) == ["CA_STATE"], "it was suspended then")
            #expect(try await classes(of: try signed(220, by: firm), in: world) == [])
            try await move(authority, .withdraw, in: world, minutes: 300)
            #expect(try await classes(of: try signed(320, by: firm), in: world) == ["CA_STATE"])
            #expect(try await classes(of: good, in: world) == [])
        }
    }

    @Test("whoever was withdrawn stamps nothing any more, not with a time from before either")
    func ownStamps() async throws {
        try await world(.sqlite) { world, neighbour in
            let authority = try await recognise(draft(neighbour.pem), in: world)
            let signature = try neighbour.sign(
                Self.document,
                by: try neighbour.firm(),
                at: official(20, "x").now,
                stamps: try neighbour.ownStamps()
            )
            #expect(try await classes(of: signature, in: world) == [])
            try await move(authority, .suspend, in: world, minutes: 100)
            #expect(try await classes(of: signature, in: world) != [])
            try await move(authority, .resume, in: world, minutes: 200)
            #expect(try await classes(of: signature, in: world) == [])
            try await move(authority, .withdraw, in: world, minutes: 300)
            #expect(try await classes(of: signature, in: world) != [])
        }
    }

    @Test("expired, revoked, changed, unstamped: each has its class", arguments: DatabaseEngine.allCases)
    func hostile(engine: DatabaseEngine) async throws {
        try await world(engine) { world, neighbour in
            let authority = try await recognise(draft(neighbour.pem), in: world)
            let firm = try neighbour.firm()
            let late = start + 2 * 366 * Instant.day
            let expired = try neighbour.sign(Self.document, by: firm, at: late)
            let minutes = (late - start) / Instant.minute
            #expect(try await classes(of: expired, in: world, minutes: minutes) == ["SIGNER_CERT_EXPIRED"])
            let before = try neighbour.sign(Self.document, by: firm, at: start + 20 * Instant.minute)
            let after = try neighbour.sign(Self.document, by: firm, at: start + 60 * Instant.minute)
            let entry = RevokedCertificate(
                serial: firm.certificate.serial,
                revokedAt: start + 40 * Instant.minute,
                reason: .keyCompromise
            )
            let list = try neighbour.national.revocationList(
                [entry],
                number: 1,
                thisUpdate: start,
                nextUpdate: start + 30 * Instant.day
            )
            try await world.database.write { tx in
                try TrustDesk.keep(
                    list,
                    of: authority.id,
                    limits: .init(bytes: 1 << 20, entries: 100),
                    occasion: official(50, "a"),
                    in: tx
                )
            }
            #expect(try await classes(of: before, in: world) == [], "stamped before it was revoked")
            #expect(try await classes(of: after, in: world) == ["SIGNER_CERT_REVOKED"])
            let plain = try DetachedSignature.make(
                over: Self.document,
                by: neighbour.international.identity(
                    CertificateRequest(
                        subject: DistinguishedName(commonName: "王五"),
                        serial: SystemEntropy().bytes(16),
                        validFrom: start,
                        validUntil: start + 300 * Instant.day
                    ),
                    for: .documents
                ),
                at: start + 20 * Instant.minute
            )
            #expect(try await classes(of: plain, in: world) == ["NOT_STAMPED"], "P-256 is read too")
            #expect(try await classes(of: plain + [0], in: world) == ["FORMAT"])
            var changed = before
            changed[changed.count - 10] ^= 1
            #expect(try await classes(of: changed, in: world) != [])
        }
    }

    private static let limits = RevocationLimits(bytes: 1 << 20, entries: 100)

    private func keep(
        _ entries: [RevokedCertificate],
        _ number: Int64,
        of neighbour: Neighbour,
        for authority: RecognisedAuthority,
        in world: CertificateWorld
    ) async throws {
        let now = official(30 + number, "a")
        let list = try neighbour.national.revocationList(
            entries,
            number: number,
            thisUpdate: now.now,
            nextUpdate: start + 30 * Instant.day
        )
        try await world.database.write { tx in
            try TrustDesk.keep(list, of: authority.id, limits: Self.limits, occasion: now, in: tx)
        }
    }

    @Test(
        "what an earlier list of an issuer proved stays proven, what was only held comes free",
        arguments: DatabaseEngine.allCases
    )
    func earlierLists(engine: DatabaseEngine) async throws {
        try await world(engine) { world, neighbour in
            let authority = try await recognise(draft(neighbour.pem), in: world)
            let firm = try neighbour.firm()
            func entry(_ reason: RevocationReason, _ minutes: Int64) -> RevokedCertificate {
                RevokedCertificate(
                    serial: firm.certificate.serial,
                    revokedAt: start + minutes * Instant.minute,
                    reason: reason
                )
            }
            func classes(_ minutes: Int64) async throws -> [String] {
                let signature = try neighbour.sign(
                    Self.document,
                    by: firm,
                    at: official(minutes, "x").now
                )
                return try await self.classes(of: signature, in: world)
            }
            let revoked = ["SIGNER_CERT_REVOKED"]
            try await keep([entry(.certificateHold, 31)], 1, of: neighbour, for: authority, in: world)
            #expect(try await classes(32) == revoked)
            // Left out: given free from then on. Each list is a minute after the one before.
            try await keep([], 5, of: neighbour, for: authority, in: world)
            #expect(try await classes(34) == revoked)
            #expect(try await classes(36) == [])
            try await keep([entry(.superseded, 37)], 7, of: neighbour, for: authority, in: world)
            #expect(try await classes(50) == revoked)
            // The issuer drops what expired, or tells a later day, or another authority's list comes.
            try await keep([], 9, of: neighbour, for: authority, in: world)
            #expect(try await classes(50) == revoked)
            #expect(try await classes(20) == [])
            try await keep([entry(.unspecified, 60)], 11, of: neighbour, for: authority, in: world)
            #expect(try await classes(50) == revoked)
            let other = try Neighbour(stamps: neighbour.stamps)
            let second = try await recognise(draft(other.pem), in: world, minutes: 11)
            try await keep([], 13, of: other, for: second, in: world)
            #expect(try await classes(50) == revoked)
            await #expect(throws: TrustError.badList, "older than the one that is kept") {
                try await keep([], 10, of: neighbour, for: authority, in: world)
            }
            await #expect(throws: TrustError.badList, "somebody else's") {
                try await keep([], 20, of: other, for: authority, in: world)
            }
            let ahead = try neighbour.national.revocationList(
                [],
                number: 99,
                thisUpdate: start + 10 * Instant.day,
                nextUpdate: start + 30 * Instant.day
            )
            await #expect(throws: TrustError.badList, "it would keep out all that come before its day") {
                try await world.database.write { tx in
                    try TrustDesk.keep(
                        ahead,
                        of: authority.id,
                        limits: Self.limits,
                        occasion: official(90, "a"),
                        in: tx
                    )
                }
            }
        }
    }

    @Test(
        "an authority has one entry at a time, and is judged by the one that was entered last by then",
        arguments: DatabaseEngine.allCases
    )
    func enteredAnew(engine: DatabaseEngine) async throws {
        try await world(engine) { world, neighbour in
            let firm = try neighbour.firm()
            func classes(_ minutes: Int64) async throws -> [String] {
                let signature = try neighbour.sign(Self.document, by: firm, at: official(minutes, "x").now)
                return try await self.classes(of: signature, in: world)
            }
            let old = try await recognise(draft(neighbour.pem), in: world)
            // The same root beside another certificate is the same authority.
            let other = try Neighbour(stamps: neighbour.stamps)
            let wider = draft(neighbour.national.certificate.pem + other.pem)
            await #expect(throws: TrustError.entered("邻省 CA")) {
                try await recognise(wider, in: world, minutes: 20)
            }
            func propose() async throws -> ID<TrustProposal> {
                try await world.database.write { tx in
                    try TrustDesk.propose(
                        recognising: draft(other.pem),
                        because: "协议",
                        occasion: official(21, "a"),
                        in: tx
                    ).id
                }
            }
            let waiting = try await propose()
            await #expect(throws: TrustError.alreadyProposed) { _ = try await propose() }
            try await world.database.write { tx in
                try TrustDesk.decide(waiting, isConfirmed: true, occasion: official(22, "b"), in: tx)
            }
            await #expect(throws: TrustError.entered("邻省 CA")) { _ = try await propose() }
            try await move(old, .withdraw, in: world, minutes: 100)
            #expect(try await classes(120) == ["CA_STATE"])
            #expect(try await classes(50) == [])
            try await recognise(draft(neighbour.pem), in: world, minutes: 200)
            #expect(try await classes(220) == [], "the newer entry counts")
            #expect(try await classes(120) == ["CA_STATE"])
            #expect(try await classes(50) == [])
        }
    }

    @Test("authorities and lists are read once for each change of them", arguments: DatabaseEngine.allCases)
    func remembered(engine: DatabaseEngine) async throws {
        try await world(engine) { world, neighbour in
            let asked = Mutex<[String]>([])
            let watched = WatchedDatabase(
                world.database,
                watch: DatabaseWatch(
                    slowAfter: .zero,
                    began: { _ in },
                    ended: { _ in },
                    slow: { slow in asked.withLock { $0.append(slow.statement) } },
                    grouped: { _ in }
                )
            )
            let office = world.office
            /// How many statements one check of a file asks, and how many of them read certificates or lists.
            func check() async throws -> (all: Int, heavy: Int) {
                asked.withLock { $0 = [] }
                try await watched.read { reader in
                    _ = try office.trust.recognised(limits: Self.limits, in: reader)
                    _ = try office.lists.current(at: official(50, "x").now, in: reader)
                }
                return asked.withLock { all in
                    (all.count, all.count { $0.contains("der") || $0.contains("certificates") })
                }
            }
            let authority = try await recognise(draft(neighbour.pem), in: world)
            try await keep([], 1, of: neighbour, for: authority, in: world)
            #expect(try await check().heavy > 0)
            let again = try await check()
            // The number of all changes, and of each own authority's list.
            #expect(again == (1 + world.keys.issuerIDs.count, 0))
            try await keep([], 2, of: neighbour, for: authority, in: world)
            #expect(try await check().heavy > 0)
            #expect(try await check().heavy == 0)
            // Another node learns of a withdrawal by the same number.
            let other = TrustMemory()
            let before = try await watched.read { try other.recognised(limits: Self.limits, in: $0) }
            try await move(authority, .withdraw, in: world, minutes: 60)
            let after = try await watched.read { try other.recognised(limits: Self.limits, in: $0) }
            #expect(!before.isEmpty && !after.isEmpty)
            let signature = try neighbour.sign(
                Self.document,
                by: try neighbour.firm(),
                at: official(70, "x").now
            )
            func classes(_ trust: RecognisedTrust) -> [String?] {
                FileVerifier(
                    anchors: world.seals.workshop.authority.trust,
                    recognised: trust,
                    moment: official(80, "x").now,
                    limits: LicenceFileTests.limits
                ).verify(Self.document, signature: signature).problems.map(\.classCode)
            }
            #expect(classes(before) == [])
            #expect(classes(after) == ["CA_STATE"])
            #expect(try await check().heavy > 0)
        }
    }

    @Test("two officials, never one; what cannot be read is not proposed", arguments: DatabaseEngine.allCases)
    func fourEyes(engine: DatabaseEngine) async throws {
        try await world(engine) { world, neighbour in
            let proposal = try await world.database.write { tx in
                try TrustDesk.propose(
                    recognising: draft(neighbour.pem),
                    because: "协议",
                    occasion: official(1, "a"),
                    in: tx
                )
            }
            await #expect(throws: TrustError.fourEyes) {
                try await world.database.write { tx in
                    try TrustDesk.decide(proposal.id, isConfirmed: true, occasion: official(2, "a"), in: tx)
                }
            }
            #expect(try await world.database.read { try TrustDesk.authorities(in: $0) } == [])
            try await world.database.write { tx in
                try TrustDesk.decide(proposal.id, isConfirmed: false, occasion: official(2, "a"), in: tx)
            }
            await #expect(throws: TrustError.stale) {
                try await world.database.write { tx in
                    try TrustDesk.decide(proposal.id, isConfirmed: true, occasion: official(3, "b"), in: tx)
                }
            }
            // A root waits once; whoever refuses says why, and both engines keep it.
            func propose(_ minutes: Int64) async throws -> TrustProposal {
                try await world.database.write { tx in
                    try TrustDesk.propose(
                        recognising: draft(neighbour.pem),
                        because: "协议",
                        occasion: official(minutes, "a"),
                        in: tx
                    )
                }
            }
            let again = try await propose(4)
            await #expect(throws: TrustError.alreadyProposed) { _ = try await propose(5) }
            try await world.database.write { tx in
                try TrustDesk.decide(
                    again.id,
                    isConfirmed: false,
                    because: "指纹不符",
                    occasion: official(6, "b"),
                    in: tx
                )
            }
            let (decided, answer) = try await world.database.read {
                (try TrustDesk.decided(in: $0).map(\.id), try TrustDesk.answer(to: again.id, in: $0))
            }
            #expect(decided == [again.id, proposal.id] && answer == "指纹不符")
            let leaf = try neighbour.firm().certificate.pem
            for pem in ["", "x", leaf, neighbour.pem + leaf] {
                await #expect(throws: TrustError.badCertificates) {
                    try await world.database.write { tx in
                        _ = try TrustDesk.propose(
                            recognising: draft(pem),
                            because: "协议",
                            occasion: official(4, "a"),
                            in: tx
                        )
                    }
                }
            }
        }
    }

    @Test("an official's revocation takes a second one", arguments: DatabaseEngine.allCases)
    func revoked(engine: DatabaseEngine) async throws {
        try await world(engine) { world, _ in
            let one = try await world.issue(by: world.seals.clerk)
            let proposal = try await world.database.write { tx in
                try TrustDesk.propose(
                    revoking: one.id,
                    .privilegeWithdrawn,
                    because: "函 2026-7",
                    occasion: official(5, "a"),
                    in: tx
                )
            }
            #expect(try await world.find(one).revokedAt == nil)
            try await world.database.write { tx in
                try TrustDesk.decide(proposal.id, isConfirmed: true, occasion: official(6, "b"), in: tx)
            }
            #expect(try await world.find(one).reason == .privilegeWithdrawn)
            try await world.runJobs(at: official(6, "b").now)
            #expect(try await world.list().read.count == 1)
        }
    }
}
