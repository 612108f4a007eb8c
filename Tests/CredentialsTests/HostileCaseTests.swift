import Credentials
import Cryptography
import Documents
import ElectronicSeals
import Foundation
import Kernel
import Standards
import Storage
import TestSupport
import Testing

/// Every row of Docs/formats/hostile-cases.md, by its samples or by a file that is made here.
@Suite("files that have to be refused")
struct HostileCaseTests {
    private struct Row {
        let number: Int
        let classes: Set<String>
        let samples: [String]
    }

    private static func root() -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    private static func rows() throws -> [Row] {
        let url = root().appendingPathComponent("Docs/formats/hostile-cases.md")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, let number = Int(cells[0]) else { return nil }
            let proofs = cells[3].split(separator: " ").map(String.init)
            return Row(
                number: number,
                classes: Set(cells[2].split(separator: " ").map(String.init)),
                samples: proofs == ["made"] ? [] : proofs
            )
        }
    }

    /// The samples' certificates run out after a year: the moment is theirs.
    private static func classes(ofSample name: String) throws -> Set<String> {
        let samples = root().appendingPathComponent("Tests/Samples")
        let pem = try String(
            contentsOf: samples.appendingPathComponent("sm2/sm2-issuing.pem"),
            encoding: .utf8
        )
        let verifier = FileVerifier(
            anchors: try TrustAnchors(pem: pem),
            moment: try #require(Instant(parsing: "2026-11-22T10:00")),
            limits: LicenceFileTests.limits
        )
        let bytes = try Data(contentsOf: samples.appendingPathComponent("seals/\(name).ofd"))
        return Set(verifier.verify([UInt8](bytes)).problems.compactMap(\.classCode))
    }

    @Test("each of the twenty-four has its class, and a file that shows it")
    func table() async throws {
        let rows = try Self.rows()
        #expect(rows.map(\.number) == Array(1...24))
        #expect(rows.flatMap(\.classes).allSatisfy { VerificationClass(rawValue: $0) != nil })
        try await withDatabase(.sqlite, sealMigrations) { database in
            let forge = try await Forge(database)
            for row in rows {
                var found: Set<String> = []
                for sample in row.samples {
                    let classes = try Self.classes(ofSample: sample)
                    #expect(!classes.isDisjoint(with: row.classes), "\(row.number) \(sample): \(classes)")
                    found.formUnion(classes)
                }
                for (place, verdict) in try await forge.verdicts(row.number).enumerated() {
                    let classes = Set(verdict.problems.compactMap(\.classCode))
                    #expect(!classes.isDisjoint(with: row.classes), "\(row.number) made \(place): \(classes)")
                    found.formUnion(classes)
                }
                #expect(found.isSuperset(of: row.classes), "\(row.number): \(found)")
            }
            // What is not hostile is refused by none of this.
            #expect(try await forge.verdict(try forge.sealed(minutes: 10)).problems == [])
        }
    }
}

/// Somebody who has the key of a firm's seal and knows how files are made.
private struct Forge {
    private let world: SealWorld
    private let seal: ElectronicSeal
    private let signer: SigningIdentity
    private let licence: Credential

