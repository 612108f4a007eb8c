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
    static let limits = VerificationLimits(
        toleranceMilliseconds: 300_000,
        package: PackageLimits(
            sizeBytesMax: 8_388_608,
            unpackedBytesMax: 25_165_824,
            entriesMax: 1_000,
            nameBytesMax: 255,
            ratioMax: 200,
            signaturesMax: 50
        ),
        pdf: PDFLimits(
            bytes: 8_388_608,
            objects: 100_000,
            revisions: 50,
            attachments: 20,
            attachmentBytes: 8_388_608,
            ratio: 200
        )
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
                let file = try await press.file(of: licence, format, occasion: occasion)
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
            let file = try await press.file(of: licence, .ofd, occasion: occasion)
            let later = FileVerifier(
                anchors: authority.trust,
                moment: start + 3_000 * Instant.day,
                limits: Self.limits
            )
            #expect(later.verify(file).problems == [])
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
                let file = try await press.file(of: licence, .ofd, occasion: occasion())
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
                    let file = try await press.file(of: licence, .ofd, occasion: occasion)
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
