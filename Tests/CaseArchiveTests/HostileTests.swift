import ArchivePackages
import Audit
import CaseArchive
import Credentials
import Cryptography
import Documents
import Foundation
import Kernel
import Server
import Storage
import TestSupport
import Testing

@Suite("archives that somebody tampered with")
struct HostileTests {
    private static let limits = PackageLimits(
        sizeBytesMax: 67_108_864,
        unpackedBytesMax: 67_108_864,
        entriesMax: 10_000,
        nameBytesMax: 255,
        ratioMax: 200,
        signaturesMax: 1
    )

    private static func entries(_ bytes: [UInt8]) throws -> [PackageEntry] {
        try Package(reading: bytes, limits: limits).entries
    }

    private static func packed(_ entries: [PackageEntry]) throws -> [UInt8] {
        try Package(entries).zipped(isStored: true)
    }

    private static func codes(_ verifier: FileVerifier, _ bytes: [UInt8]) -> [String] {
        verifier.verify(bytes).problems.map(\.code)
    }

    /// The archive's items as they went in.
    private static func items(_ archived: Archived, _ bytes: [UInt8]) throws -> [ArchiveItem] {
        let package = try ArchivePackage(file: bytes, limits: limits)
        return try package.index.files.map { file in
            ArchiveItem(
                file.path,
                kind: file.kind,
                name: file.name,
                access: file.access,
                date: file.date,
                body: file.body,
                bytes: try #require(package.content(file.path))
            )
        }
    }

    private static func index(
        _ old: ArchiveIndex,
        _ items: [ArchiveItem],
        objects: [String]? = nil
    ) -> ArchiveIndex {
        ArchiveIndex(
            number: old.number,
            version: old.version,
            follows: old.follows,
            fonds: old.fonds,
            matter: old.matter,
            retention: old.retention,
            objects: objects ?? old.objects,
            files: items.map(\.file)
        )
    }

    private static func archivist(_ archived: Archived, for purpose: Certificate.Purpose) throws -> Archivist
    {
        let keys = archived.platform.keys
        let name = DistinguishedName(organization: "旁人", commonName: "旁人")
        let now = archived.town.clock.now
        return Archivist(
            try keys.identity(
                named: "other-\(String(describing: purpose))",
                subject: name,
                for: purpose,
                now: now
            ),
            stamps: archived.platform.credentials.stamps(at: now)
        )
    }

