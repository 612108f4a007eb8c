import Credentials
import Cryptography
import Documents
import ElectronicSeals
import Forms
import Foundation
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@Suite("files of licences")
struct LicenceFileTests {
    private static let package = PackageLimits(
        sizeBytesMax: 8_388_608,
        unpackedBytesMax: 25_165_824,
        entriesMax: 1_000,
        nameBytesMax: 255,
        ratioMax: 200,
        signaturesMax: 50
    )
    static let limits = VerificationLimits(
        toleranceMilliseconds: 300_000,
        package: package,
        pdf: PDFLimits(
            bytes: 8_388_608,
            objects: 100_000,
            revisions: 50,
            attachments: 20,
            attachmentBytes: 8_388_608,
            ratio: 200
        ),
        lists: RevocationLimits(bytes: 1_048_576, entries: 1_000),
        archive: package
    )

    static func press(_ authority: CredentialAuthority, on database: any Database) throws -> LicencePress {
        let home = try Home.find()
        let press = try DocumentPress(home: home, threads: 1, queueMax: 64)
        let platform = IssuingBody(code: "150000", name: "内蒙古自治区政务服务")
        let seals = IssuerSeals(
            authority: authority,
            maker: platform,
            press: press,
            figures: try SealFigures(contentsOf: home.resource("documents/seal-figures.yaml")),
            database: database
        )
        return try LicencePress(
            home: home,
            press: press,
            types: try LicenceTypes(home: home),
            seals: seals,
            authority: authority,
            platform: platform,
            origin: "https://suban.example",
            limits: { _ in limits }
        )
    }

