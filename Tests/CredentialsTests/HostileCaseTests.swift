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
        /// Those that `Tools/verify-seal.py` answers with too, and those that `Tools/verify-by-hand.sh` refuses.
        let tool: Set<String>
        let byHand: Set<String>
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
            guard cells.count == 6, let number = Int(cells[0]) else { return nil }
            func words(_ cell: Int) -> Set<String> { Set(cells[cell].split(separator: " ").map(String.init)) }
            let proofs = cells[5].split(separator: " ").map(String.init)
            return Row(
                number: number,
                classes: words(2),
                tool: words(3),
                byHand: words(4),
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
        // What a file alone shows, the tool says in the same words; what only the platform knows it cannot say.
        let register: Set = ["SEAL_REVOKED", "LICENCE_STATE"]
        for row in rows { #expect(row.tool.union(["-"]) == row.classes.subtracting(register).union(["-"])) }
        try await withDatabase(.sqlite, sealMigrations) { database in
            let forge = try await Forge(database)
            for row in rows {
                var found: Set<String> = []
                for sample in row.samples {
                    let classes = try Self.classes(ofSample: sample)
                    #expect(!classes.isDisjoint(with: row.classes), "\(row.number) \(sample): \(classes)")
                    found.formUnion(classes)
                }
                for (place, made) in try await forge.verdicts(row.number).enumerated() {
                    let classes = Set(made.verdict.problems.compactMap(\.classCode))
                    #expect(!classes.isDisjoint(with: row.classes), "\(row.number) made \(place): \(classes)")
                    found.formUnion(classes)
                    let codes = classes.union(made.verdict.problems.map(\.code))
                    let said = try forge.tool(made.file)
                    let isKnown = !classes.isDisjoint(with: row.tool)
                    #expect(
                        isKnown ? row.tool.contains(said) : said == "good" || codes.contains(said),
                        "\(row.number) made \(place): \(said)"
                    )
                    let (status, words) = try forge.byHand(made.file)
                    #expect(
                        status == (classes.isDisjoint(with: row.byHand) ? 0 : 1),
                        "\(row.number) made \(place): \(words)"
                    )
                }
                #expect(found.isSuperset(of: row.classes), "\(row.number): \(found)")
            }
            // An unsigned file is told nothing of the register.
            let unsigned = try await forge.verdict(try forge.unsigned())
            #expect(unsigned.problems.compactMap(\.classCode) == ["NOT_SIGNED"])
            #expect(unsigned.problems.count == 1 && unsigned.proven == [])
            // Said to be from before, and stamped while the seal was suspended; unstamped, and asked about after its end.
            for file in [try forge.sealed(minutes: 15, stamped: 25), try forge.unstamped()] {
                #expect(try await forge.verdict(file).problems.map(\.classCode) == ["SEAL_REVOKED"])
            }
            // While only the signer says when, the register is asked about that time and about now, and says which is which.
            let claim = try await forge.verdict(try forge.unstamped(), minutes: 15)
            #expect(claim.problems == [])
            func times(_ lines: [VerdictLine]) -> [String?] {
                lines.filter { $0.code == "seal.in-force" }.map { $0.arguments["time"] }
            }
            #expect(times(claim.claimed) == [occasion(10).now.minuteText])
            #expect(times(claim.proven) == [occasion(15).now.minuteText])
            // What is not hostile is refused by none of this.
            let good = try forge.sealed(minutes: 10)
            #expect(try await forge.verdict(good).problems == [])
            #expect(try forge.tool(good) == "good")
            // By the list of an authority, at the time that the stamp proves.
            #expect(try forge.tool(good, revoked: .signer, minutes: 10) == "SIGNER_CERT_REVOKED")
            #expect(try forge.tool(good, revoked: .maker, minutes: 10) == "MAKER_CERT_REVOKED")
            #expect(try forge.tool(good, revoked: .signer, minutes: 11) == "good")
            #expect(try forge.byHand(good).status == 0)
            // A licence under a firm's own seal, and a seal made by whoever may only sign.
            for field in ["ZZBS", "ZZMC", "CZZT", "ZZBFJG"] {
                let value = field == "ZZBS" ? forge.identifier : "营业执照"
                #expect(try forge.tool(try forge.sealed([field: value], minutes: 10)) == "credential.issuer")
            }
            let selfMade = try forge.selfMade()
            #expect(
                try await forge.verdict(selfMade).problems.compactMap(\.classCode) == ["MAKER_CERT_USAGE"]
            )
            #expect(try forge.tool(selfMade) == "MAKER_CERT_USAGE")
            #expect(try forge.byHand(selfMade).status == 1)
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
        by another: SigningIdentity? = nil,
        minutes: Int64,
        stamped: Int64? = nil
    ) throws -> Package {
        let stamps = world.workshop.authority.stamps(at: start)
        let time = world.at(stamped ?? minutes).now
        return try OFDSigner.seal(
            Package(entries),
            with: .init(
                seal: other ?? seal,
                signer: another ?? signer,
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

    var identifier: String { licence.record.identifier.description }

    /// What `Tools/verify-seal.py` answers first: `good`, or a class.
    func tool(_ file: [UInt8], _ more: [String] = []) throws -> String {
        let asked = asked
        let words = try run("verify-seal.py", file) { folder in
            ["python3", "\(folder)/verify-seal.py", "\(folder)/a.ofd", "--trust", "\(folder)/roots.pem"]
                + ["--at", asked] + more
        }.words
        let parts = words.split(whereSeparator: \.isWhitespace)
        return parts.first == "good:" ? "good" : parts.dropFirst().first.map(String.init) ?? words
    }

    enum Part { case signer, maker }

    /// The same with a list that names one of the two certificates from a minute on.
    func tool(_ file: [UInt8], revoked part: Part, minutes: Int64) throws -> String {
        let certificate =
            part == .signer ? signer.certificate : try Certificate(der: seal.makerCertificate)
        let list = try world.workshop.authority.keys.issuing.revocationList(
            [.init(serial: certificate.serial, revokedAt: world.at(minutes).now, reason: .superseded)],
            number: 1,
            thisUpdate: start,
            nextUpdate: start + Instant.day
        )
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).crl")
        try Data(list).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        return try tool(file, ["--crl", path.path])
    }

    func byHand(_ file: [UInt8]) throws -> (status: Int32, words: String) {
        let digits = asked.filter(\.isNumber) + "Z"
        return try run("verify-by-hand.sh", file) { folder in
            [
                "bash", "\(folder)/verify-by-hand.sh", "\(folder)/a.ofd", "\(folder)/issuing.pem",
                "\(folder)/root.pem", digits,
            ]
        }
    }

    /// The moment of `verdict` in UTC, such as `2026-11-21T03:40:00Z`.
    private var asked: String {
        String((world.at(100).now + -8 * Instant.hour).description.prefix(19)) + "Z"
    }

    /// Runs a tool that is copied to a folder of its own, beside the file and what it is to trust.
    private func run(_ tool: String, _ file: [UInt8], _ arguments: (String) -> [String]) throws -> (
        status: Int32, words: String
    ) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let authority = world.workshop.authority
        let files: [(String, [UInt8])] = [
            ("a.ofd", file), ("roots.pem", Array(authority.trust.pem.utf8)),
            ("root.pem", Array(authority.keys.documentRoot.pem.utf8)),
            ("issuing.pem", Array(authority.keys.issuing.certificate.pem.utf8)),
            (tool, [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(Home.find().root)/Tools/\(tool)")))),
        ]
        for (name, bytes) in files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments(folder.path)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, words)
    }

    /// A good document under a seal that the firm made for itself.
    func selfMade() throws -> [UInt8] {
        let content = seal.content
        let own = try ElectronicSeal(
            ElectronicSeal.Content(
                vendor: content.vendor,
                code: "15020399999998",
                type: content.type,
                name: content.name,
                signers: content.signers,
                createdAt: content.createdAt,
                validFrom: content.validFrom,
                validUntil: content.validUntil,
                picture: content.picture
            ),
            madeBy: signer
        )
        return try package(try document(), with: own, minutes: 10).zipped()
    }

    func unsigned() throws -> [UInt8] {
        try Package(try document(["ZZBS": licence.record.identifier.description])).zipped()
    }

    /// At minute 10, as the signer says.
    func unstamped() throws -> [UInt8] { try weak(SealObject.sm3) }

    func verdicts(_ number: Int) async throws -> [(file: [UInt8], verdict: FileVerdict)] {
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
                    try certified(),
                ]
            case 24: try wrongIdentifiers().map { try sealed(["ZZBS": $0], minutes: 10) }
            default: []
            }
        var verdicts: [(file: [UInt8], verdict: FileVerdict)] = []
        for file in files { verdicts.append((file, try await verdict(file))) }
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

    /// What the licence's issuer may certify, whose record was cancelled since.
    private func certified() throws -> [UInt8] {
        let authority = world.workshop.authority
        let issuer = try authority.identity(of: registrar, now: start)
        let content = seal.content
        let own = try ElectronicSeal(
            ElectronicSeal.Content(
                vendor: content.vendor,
                code: "15020399999998",
                type: content.type,
                name: registrar.name,
                signers: .certificates([issuer.certificate.der]),
                createdAt: content.createdAt,
                validFrom: content.validFrom,
                validUntil: content.validUntil,
                picture: content.picture
            ),
            madeBy: try authority.identity(of: SealWorld.maker, now: start)
        )
        let fields = ["ZZBS": licence.record.identifier.description, "ZZBFJGDM": registrar.code]
        return try package(try document(fields), with: own, by: issuer, minutes: 10).zipped()
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