    @Test("each kind of change is told by a class of its own")
    func classes() async throws {
        try await Archived.on(.sqlite) { archived in
            let bytes = try await archived.file()
            let verifier = try archived.verifier()
            let entries = try Self.entries(bytes)
            func with(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
                var changed = entries
                let place = try #require(changed.firstIndex { $0.name == name })
                change(&changed[place].bytes)
                return try Self.packed(changed)
            }
            #expect(try Self.packed(entries) == bytes)
            let changed = try with("form/form.json") { $0[10] ^= 1 }
            #expect(Self.codes(verifier, changed) == ["archive.file-changed"])
            let removed = try Self.packed(entries.filter { $0.name != "decisions/01-grant.json" })
            #expect(Self.codes(verifier, removed) == ["archive.file-missing"])
            let added = try Self.packed(entries + [PackageEntry("papers/99-more.txt", [0x41])])
            #expect(Self.codes(verifier, added) == ["archive.file-added"])
            // Another word in the index, written as an index.
            let index = try with(ArchiveIndex.name) { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                bytes = Array(text.replacing("\"outcome\":\"granted\"", with: "\"outcome\":\"refused\"").utf8)
            }
            #expect(Self.codes(verifier, index) == ["archive.signature"])
            #expect(
                Self.codes(verifier, try with(ArchiveIndex.name) { $0.append(0x20) }) == ["archive.index"]
            )
            #expect(
                Self.codes(verifier, try with(ArchiveSeal.name) { $0[0] = 0x20 }) == ["archive.seal-format"]
            )
            // An entry of the log is dropped, with and without another list of files.
            let fewer = try with(ArchivePackage.logPath) { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                guard let cut = text.range(of: "},{\"entry\"") else { return }
                let head = text.range(of: "[{\"entry\"")?.lowerBound ?? text.startIndex
                bytes = Array((text[..<head] + "[" + text[text.index(cut.lowerBound, offsetBy: 2)...]).utf8)
            }
            #expect(Self.codes(verifier, fewer).first == "archive.file-changed")
            // ZIP tricks: a comment, a byte behind, in front, another time, the same name twice.
            var late = bytes
            late[late.count - 2] = 1
            #expect(!verifier.verify(late + [0x41]).isValid)
            #expect(!verifier.verify(bytes + [0]).isValid)
            #expect(!verifier.verify([0] + bytes).isValid)
            var otherTime = bytes
            otherTime[10] ^= 1
            #expect(!verifier.verify(otherTime).isValid)
            let deflated = try Package(entries).zipped()
            #expect(Self.codes(verifier, deflated) == ["archive.wrapping"])
            let reordered = try Self.packed(Array(entries.prefix(2)) + entries.dropFirst(2).reversed())
            #expect(Self.codes(verifier, reordered) == ["archive.wrapping"])
            for cut in [10, bytes.count / 2, bytes.count - 1] {
                #expect(!verifier.verify(Array(bytes.prefix(cut))).isValid)
            }
        }
    }

    @Test("only an archiving certificate seals, and only what is of this matter")
    func signers() async throws {
        try await Archived.on(.sqlite) { archived in
            let bytes = try await archived.file()
            let (verifier, now) = (try archived.verifier(), archived.town.clock.now)
            let old = archived.archive.index
            let items = try Self.items(archived, bytes)
            for purpose in [Certificate.Purpose.signatures, .licences, .log] {
                let other = try Self.archivist(archived, for: purpose)
                let forged = try ArchivePackage(old, items, by: other, now: now).file()
                #expect(Self.codes(verifier, forged) == ["archive.not-an-archive"])
            }
            let own = try Self.archivist(archived, for: .archives)
            #expect(try verifier.verify(ArchivePackage(old, items, by: own, now: now).file()).isValid)
            // The archive itself puts in entries of another case, or keeps silent about one of its own.
            let narrow = Self.index(old, items, objects: Array(old.objects.dropFirst()))
            let foreign = try ArchivePackage(narrow, items, by: own, now: now).file()
            #expect(Set(Self.codes(verifier, foreign)) == ["archive.foreign-entry"])
            let wide = Self.index(old, items, objects: old.objects + ["case:OTHER"])
            let silent = try ArchivePackage(wide, items, by: own, now: now).file()
            #expect(Self.codes(verifier, silent) == ["archive.log-silent"])
            // Another decision than the log digested.
            let swapped = items.map { item in
                guard item.file.path == "decisions/01-grant.json" else { return item }
                let text = String(decoding: item.bytes, as: UTF8.self)
                return ArchiveItem(
                    item.file.path,
                    kind: item.file.kind,
                    name: item.file.name,
                    access: item.file.access,
                    date: item.file.date,
                    body: item.file.body,
                    bytes: Array(text.replacing("\"instant\":true", with: "\"instant\":false").utf8)
                )
            }
            let other = try ArchivePackage(Self.index(old, swapped), swapped, by: own, now: now).file()
            #expect(Self.codes(verifier, other) == ["archive.other-content"])
            let without = items.filter { $0.file.path != ArchivePackage.logPath }
            let logless = try ArchivePackage(Self.index(old, without), without, by: own, now: now).file()
            #expect(Self.codes(verifier, logless) == ["archive.file-missing"])
            // Sealed after the moment asked about.
            let coming = try ArchivePackage(old, items, by: own, now: now + Instant.hour).file()
            #expect(Self.codes(verifier, coming) == ["archive.timestamp"])
        }
    }

    @Test("an archive is judged by its stamp: its certificate was revoked before, or after")
    func revoked() async throws {
        try await Archived.on(.sqlite) { archived in
            let (bytes, now) = (try await archived.file(), archived.town.clock.now)
            let package = try ArchivePackage(file: bytes, limits: Self.limits)
            let items = try Self.items(archived, bytes)
            let own = try Self.archivist(archived, for: .archives)
            let file = try ArchivePackage(package.index, items, by: own, now: now).file()
            let keys = archived.platform.keys
            let name = DistinguishedName(organization: "旁人", commonName: "旁人")
            let sealer = try keys.identity(
                named: "other-\(String(describing: Certificate.Purpose.archives))",
                subject: name,
                for: .archives,
                now: now
            )
            func codes(_ certificate: Certificate, revokedAt: Instant) throws -> [String] {
                let list = try keys.revocationList(
                    of: "sm2-1",
                    [.init(serial: certificate.serial, revokedAt: revokedAt, reason: .keyCompromise)],
                    number: 9,
                    thisUpdate: now,
                    nextUpdate: now + 30 * Instant.day
                )
                let limits = try VerificationLimits(home: Home.find(), on: now.date)
                return Self.codes(
                    FileVerifier(
                        anchors: archived.platform.credentials.trust,
                        revocation: try Revocations(reading: [list], limits: limits.lists),
                        moment: now + 2 * Instant.day,
                        limits: limits
                    ),
                    file
                )
            }
            #expect(
                try codes(sealer.certificate, revokedAt: now + -Instant.minute) == ["archive.certificate"]
            )
            #expect(try codes(sealer.certificate, revokedAt: now + Instant.minute) == [])
            // The log's certificate, likewise by when the stamp proves that its head was there.
            #expect(try codes(keys.log.certificate, revokedAt: now + -Instant.day) != [])
            #expect(try codes(keys.log.certificate, revokedAt: now + Instant.minute) == [])
        }
    }

    @Test("2,000 mutations: no crash and no false valid")
    func mutations() async throws {
        try await Archived.on(.sqlite) { archived in
            let bytes = try await archived.file()
            let verifier = try archived.verifier()
            let entropy = SeededEntropy(seed: 41)
            for round in 0..<2_000 {
                var changed = bytes
                switch round % 4 {
                case 0: changed[entropy.number(below: bytes.count)] ^= UInt8(1 << entropy.number(below: 8))
                case 1: changed.remove(at: entropy.number(below: bytes.count))
                case 2:
                    changed.insert(UInt8(entropy.number(below: 256)), at: entropy.number(below: bytes.count))
                default: changed[entropy.number(below: bytes.count)] &+= UInt8(1 + entropy.number(below: 255))
                }
                let verdict = verifier.verify(changed)
                #expect(!verdict.isValid, "seed 41, round \(round)")
            }
        }
    }

    @Test("Tools/verify-archive.py agrees, with the standard library and openssl alone")
    func script() async throws {
        try await Archived.on(.sqlite) { archived in
            let bytes = try await archived.file()
            let roots = "\(archived.folder)/roots.pem"
            try Data(archived.platform.credentials.trust.pem.utf8).write(to: URL(fileURLWithPath: roots))
            func run(_ file: [UInt8], _ more: [String] = []) throws -> (Int32, String) {
                let path = "\(archived.folder)/archive.zip"
                try Data(file).write(to: URL(fileURLWithPath: path))
                let process = Process()
                let output = Pipe()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
                process.arguments =
                    [
                        "\(try Home.find().root)/Tools/verify-archive.py", path, roots, "--at",
                        String(archived.town.clock.now.milliseconds / 1_000),
                    ] + more
                process.standardOutput = output
                try process.run()
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                return (process.terminationStatus, text)
            }
            let good = try run(bytes)
            #expect(good.0 == 0 && good.1.hasSuffix("valid\n"), "\(good.1)")
            let copy = try await archived.platform.archives.copy(
                archived.archive,
                occasion: archived.occasion()
            )
            let own = try run(copy)
            #expect(own.0 == 0 && own.1.contains("left out") && own.1.contains("digests stand"), "\(own.1)")
            let entries = try Self.entries(bytes)
            let seal = try JSON.read(try #require(entries.first { $0.name == "archive.seal" }).bytes)
            let signer = try Certificate(
                der: try #require(seal["certificates"].elements.first?.text.flatMap(Base64.decode))
            )
            for (serial, isGood) in [(signer.serial, false), ([1], true)] {
                let now = archived.town.clock.now
                let list = try archived.platform.credentials.keys.issuing.revocationList(
                    [.init(serial: serial, revokedAt: now + -300 * Instant.day, reason: .keyCompromise)],
                    number: 1,
                    thisUpdate: now + -300 * Instant.day,
                    nextUpdate: now + 300 * Instant.day
                )
                try Data(list).write(to: URL(fileURLWithPath: "\(archived.folder)/list.crl"))
                let (status, text) = try run(bytes, ["--crl", "\(archived.folder)/list.crl"])
                #expect(status == (isGood ? 0 : 1), "\(text)")
                #expect(isGood || text.contains("archive.certificate: revoked"), "\(text)")
            }
            let removed = try Self.packed(entries.filter { $0.name != "form/form.json" })
            #expect(try run(removed).1.contains("archive.file-missing"))
            #expect(try run(Package(entries).zipped()).0 == 1)
            for place in stride(from: 5, to: bytes.count, by: bytes.count / 12) {
                var changed = bytes
                changed[place] ^= 1
                #expect(try run(changed).0 == 1, "byte \(place)")
            }
        }
    }
}
