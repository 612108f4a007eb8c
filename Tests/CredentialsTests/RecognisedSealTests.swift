import Credentials
import Cryptography
import Documents
import ElectronicSeals
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// Seals that somebody else made: under a recognised authority, or with a key of the platform's own that is for something
/// else.
@Suite("who may make seals")
struct RecognisedSealTests {
    private let neighbours = RecognisedAuthorityTests()

    /// A document sealed by the neighbour's firm, with a seal that calls itself what it likes.
    private func sealed(
        as name: String,
        code: String,
        by signer: SigningIdentity,
        made maker: SigningIdentity,
        stamps: TimestampAuthority?,
        minutes: Int64 = 20
    ) throws -> (seal: ElectronicSeal, file: [UInt8]) {
        let now = neighbours.official(minutes, "x").now
        let seal = try ElectronicSeal(
            ElectronicSeal.Content(
                vendor: "FAR",
                code: code,
                type: 1,
                name: name,
                signers: .certificates([signer.certificate.der]),
                createdAt: now + -Instant.minute,
                validFrom: now + -Instant.minute,
                validUntil: now + 300 * Instant.day,
                picture: .init(type: "PNG", bytes: [0x89, 0x50, 0x4E, 0x47], width: 40, height: 40)
            ),
            madeBy: maker
        )
        let place = OFDSigner.Place(page: "1", x: 130, y: 220, width: 40, height: 40)
        let package = try Package(reading: SealWorld.document(), limits: SealWorld.limits)
        let stamp = OFDSigner.Stamp(seal: seal, signer: signer, places: [place])
        let file: Package
        if let stamps {
            file = try OFDSigner.seal(package, with: stamp, at: now, isLocking: true) {
                value throws(CryptographyError) in try stamps.token(for: SM3.digest(value), .sm3, now: now)
            }
        } else {
            file = try OFDSigner.seal(package, with: stamp, at: now, isLocking: true)
        }
        return (seal, try file.zipped())
    }

    private func verdict(_ bytes: [UInt8], in world: CertificateWorld) async throws -> FileVerdict {
        let trust = try await world.database.read {
            try RecognisedTrust(limits: .init(bytes: 1 << 20, entries: 100), in: $0)
        }
        return FileVerifier(
            anchors: world.seals.workshop.authority.trust,
            recognised: trust,
            moment: neighbours.official(500, "x").now,
            limits: LicenceFileTests.limits
        ).verify(bytes)
    }

    private func classes(_ bytes: [UInt8], in world: CertificateWorld) async throws -> [String?] {
        try await verdict(bytes, in: world).problems.map(\.classCode)
    }

    @Test(
        "under another authority only makers who were named, under their codes, and never as proof of whose a seal is",
        arguments: DatabaseEngine.allCases
    )
    func elsewhere(engine: DatabaseEngine) async throws {
        try await neighbours.world(engine) { world, neighbour in
            let named = "邻省印章制作中心"
            let centre = try neighbour.national.identity(
                Neighbour.request(named, organization: named),
                for: .licences
            )
            let firm = try neighbour.firm()
            // Whoever has any certificate of that authority makes the seal of a government body here.
            let forged = try sealed(
                as: "呼和浩特市市场监督管理局",
                code: "15010000000001",
                by: firm,
                made: firm,
                stamps: neighbour.stamps
            )
            // A named maker, under a code of another place.
            let strayed = try sealed(
                as: "呼和浩特市市场监督管理局",
                code: "15010000000001",
                by: firm,
                made: centre,
                stamps: neighbour.stamps
            )
            let person = try neighbour.national.identity(Neighbour.request(named), for: .signatures)
            let namesake = try sealed(
                as: "邻省商贸有限公司",
                code: "65010000000001",
                by: firm,
                made: person,
                stamps: neighbour.stamps
            )
            let good = try sealed(
                as: "邻省商贸有限公司",
                code: "65010000000001",
                by: firm,
                made: centre,
                stamps: neighbour.stamps
            )
            let makers = [SealMaker(name: named, codes: ["65"])]
            let authority = try await neighbours.recognise(
                neighbours.draft(neighbour.pem, makers: makers),
                in: world
            )
            #expect(authority.makers == makers)
            for hostile in [forged, strayed, namesake] {
                #expect(try await classes(hostile.file, in: world) == ["CA_MAKER"])
                #expect(try await classes(hostile.seal.bytes, in: world) == ["CA_MAKER"])
            }
            let verdict = try await verdict(good.file, in: world)
            #expect(verdict.problems == [])
            #expect(verdict.claimed.contains { $0.code == "seal.owner-claimed" })
            #expect(!verdict.proven.contains { $0.arguments["name"] == "邻省商贸有限公司" })
            let alone = try await self.verdict(good.seal.bytes, in: world)
            #expect(alone.problems == [] && !alone.proven.contains { $0.code == "seal.is" })
            // One of the platform's own signers, with a seal made there, and no proof of when.
            let own = try world.seals.workshop.authority.identity(of: company, now: start)
            let unstamped = try sealed(
                as: company.name,
                code: "65010000000002",
                by: own,
                made: centre,
                stamps: nil
            )
            #expect(try await classes(unstamped.file, in: world) == ["NOT_STAMPED"])
            try await neighbours.move(authority, .suspend, in: world, minutes: 100)
            let late = try sealed(
                as: company.name,
                code: "65010000000002",
                by: own,
                made: centre,
                stamps: neighbour.stamps,
                minutes: 120
            )
            #expect(try await classes(late.file, in: world) == ["CA_STATE"])
            #expect(try await classes(good.file, in: world) == [], "stamped before")
            #expect(try await classes(good.seal.bytes, in: world) == ["CA_STATE"], "asked today")
        }
    }

    @Test("a firm's own key under the platform's root makes no seals")
    func ownSubscribers() async throws {
        try await neighbours.world(.sqlite) { world, neighbour in
            let own = try world.seals.workshop.authority.identity(of: company, now: start)
            let forged = try sealed(
                as: "呼和浩特市市场监督管理局",
                code: "15010000000001",
                by: own,
                made: own,
                stamps: neighbour.stamps
            )
            #expect(try await classes(forged.file, in: world) == ["MAKER_CERT_USAGE"])
            #expect(try await classes(forged.seal.bytes, in: world) == ["MAKER_CERT_USAGE"])
        }
    }

    @Test("makers are named one a line, with codes that are not everybody's")
    func lines() throws {
        let read = try SealMaker.all(reading: "邻省印章制作中心 = 6501 6502\r\n\nSeal Centre＝DZYZ")
        #expect(
            read == [
                SealMaker(name: "邻省印章制作中心", codes: ["6501", "6502"]),
                SealMaker(name: "Seal Centre", codes: ["DZYZ"]),
            ]
        )
        #expect(try SealMaker.all(reading: read.map(\.line).joined(separator: "\n")) == read)
        for bad in ["某中心", "某中心 =", "= 65", "某中心 = 6", "某中心 = 6%"] {
            #expect(throws: TrustError.badField("makers")) { try SealMaker.all(reading: bad) }
        }
    }
}
