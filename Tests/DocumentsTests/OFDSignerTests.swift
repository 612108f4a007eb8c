import Cryptography
import ElectronicSeals
import Foundation
import Kernel
import Testing

@testable import Documents

@Suite("seals in OFD files")
struct OFDSignerTests {
    private func unsigned() throws -> Package {
        try Package(reading: SampleTests.bytes("licence-unsigned.ofd"), limits: SampleTests.limits)
    }

    private func problems(_ package: Package, _ world: StampWorld) throws -> [VerificationClass] {
        try world.verifier.verify(package.zipped()).problems.map(\.kind)
    }

    @Test("one seal, then a second one that locks: both are valid, a third is refused")
    func seals() throws {
        let world = try StampWorld()
        let one = try world.seal(try unsigned())
        let first = world.verifier.verify(try one.zipped())
        #expect(first.isValid, "\(first.problems)")
        #expect(first.signatures.map(\.isLocking) == [false])
        #expect(first.signatures.first?.stamps.first?.boundary == "130 220 40 40.5")
        let two = try world.seal(one, isLocking: true)
        let second = world.verifier.verify(try two.zipped())
        #expect(second.isValid, "\(second.problems)")
        #expect(second.signatures.map(\.isLocking) == [false, true])
        #expect(throws: DocumentError.self) { try world.seal(two) }
        // Signing changes no file that was there.
        for entry in one.entries where entry.name != "Doc_0/Signs/Signatures.xml" {
            #expect(two.entry(entry.name) == entry)
        }
    }

    @Test("anything changed, added or taken away after the seal is noticed")
    func changed() throws {
        let world = try StampWorld()
        let sealed = try world.seal(try world.seal(try unsigned()), isLocking: true)
        for place in sealed.entries.indices {
            var entries = sealed.entries
            entries[place].bytes[entries[place].bytes.count / 2] ^= 1
            #expect(try problems(Package(entries), world) != [], "changed \(sealed.entries[place].name)")
            entries = sealed.entries
            entries.remove(at: place)
            #expect(try problems(Package(entries), world) != [], "without \(sealed.entries[place].name)")
        }
        let extra = sealed.entries + [PackageEntry("Doc_0/Pages/Page_1/Content.xml", Array("<a/>".utf8))]
        #expect(try problems(Package(extra), world) == [.coverage, .coverage])
    }

    @Test("a signature that is described badly is its own fault: the others are judged all the same")
    func described() throws {
        let world = try StampWorld()
        let two = try world.seal(try world.seal(try unsigned()))
        func changed(_ name: String, _ change: (String) -> String) throws -> OFDVerdict {
            let entries = two.entries.map { entry in
                let text = String(decoding: entry.bytes, as: UTF8.self)
                return entry.name == name ? PackageEntry(name, Array(change(text).utf8)) : entry
            }
            return world.verifier.verify(try Package(entries).zipped())
        }
        let last = try changed("Doc_0/Signs/Sign_1/Signature.xml") { _ in "<Signature/>" }
        #expect(last.problem == nil && last.signatures.map(\.problem?.kind) == [nil, .format])
        let gone = try changed("Doc_0/Signs/Signatures.xml") {
            $0.replacing("/Doc_0/Signs/Sign_1/Signature.xml", with: "/Doc_0/Signs/Sign_2/Signature.xml")
        }
        #expect(gone.signatures.count == 2 && gone.signatures.last?.problem?.kind == .format)
        // A second body whose list is not there.
        let body = try changed("OFD.xml") {
            $0.replacing(
                "</ofd:OFD>",
                with: "<ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
                    + "<ofd:Signatures>/Doc_1/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>"
            )
        }
        #expect(body.signatures.map(\.problem?.kind) == [.fileHash, .fileHash, .format])
        #expect(body.signatures.prefix(2).allSatisfy { $0.signer != nil })
    }

    @Test("a document type is refused in any file that begins as XML does, whatever it is called")
    func named() throws {
        let world = try StampWorld()
        let type = "<!DOCTYPE p [<!ENTITY x SYSTEM \"http://a.example/b\">]><p>&x;</p>"
        for head in ["", "\u{FEFF}", " \n", "<?xml version=\"1.0\"?>"] {
            let page = PackageEntry("Doc_0/Pages/Page_0/Content.dat", Array((head + type).utf8))
            let sealed = try world.seal(Package(try unsigned().entries + [page]))
            #expect(try problems(sealed, world) == [.packageXML])
        }
        let other = PackageEntry("Doc_0/Attachs/a.txt", Array("1 < 2".utf8))
        #expect(try problems(try world.seal(Package(try unsigned().entries + [other])), world) == [])
    }