    @Test("an original is OFD under the issuer's seal and PDF with a signature, the same content in both")
    func originals() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let type = try #require(try LicenceTypes(home: try Home.find())["business-licence"])
            let licence = try await issue(sample(of: type), by: authority, on: database)
            let press = try Self.press(authority, on: database)
            let occasion = occasion()
            let verifier = FileVerifier(anchors: authority.trust, moment: start, limits: Self.limits)
            var contents: [[OFDDocument.Field]] = []
            for format in LicencePress.Format.allCases {
                let file = try await press.file(of: licence, format, occasion: occasion).bytes
                let verdict = verifier.verify(file)
                #expect(verdict.problems == [], "\(format)")
                #expect(verdict.kind.rawValue == format.rawValue)
                #expect(verdict.proven.contains { $0.code == "file.time-proven" })
                contents.append(verdict.content)
                var changed = file
                changed[file.count / 3] ^= 1
                #expect(!verifier.verify(changed).isValid)
            }
            #expect(contents[0] == contents[1])
            let identifier = contents[0].first { $0.name == "ZZBS" }?.value
            #expect(identifier == licence.record.identifier.description)
            // A year after the certificates have run out the stamp still proves when it was sealed.
            let file = try await press.file(of: licence, .ofd, occasion: occasion).bytes
            let later = FileVerifier(
                anchors: authority.trust,
                moment: start + 3_000 * Instant.day,
                limits: Self.limits
            )
            #expect(later.verify(file).problems == [])
        }
    }

    @Test("a file under the issuer's own seal whose words are not its record's is told by name")
    func words() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let types = authority.types.licences
            let type = try #require(types["business-licence"])
            let licence = try await issue(sample(of: type), by: authority, on: database)
            let press = try Self.press(authority, on: database)
            let verifier = FileVerifier(anchors: authority.trust, moment: start, limits: Self.limits)
            func asked(_ file: [UInt8]) async throws -> [VerdictLine] {
                try await database.read { reader in
                    try verifier.asking(verifier.verify(file), about: file, types: types, in: reader).problems
                }
            }
            var files: [[UInt8]] = []
            for format in LicencePress.Format.allCases {
                files.append(try await press.file(of: licence, format, occasion: occasion()).bytes)
                #expect(try await asked(files[files.count - 1]) == [])
            }
            // Whoever has the issuer's key writes the same licence with another holder, without its day, with more.
            let issuer = try authority.identity(of: registrar, now: start)
            func written(_ change: [String: String], without left: String? = nil) async throws
                -> [VerdictLine]
            {
                var fields = CatalogueValues(of: licence.record, type: type).all.filter {
                    change[$0.name] == nil && $0.name != left
                }
                for (name, value) in change { fields.append((name, value)) }
                return try await asked(try Self.file(fields, sealedBy: issuer, authority))
            }
            #expect(try await written([:]) == [])
            func differs(_ names: String) -> [VerdictLine] {
                [VerdictLine("licence.differs", ["names": names])]
            }
            #expect(try await written(["CZZT": "冒名商贸有限公司"]) == differs("CZZT"))
            #expect(try await written(["CZZTDM": "91150203MA0P9999X9"]) == differs("CZZTDM"))
            #expect(try await written(["ZZMC": "食品经营许可证"]) == differs("ZZMC"))
            #expect(try await written([:], without: "ZZBFRQ") == differs("ZZBFRQ"))
            #expect(try await written(["KZ_MORE": "一切"]) == differs("KZ_MORE"))
            let stray = try licence.record.identifier.nextVersion().description
            let unknown = try await written(["ZZBS": stray])
            #expect(unknown == [VerdictLine("credential.not-in-register")])
            #expect(try await written([:], without: "ZZBS") == unknown)
            // Files of the version before the present one.
            let change = try await authority.prepareChange(
                of: licence,
                to: sample(of: type),
                occasion: occasion(1)
            )
            let new = try await database.write {
                try Credentials.store(change, occasion: occasion(2), in: $0)
            }
            let newer = VerdictLine("licence.older-version", ["newer": new.record.identifier.description])
            for file in files {
                let older = try await asked(file)
                #expect(older.contains(newer) && !older.contains { $0.code == "licence.differs" })
            }
        }
    }

    @Test(
        "a stolen key of the time stamps takes back every stamp, whenever it says that it was made",
        arguments: [
            (RevocationReason.keyCompromise, false), (.unspecified, false), (.authorityCompromise, false),
            (.superseded, true), (.cessationOfOperation, true), (.affiliationChanged, true),
        ]
    )
    func stolenStamps(reason: RevocationReason, isBelieved: Bool) async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let type = try #require(try LicenceTypes(home: try Home.find())["business-licence"])
            let licence = try await issue(sample(of: type), by: authority, on: database)
            let press = try Self.press(authority, on: database)
            let stamps = authority.stamps(at: start)
            let stamp = try #require(
                TimestampToken(der: try stamps.token(for: SM3.digest([1]), .sm3, now: start))
            )
            let list = try authority.keys.revocationList(
                of: "p256-1",
                [.init(serial: stamp.authority.serial, revokedAt: start + 40 * Instant.day, reason: reason)],
                number: 1,
                thisUpdate: start + 40 * Instant.day,
                nextUpdate: start + 80 * Instant.day
            )
            let lists = try Revocations(reading: [list], limits: Self.limits.lists)
            let asked = FileVerifier(
                anchors: authority.trust,
                revocation: lists,
                moment: start + 50 * Instant.day,
                limits: Self.limits
            )
            let expected: [String] = isBelieved ? [] : ["TSA_REVOKED"]
            for format in LicencePress.Format.allCases {
                let file = try await press.file(of: licence, format, occasion: occasion()).bytes
                let verdict = asked.verify(file)
                #expect(verdict.problems.compactMap(\.classCode) == expected, "\(format)")
                #expect(verdict.proven.contains { $0.code == "file.time-proven" } == isBelieved)
            }
            let signer = try authority.identity(of: company, now: start)
            let beside = try SignedEnvelope.sign([1, 2], by: signer, at: start) {
                value throws(CryptographyError) in
                try stamps.token(for: SM3.digest(value), .sm3, now: start)
            }
            let verdict = asked.verify([1, 2], signature: beside)
            #expect(verdict.problems.compactMap(\.classCode) == expected)
        }
    }

    /// A file that says of itself what it likes, under a signer's seal.
    private static func file(
        _ fields: [(String, String)],
        sealedBy signer: SigningIdentity,
        _ authority: CredentialAuthority
    ) throws -> [UInt8] {
        let seal = try ElectronicSeal(
            ElectronicSeal.Content(
                vendor: "SUBAN",
                code: "15010200000001",
                type: 1,
                name: "章",
                signers: .certificates([signer.certificate.der]),
                createdAt: start,
                validFrom: signer.certificate.validFrom,
                validUntil: signer.certificate.validUntil,
                picture: .init(type: "PNG", bytes: [1], width: 40, height: 40)
            ),
            madeBy: try authority.identity(of: registrar, now: start)
        )
        let data = fields.map { "<ofd:CustomData Name=\"\($0)\">\($1)</ofd:CustomData>" }.joined()
        let head = "<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:DocBody><ofd:DocInfo>"
        let tail =
            "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
        let package = Package([
            PackageEntry(
                "OFD.xml",
                Array("\(head)<ofd:CustomDatas>\(data)</ofd:CustomDatas>\(tail)".utf8)
            ),
            PackageEntry("Doc_0/Document.xml", Array("<a/>".utf8)),
        ])
        let file = try OFDSigner.seal(
            package,
            with: .init(seal: seal, signer: signer, places: []),
            at: start,
            isLocking: true
        )
        return try file.zipped()
    }

    @Test("a firm's own seal on what calls itself a licence certifies nothing, nor does another authority's")
    func forged() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let verifier = FileVerifier(anchors: authority.trust, moment: start, limits: Self.limits)
            func sealed(by signer: SigningIdentity, fields: [(String, String)]) throws -> FileVerdict {
                verifier.verify(try Self.file(fields, sealedBy: signer, authority))
            }
            let firm = try authority.identity(of: company, now: start)
            let claim = [("ZZMC", "营业执照"), ("ZZBFJGDM", registrar.code)]
            #expect(try sealed(by: firm, fields: claim).problems.map(\.code) == ["credential.issuer"])
            #expect(try sealed(by: firm, fields: [("合同编号", "1")]).isValid)
            for name in ["ZZBH", "ZZYXQJZRQ", "CZZTDM", "JZJZZSJ", "KZ_JYFW", " zzlxdm"] {
                let verdict = try sealed(by: firm, fields: [(name, "2031-01-01")])
                #expect(verdict.problems.map(\.code) == ["credential.issuer"], "\(name)")
            }
            let issuer = try authority.identity(of: registrar, now: start)
            #expect(try sealed(by: issuer, fields: claim).isValid)
            let other = try authority.identity(of: IssuingBody(code: "150100", name: "别处"), now: start)
            #expect(try sealed(by: other, fields: claim).problems.map(\.code) == ["credential.issuer"])
        }
    }

    @Test("every type of licence has its file")
    func types() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let authority = try authority(on: database)
            let press = try Self.press(authority, on: database)
            let types = try LicenceTypes(home: try Home.find())
            #expect(types.all.count >= 30)
            let verifier = FileVerifier(anchors: authority.trust, moment: start, limits: Self.limits)
            for (number, type) in types.all.enumerated() {
                let licence = try await issue(
                    sample(of: type, number: "A-\(number)"),
                    by: authority,
                    on: database
                )
                let file = try await press.file(of: licence, .ofd, occasion: occasion()).bytes
                let verdict = verifier.verify(file)
                #expect(verdict.problems == [], "\(type.key)")
                #expect(verdict.content.contains { $0.name == "ZZMC" && $0.value == type.name.zh })
            }
        }
    }

    @Test("one seal for each issuing body, the same from another node")
    func seals() async throws {
        for engine in DatabaseEngine.allCases {
            try await withDatabase(engine, migrations) { database in
                let authority = try authority(on: database)
                let licence = try await issue(draft(), by: authority, on: database)
                let occasion = occasion()
                var seals: Set<ElectronicSeal> = []
                for _ in 0..<2 {
                    let press = try Self.press(authority, on: database)
                    let file = try await press.file(of: licence, .ofd, occasion: occasion).bytes
                    let verifier = OFDVerifier(
                        trust: SealTrust(anchors: authority.anchors, moment: start, toleranceMilliseconds: 0),
                        limits: Self.limits.package
                    )
                    for one in verifier.verify(file).signatures {
                        if let found = one.signature?.seal { seals.insert(found) }
                    }
                }
                #expect(seals.count == 1)
                #expect(seals.first?.content.name == licence.record.issuer.name + "电子证照专用章")
            }
        }
    }
}