    init(_ database: any Database) async throws {
        world = try await SealWorld(database)
        let authority = world.workshop.authority
        licence = try await issue(draft(), by: authority, on: database)
        let made = try await world.activeSeal()
        seal = try ElectronicSeal(der: try #require(made.made).bytes)
        let name = "seal-\(try #require(made.code))"
        signer = try #require(try authority.keys.store.identity(named: name, of: .holder))
        // In use until minute 20, and from 30 to 40.
        try await world.move(made.id, .suspend, minutes: 20)
        try await world.move(made.id, .resume, minutes: 30)
        try await world.move(made.id, .void, minutes: 40)
        try await database.write { [licence] tx in
            try Credentials.apply(.cancel, to: licence.id, reason: "test", occasion: occasion(5), in: tx)
        }
    }

    func verdict(_ file: [UInt8], minutes: Int64 = 100) async throws -> FileVerdict {
        let verifier = FileVerifier(
            anchors: world.workshop.authority.trust,
            moment: world.at(minutes).now,
            limits: LicenceFileTests.limits
        )
        let types = world.workshop.authority.types.licences
        return try await world.database.read { reader in
            try verifier.asking(verifier.verify(file), about: file, types: types, in: reader)
                .withSealStates(in: reader)
        }
    }

    /// A document with these fields of the catalogue.
    private func document(_ fields: [String: String] = [:]) throws -> [PackageEntry] {
        let entries = try Package(reading: SealWorld.document(), limits: SealWorld.limits).entries
        guard !fields.isEmpty else { return entries }
        let data = fields.map { "<ofd:CustomData Name=\"\($0.key)\">\($0.value)</ofd:CustomData>" }.joined()
        return entries.map { entry in
            guard entry.name == "OFD.xml" else { return entry }
            let text = String(decoding: entry.bytes, as: UTF8.self)
            let whole = text.replacing(
                "</ofd:DocInfo>",
                with: "<ofd:CustomDatas>\(data)</ofd:CustomDatas></ofd:DocInfo>"
            )
            return PackageEntry(entry.name, Array(whole.utf8))
        }
    }

    private func package(
        _ entries: [PackageEntry],
        with other: ElectronicSeal? = nil,
        minutes: Int64,
        stamped: Int64? = nil
    ) throws -> Package {
        let stamps = world.workshop.authority.stamps(at: start)
        let time = world.at(stamped ?? minutes).now
        return try OFDSigner.seal(
            Package(entries),
            with: .init(
                seal: other ?? seal,
                signer: signer,
                places: [.init(page: "1", x: 130, y: 220, width: 40, height: 40)]
            ),
            at: world.at(minutes).now,
            isLocking: true,
            timestamp: { value throws(CryptographyError) in
                try stamps.token(for: SM3.digest(value), .sm3, now: time)
            }
        )
    }

    func sealed(_ fields: [String: String] = [:], minutes: Int64, stamped: Int64? = nil) throws -> [UInt8] {
        try package(try document(fields), minutes: minutes, stamped: stamped).zipped()
    }

    func verdicts(_ number: Int) async throws -> [FileVerdict] {
        let files: [[UInt8]] =
            switch number {
            case 9: try outside()
            case 11: [try large()]
            case 18:
                // Suspended, voided by the register; one whose own period was over.
                [try sealed(minutes: 25), try sealed(minutes: 50), try expired()]
            case 19: [try renamed()]
            case 20: try ["MD5", "SHA1", "1.2.840.113549.2.5"].map(weak)
            case 22:
                // Stamped an hour before he says that he signed; signed an hour from now.
                [try sealed(minutes: 75, stamped: 15), try sealed(minutes: 160, stamped: 15)]
            case 23:
                [
                    try sealed(["JZJYXQJZSJ": "2020-01-01"], minutes: 10),
                    try sealed(["ZZBS": licence.record.identifier.description], minutes: 10),
                ]
            case 24: try wrongIdentifiers().map { try sealed(["ZZBS": $0], minutes: 10) }
            default: []
            }
        var verdicts: [FileVerdict] = []
        for file in files { verdicts.append(try await verdict(file)) }
        return verdicts
    }

    private func outside() throws -> [[UInt8]] {
        let good = try Package(try document() + [PackageEntry("aa/evil.txt", [1])]).zipped()
        return ["../evil.txt", "/a/evil.txt", "a\\\\evil.txt", "C:/evil.txt"].map { name in
            let text = Array("aa/evil.txt".utf8)
            let other = Array(name.utf8)
            var bytes = good
            for place in bytes.indices.dropLast(text.count)
            where Array(bytes[place..<place + text.count]) == text {
                bytes.replaceSubrange(place..<place + text.count, with: other)
            }
            return bytes
        }
    }

    private func large() throws -> [UInt8] {
        let zeros = [UInt8](repeating: 0, count: 26_000_000)
        return try Package(try document() + [PackageEntry("Doc_0/zeros", zeros)]).zipped()
    }

    /// Under a seal whose last moment is minute 5.
    private func expired() throws -> [UInt8] {
        let content = seal.content
        let short = try ElectronicSeal(
            ElectronicSeal.Content(
                vendor: content.vendor,
                code: "15020399999999",
                type: content.type,
                name: content.name,
                signers: content.signers,
                createdAt: content.createdAt,
                validFrom: content.validFrom,
                validUntil: world.at(5).now,
                picture: content.picture
            ),
            madeBy: try world.workshop.authority.identity(of: SealWorld.maker, now: start)
        )
        return try package(try document(), with: short, minutes: 10).zipped()
    }

    /// The seal with another name of the same length in it, which its maker never signed.
    private func renamed() throws -> [UInt8] {
        var bytes = seal.bytes
        let name = Array("包头市".utf8)
        guard let place = bytes.firstRange(of: name) else { throw SealError.unknown }
        bytes.replaceSubrange(place, with: Array("呼和市".utf8))
        return try package(try document(), with: try ElectronicSeal(der: bytes), minutes: 10).zipped()
    }

    /// What a signer with other habits would write: Signature.xml names another digest, and he signs that.
    private func weak(_ method: String) throws -> [UInt8] {
        var entries = try package(try document(), minutes: 10).entries
        let path = "Doc_0/Signs/Sign_0/Signature.xml"
        guard let xml = entries.firstIndex(where: { $0.name == path }),
            let value = entries.firstIndex(where: { $0.name == "Doc_0/Signs/Sign_0/SignedValue.dat" })
        else { throw SealError.unknown }
        let text = String(decoding: entries[xml].bytes, as: UTF8.self)
        entries[xml].bytes = Array(
            text.replacing("CheckMethod=\"\(SealObject.sm3)\"", with: "CheckMethod=\"\(method)\"").utf8
        )
        entries[value].bytes = try SealSignature(
            of: seal,
            by: signer,
            dataHash: SM3.digest(entries[xml].bytes),
            scope: "/\(path)",
            at: world.at(10).now
        ).bytes
        return try Package(entries).zipped()
    }

    private func wrongIdentifiers() throws -> [String] {
        let good = licence.record.identifier.description
        let last = good.last == "0" ? "1" : "0"
        return [String(good.dropLast()) + last, good.lowercased()]
    }
}
