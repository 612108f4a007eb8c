import CZip
import Cryptography
import ElectronicSeals
import Foundation
import Kernel
import Testing

@testable import Documents

@Suite("packages")
struct PackageTests {
    private let limits = SampleTests.limits

    private func problem(_ bytes: [UInt8], limits: PackageLimits? = nil) -> VerificationClass? {
        do throws(VerificationProblem) {
            _ = try Package(reading: bytes, limits: limits ?? self.limits)
            return nil
        } catch { return error.kind }
    }

    private func zip(_ entries: [(String, [UInt8])]) throws -> [UInt8] {
        try Package(entries.map { PackageEntry($0.0, $0.1) }).zipped()
    }

    @Test("what is packed is unpacked, always into the same bytes")
    func roundTrip() throws {
        let package = Package([
            PackageEntry("OFD.xml", Array("<a/>".utf8)), PackageEntry("Doc_0/空.xml", []),
            PackageEntry("Doc_0/Res/a.png", [UInt8](repeating: 7, count: 70_000)),
            PackageEntry("Doc_0/Content.xml", [UInt8](repeating: 65, count: 3_000)),
        ])
        let bytes = try package.zipped()
        #expect(try Package(reading: bytes, limits: limits) == package)
        #expect(try package.zipped() == bytes)
    }

    @Test(
        "a name that could leave the package is refused",
        arguments: [
            "../x", "a/../../x", "/etc/x", "a\\b", "C:x", "a//b", "./a", "a/.", "\u{7F}",
            "a/b/../c", "..",
        ]
    )
    func names(name: String) throws {
        #expect(problem(try zip([("OFD.xml", [1]), (name, [2])])) == .packageName)
    }

    @Test("the same name twice, in another case, or as file and folder is refused")
    func duplicates() throws {
        #expect(problem(try zip([("OFD.xml", [1]), ("ofd.XML", [2])])) == .packageDuplicate)
        #expect(problem(try zip([("a", [1]), ("a/b", [2])])) == .packageDuplicate)
        #expect(problem(try zip([("A", [1]), ("a/b/c", [2])])) == .packageDuplicate)
    }

    @Test("an entry whose header names another file than the directory is refused")
    func headers() throws {
        var bytes = try zip([("OFD.xml", Array("<a/>".utf8)), ("Doc_0/a.xml", [2])])
        let name = Array("Doc_0/a.xml".utf8)
        let local = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
        bytes[local + 6] = UInt8(ascii: "b")
        #expect(problem(bytes) == .packageDuplicate)
    }

    @Test("truncated, prefixed and foreign files are refused")
    func format() throws {
        let bytes = try zip([("OFD.xml", [UInt8](repeating: 3, count: 500))])
        #expect(problem(bytes) == nil)
        #expect(problem(Array(bytes.dropLast(5))) == .packageFormat)
        #expect(problem([0x4D, 0x5A] + bytes) == .packageFormat)
        #expect(problem([]) == .packageFormat)
        #expect(problem(Array("%PDF-1.7".utf8)) == .packageFormat)
        var damaged = bytes
        damaged[45] ^= 0xFF
        #expect(problem(damaged) == .packageFormat)
    }