    @Test("the last seal of an unlocked document can be taken away, and the first stays valid")
    func unlocked() throws {
        let world = try StampWorld()
        let one = try world.seal(try unsigned())
        let two = try world.seal(one)
        #expect(try problems(two, world) == [])
        #expect(try problems(one, world) == [])
        // So the register keeps the digest of the file as issued.
        #expect(try SM3.digest(one.zipped()) != SM3.digest(two.zipped()))
    }

    @Test("a signature moved to another place or another document is refused")
    func transplanted() throws {
        let world = try StampWorld()
        let sealed = try world.seal(try unsigned())
        let moved = sealed.entries.map { entry in
            PackageEntry(
                entry.name.replacingOccurrences(of: "Sign_0", with: "Sign_7"),
                entry.name.hasSuffix(".xml")
                    ? Array(
                        String(decoding: entry.bytes, as: UTF8.self)
                            .replacingOccurrences(of: "Sign_0", with: "Sign_7").utf8
                    ) : entry.bytes
            )
        }
        #expect(try problems(Package(moved), world) == [.documentHash])
        var other = try unsigned().entries
        let page = try #require(other.firstIndex { $0.name == "Doc_0/Pages/Page_0/Content.xml" })
        other[page].bytes += Array(" ".utf8)
        let signs = sealed.entries.filter { $0.name.hasPrefix("Doc_0/Signs/") || $0.name == "OFD.xml" }
        let mixed = other.filter { $0.name != "OFD.xml" } + signs
        #expect(try problems(Package(mixed), world) == [.fileHash])
    }

    @Test("only SM3 counts", arguments: ["MD5", "SHA1", "1.2.840.113549.2.5", nil])
    func methods(method: String?) throws {
        let world = try StampWorld()
        let sealed = try world.seal(
            try unsigned(),
            rewriting: { xml in
                xml.replacingOccurrences(
                    of: " CheckMethod=\"\(SealObject.sm3)\"",
                    with: method.map { " CheckMethod=\"\($0)\"" } ?? ""
                )
            }
        )
        #expect(try problems(sealed, world) == [.algorithm])
    }

    @Test("a file that nobody of ours wrote is not sealed")
    func foreign() throws {
        let world = try StampWorld()
        let foreign = try Package(
            reading: SampleTests.bytes("sm2ca-hello-v4.ofd"),
            limits: SampleTests.limits
        )
        #expect(throws: DocumentError.self) { try world.seal(foreign) }
        #expect(throws: DocumentError.self) { try world.seal(Package([])) }
    }

    @Test("10,000 mutations of a valid file: no crash, and nothing else is called valid")
    func mutations() throws {
        let world = try StampWorld()
        let sealed = try world.seal(try unsigned(), isLocking: true)
        let bytes = try sealed.zipped()
        let whole = Set(sealed.entries)
        var seed: UInt64 = 20_261_121
        print("mutations: seed \(seed)")
        func random(_ limit: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % limit
        }
        func mutated(_ bytes: [UInt8]) -> [UInt8] {
            var changed = bytes
            switch random(4) {
            case 0: changed[random(changed.count)] ^= UInt8(1 << random(8))
            case 1: changed.remove(at: random(changed.count))
            case 2: changed.insert(UInt8(random(256)), at: random(changed.count))
            default:
                let from = random(changed.count)
                let count = min(1 + random(64), changed.count - from)
                changed.replaceSubrange(
                    from..<(from + count),
                    with: (0..<count).map { _ in UInt8(random(256)) }
                )
            }
            return changed
        }
        for number in 0..<10_000 {
            // Every other one is packed soundly again, so that what lies behind the package is tried too.
            var changed = bytes
            if number.isMultiple(of: 2) {
                changed = mutated(bytes)
            } else {
                var entries = sealed.entries
                let place = random(entries.count)
                entries[place].bytes = mutated(entries[place].bytes)
                changed = try Package(entries).zipped()
            }
            let verdict = world.verifier.verify(changed)
            // A changed time or attribute of an entry leaves the document as it was signed.
            if verdict.isValid, let read = verdict.document.map({ Set($0.package.entries) }) {
                #expect(read == whole, "mutation \(number)")
            }
        }
    }
}
