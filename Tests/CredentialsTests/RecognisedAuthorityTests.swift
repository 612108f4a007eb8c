import Credentials
import Cryptography
import ElectronicSeals
import Foundation
import Identity
import Kernel
import Storage
import TestSupport
import Testing

/// Another province's authority with a person and an enterprise below it, in both schemes.
private struct Neighbour {
    let national: CertificateAuthority
    let international: P256Authority
    let stamps: TimestampAuthority

    private static func request(_ name: String, organization: String? = nil, years: Int = 5)
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

    private func official(_ minutes: Int64, _ who: String) -> Occasion {
        Occasion(
            now: start + minutes * Instant.minute,
            actor: Actor(.staff, id: who, role: "head"),
            request: "o\(minutes)"
        )
    }

    private func draft(
        _ pem: String,
        holders: Set<Holder.Kind> = [.person, .enterprise],
        areas: [String] = []
    ) -> AuthorityDraft {
        AuthorityDraft(
            name: "邻省 CA",
            certificates: pem,
            holders: holders,
            areas: areas,
            from: start.date,
            until: nil
        )
    }

    /// Proposed by one, confirmed by another.
    @discardableResult
    private func recognise(_ draft: AuthorityDraft, in world: CertificateWorld, minutes: Int64 = 10)
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

    private func move(
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

    private func world(
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