    @Test("one more of anything than is allowed is refused before it is unpacked")
    func bounds() throws {
        let bomb = try zip([("OFD.xml", [UInt8](repeating: 0, count: 32_000_000))])
        #expect(bomb.count < 200_000)
        #expect(problem(bomb) == .packageLimit)
        let many = try zip((0...1_000).map { ("f\($0)", []) })
        #expect(problem(many) == .packageLimit)
        let long = try zip([(String(repeating: "n", count: 256), [])])
        #expect(problem(long) == .packageLimit)
        let small = PackageLimits(
            sizeBytesMax: 1_000,
            unpackedBytesMax: 2_000,
            entriesMax: 3,
            nameBytesMax: 10,
            ratioMax: 200,
            signaturesMax: 1
        )
        var seed: UInt64 = 1
        let noise = (0..<1_500).map { _ in
            seed = seed &* 6_364_136_223_846_793_005 &+ 1
            return UInt8(truncatingIfNeeded: seed >> 56)
        }
        #expect(problem(try zip([("a", noise)]), limits: small) == .packageLimit)
        #expect(
            problem(try zip([("a", [UInt8](repeating: 1, count: 2_001))]), limits: small) == .packageLimit
        )
    }

    @Test("an entry that is longer than it says is refused")
    func lie() throws {
        var bytes = try zip([("a", [UInt8](repeating: 5, count: 400))])
        // The uncompressed size in both headers: 400 becomes 300.
        for place in bytes.indices.dropLast(1) where bytes[place] == 0x90 && bytes[place + 1] == 0x01 {
            (bytes[place], bytes[place + 1]) = (0x2C, 0x01)
        }
        #expect(problem(bytes) == .packageFormat)
    }

    @Test(
        "XML with a document type, entities, another encoding or too much of anything is refused",
        arguments: [
            "<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", "<a>", "", "text", "<a>&nothing;</a>",
            "<a/><b/>", "<a>\u{0}</a>", "<?xml version='1.0' encoding='GBK'?><a/>",
        ]
    )
    func xml(text: String) {
        #expect(throws: VerificationProblem(.packageXML, "x")) {
            try XMLTree(reading: Array(text.utf8), name: "x")
        }
        let deep = String(repeating: "<a>", count: 65) + String(repeating: "</a>", count: 65)
        #expect(throws: VerificationProblem(.packageXML, "x")) {
            try XMLTree(reading: Array(deep.utf8), name: "x")
        }
    }

    /// ZIP64 sizes of 2^64 - 1 in a directory that agrees with its headers.
    private static let endless = """
        UEsDBC0AAAAAAAAAIQD3OcfmLAAAACwAAAAHAAAAT0ZELnhtbDw/eG1sIHZlcnNpb249IjEuMCIgZW5jb2Rpbmc9IlVURi04\
        Ij8+PE9GRC8+UEsDBC0AAAAIAAAAIQD3Ocfm//////////8SABQARG9jXzAvRG9jdW1lbnQueG1sAQAQAP//////////LgAA\
        AAAAAACzsa/IzVEoSy0qzszPs1Uy1DNQUkjNS85PycxLt1UKDXHTtVCyt7Pxd3PRtwMAUEsBAi0ALQAAAAAAAAAhAPc5x+Ys\
        AAAALAAAAAcAAAAAAAAAAAAAAAAAAAAAAE9GRC54bWxQSwECLQAtAAAACAAAACEA9znH5v//////////EgAUAAAAAAAAAAAA\
        AABRAAAARG9jXzAvRG9jdW1lbnQueG1sAQAQAP//////////LgAAAAAAAABQSwUGAAAAAAIAAgCJAAAAwwAAAAAA
        """

    @Test("sizes as large as a number can be are refused, and nothing overflows")
    func endless() throws {
        #expect(problem(try #require(Base64.decode(Self.endless))) == .packageLimit)
    }

    @Test("XML is refused that is too long, has too many elements, or an element with too many attributes")
    func largeXML() throws {
        func read(_ text: String) throws { _ = try XMLTree(reading: Array(text.utf8), name: "x") }
        func attributes(_ count: Int) -> String {
            "<a>\"=\" <b \((0..<count).map { "a\($0) = '=\($0)'" }.joined(separator: " "))/></a>"
        }
        try read(attributes(XMLTree.attributesMax))
        #expect(throws: VerificationProblem(.packageXML, "x")) {
            try read(attributes(XMLTree.attributesMax + 1))
        }
        let most = String(repeating: "<b/>", count: XMLTree.elementsMax - 1)
        try read("<a>\(most)</a>")
        #expect(throws: VerificationProblem(.packageXML, "x")) { try read("<a>\(most)<b/></a>") }
        let long = String(repeating: "b", count: XMLTree.bytesMax - 7)
        try read("<a>\(long)</a>")
        #expect(throws: VerificationProblem(.packageLimit, "x")) { try read("<a>\(long)b</a>") }
    }

    @Test("a signature is described once, and names no more files than there are")
    func twice() throws {
        func changed(_ name: String, _ change: (String) -> String) throws -> VerificationClass? {
            var entries = try Package(
                reading: SampleTests.bytes("sm2ca-licence-1sig.ofd"),
                limits: SampleTests.limits
            ).entries
            let place = try #require(entries.firstIndex { $0.name.hasSuffix(name) })
            entries[place].bytes = Array(change(String(decoding: entries[place].bytes, as: UTF8.self)).utf8)
            return try SampleTests.verifier().verify(Package(entries).zipped()).problem?.kind
        }
        let signature = /<ofd:Signature .*?\/>/
        #expect(
            try changed("Signatures.xml") { $0.replacing(signature) { "\($0.output)\($0.output)" } }
                == .packageDuplicate
        )
        let reference = /<ofd:Reference .*?<\/ofd:Reference>/
        #expect(
            try changed("Signature.xml") {
                $0.replacing(reference, maxReplacements: 1) { String(repeating: "\($0.output)", count: 30) }
            } == .packageLimit
        )
    }

    @Test("what leads to the document is called OFD.xml, and not nearly so")
    func nameOfEntry() throws {
        let entries = try Package(
            reading: SampleTests.bytes("sm2ca-licence-1sig.ofd"),
            limits: SampleTests.limits
        ).entries
        for name in ["ofd.xml", "OFD.XML"] {
            let other = entries.map { PackageEntry($0.name == "OFD.xml" ? name : $0.name, $0.bytes) }
            let verdict = try SampleTests.verifier().verify(Package(other).zipped())
            #expect(verdict.problem?.kind == .packageFormat)
        }
    }

    @Test("a page of kilometres is none")
    func pages() throws {
        func page(_ box: String) throws -> OFDDocument.Page? {
            var entries = try Package(
                reading: SampleTests.bytes("licence-unsigned.ofd"),
                limits: SampleTests.limits
            ).entries
            let place = try #require(entries.firstIndex { $0.name == "Doc_0/Document.xml" })
            let text = String(decoding: entries[place].bytes, as: UTF8.self)
                .replacing(/PhysicalBox>[^<]*</, with: "PhysicalBox>\(box)<")
            entries[place].bytes = Array(text.utf8)
            return try OFDDocument(Package(entries)).lastPage()
        }
        #expect(try page("0 0 20000 297")?.width == 20_000)
        for box in ["0 0 1e30 1e30", "0 0 20001 1", "0 0 inf 1", "0 0 nan 1"] {
            #expect(try page(box) == nil, "\(box)")
        }
    }

    @Test("XML is read with its names, attributes and text")
    func tree() throws {
        let text =
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><o:A xmlns:o=\"u\" B=\"1&amp;2\"> <o:C>甲<![CDATA[<乙>]]></o:C></o:A>"
        let tree = try XMLTree(reading: Array(text.utf8), name: "x")
        // A processing instruction without content ends other parsers.
        #expect(throws: VerificationProblem.self) {
            try XMLTree(reading: Array("<?xmlodf?><a>".utf8), name: "x")
        }
        #expect(try XMLTree(reading: Array("<a><?b?>c<!-- d --></a>".utf8), name: "x").content == "c")
        #expect(tree.name == "A" && tree.attributes["B"] == "1&2" && tree.text("C") == "甲<乙>")
    }
}
