import Cryptography
import ElectronicSeals
import Foundation
import Kernel
import Testing

@testable import Documents

@Suite("attacks on signed PDF")
struct PDFAttackTests {
    private let papers: Papers
    private let signed: [UInt8]

    init() throws {
        papers = try Papers()
        signed = try papers.signing.sign(drawnPDF(), signing("Seal1"), now: moment)
    }

    private func problems(_ pdf: [UInt8]) -> [VerificationClass] {
        papers.verifier.verify(pdf, at: moment).problems
    }

    /// The file with an update that writes these objects, as any program can append one.
    private func updated(_ pdf: [UInt8], _ change: (PDFFile, inout PDFUpdate) throws -> Void) throws
        -> [UInt8]
    {
        let file = try PDFFile(pdf, limits: pdfLimits)
        var update = try PDFUpdate(to: file)
        try change(file, &update)
        update.close(information: nil)
        return update.bytes
    }

    private func replaced(_ pdf: [UInt8], _ text: String, by other: String) throws -> [UInt8] {
        let place = try #require(pdf.firstRange(of: Array(text.utf8)))
        var bytes = pdf
        bytes.replaceSubrange(place, with: Array(other.utf8))
        return bytes
    }

    @Test("what is appended is a change, whether it can be read or not")
    func appended() throws {
        #expect(problems(signed).isEmpty)
        #expect(problems(signed + [0x0A]) == [.pdfFormat])
        #expect(problems(signed + Array("%%EOF\n".utf8)) == [.pdfFormat])
        #expect(problems(Array(signed.dropLast(1))) != [])
        let empty = try updated(signed) { _, update in update.put(.null, at: update.place()) }
        #expect(problems(empty) == [.coverage])
        let page = try updated(signed) { file, update in
            let page = try file.pages()[0]
            update.put(.dictionary(page.entries.merging(["Rotate": .integer(180)]) { $1 }), at: page.place)
        }
        #expect(problems(page) == [.coverage])
        // The original table again: the old content under a new end.
        let file = try PDFFile(signed, limits: pdfLimits)
        let tail = Array("startxref\n\(file.startOfTable)\n%%EOF\n".utf8)
        #expect(problems(signed + tail) == [.coverage])
    }

    /// DER in which something happened to the content of the last element so many levels down.
    private func changed(_ der: ArraySlice<UInt8>, depth: Int, _ change: (ArraySlice<UInt8>) -> [UInt8])
        -> [UInt8]
    {
        func content(_ der: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            let length = der[der.startIndex + 1]
            let count = length < 0x80 ? 0 : Int(length & 0x7F)
            let bytes = der.dropFirst(2).prefix(count)
            let size = count == 0 ? Int(length) : bytes.reduce(0) { $0 << 8 | Int($1) }
            return der.dropFirst(2 + count).prefix(size)
        }
        let old = content(der)
        var new: [UInt8]
        if depth == 0 {
            new = change(old)
        } else {
            var last = old
            while content(last).endIndex < old.endIndex { last = last[content(last).endIndex...] }
            new = old[..<last.startIndex] + changed(last, depth: depth - 1, change)
        }
        let size = new.count
        let length: [UInt8] =
            size < 0x80
            ? [UInt8(size)]
            : size < 0x100 ? [0x81, UInt8(size)] : [0x82, UInt8(size >> 8), UInt8(size & 0xFF)]
        new = [der[der.startIndex]] + length + new
        return new
    }

    @Test("several time stamps are refused: one reader takes the first of them, another the last")
    func stamps() throws {
        #expect(papers.verifier.verify(signed, at: moment).signatures.first?.proven != nil)
        let place = try #require(signed.firstRange(of: Array("/Contents <".utf8))).upperBound
        let end = try #require(signed[place...].firstIndex(of: UInt8(ascii: ">")))
        let padded = try #require(Hex.decode(String(decoding: signed[place..<end], as: UTF8.self)))
        // Down to what the only signer did not sign; then to the values of the attribute there.
        for depth in [5, 7] {
            let cms = changed(padded[...], depth: depth) { Array($0 + $0) }
            var hex = Array(Hex.encode(cms).utf8)
            try #require(hex.count <= end - place)
            hex += [UInt8](repeating: UInt8(ascii: "0"), count: end - place - hex.count)
            #expect(problems(signed[..<place] + hex + signed[end...]) == [.pdfFormat], "\(depth)")
        }
        let same = changed(padded[...], depth: 7) { Array($0) }
        #expect(padded.starts(with: same))
    }

    @Test("a second signer may add a signature and nothing else")
    func betweenSignatures() throws {
        let more = signing("Seal2", title: nil)
        let honest = try papers.signing.sign(signed, more, now: moment)
        #expect(problems(honest).isEmpty)
        let changes: [(PDFFile, inout PDFUpdate) throws -> Void] = [
            { file, update in
                let page = try file.pages()[1]
                update.put(.dictionary(page.entries.merging(["Rotate": .integer(90)]) { $1 }), at: page.place)
            },
            { file, update in
                let content = try #require(try file.pages()[0].entries["Contents"]?.reference)
                update.put([:], stream: Array("BT ET".utf8), at: content)
            },
            { file, update in
                var catalog = try file.catalog
                let action = update.place()
                update.put(.dictionary(["S": .name("JavaScript"), "JS": .text("app.alert(1)")]), at: action)
                catalog["OpenAction"] = .reference(action)
                update.put(.dictionary(catalog), at: try file.catalogPlace)
            },
            { file, update in
                // An annotation that is no signature, over the page.
                let page = try file.pages()[0]
                let stamp = update.place()
                update.put(.dictionary(["Type": .name("Annot"), "Subtype": .name("FreeText")]), at: stamp)
                let shown = (page.entries["Annots"]?.array ?? []) + [.reference(stamp)]
                update.put(
                    .dictionary(page.entries.merging(["Annots": .array(shown)]) { $1 }),
                    at: page.place
                )
            },
            { file, update in
                // The first signature's field shows another picture.
                let field = try file.signatureFields()[0]
                var entries = try #require(try file.object(field.place).dictionary)
                entries["Rect"] = .array([.integer(0), .integer(0), .integer(500), .integer(500)])
                update.put(.dictionary(entries), at: field.place)
            },
        ]
        for (index, change) in changes.enumerated() {
            let changed = try updated(signed, change)
            let again = try papers.signing.sign(changed, more, now: moment)
            #expect(problems(again) == [.coverage], "\(index)")
        }
    }

    @Test("what the first signer left open cannot be filled in later")
    func missingObject() throws {
        // The signature takes four places: itself, its field, the field's picture, the description.
        let drawn = try drawnPDF()
        let size = try #require(try PDFFile(drawn, limits: pdfLimits).trailer["Size"]?.integer)
        let missing = PDFReference(number: size + 4, generation: 0)
        let open = try updated(drawn) { file, update in
            let page = try file.pages()[0]
            let contents = try #require(page.entries["Contents"])
            update.put(
                .dictionary(
                    page.entries.merging(["Contents": .array([contents, .reference(missing)])]) { $1 }
                ),
                at: page.place
            )
        }
        let once = try papers.signing.sign(open, signing("Seal1"), now: moment)
        #expect(problems(once).isEmpty)
        let filled = try updated(once) { _, update in
            let place = update.place()
            #expect(place == missing)
            update.put([:], stream: Array("0 0 m".utf8), at: place)
        }
        let shadow = try papers.signing.sign(filled, signing("Seal2", title: nil), now: moment)
        #expect(problems(shadow) == [.coverage])
    }

    @Test("a signature that names another gap is refused")
    func wrapped() throws {
        let text = String(decoding: signed, as: UTF8.self)
        let start = try #require(text.range(of: "/ByteRange [ "))
        let numbers = text[start.upperBound...].prefix(44)
        let parts = numbers.split(separator: " ").compactMap { Int($0) }
        func with(_ range: [Int]) throws -> [UInt8] {
            let digits = range.map { String(decoding: PDFUpdate.digits($0, 10), as: UTF8.self) + " " }
            return try replaced(signed, String(numbers), by: digits.joined())
        }
        #expect(try with(parts) == signed)
        for change in [[1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, -1], [0, -500, 500, -500], [0, 1, -1, 1]] {
            #expect(problems(try with(zip(parts, change).map { $0 + $1 })) == [.pdfFormat], "\(change)")
        }
        #expect(problems(try with([parts[0], parts[1], parts[2], parts[3] - 1])).contains(.documentHash))
        #expect(problems(try with([parts[0], parts[1], parts[2], parts[3] + 1])) == [.pdfFormat])
        #expect(problems(try replaced(signed, "/ByteRange", by: "/ByteRangX")) == [.pdfFormat])
        #expect(
            problems(try replaced(signed, "/Type /Sig /ByteRange", by: "/Type /Sig /Type /SigX")) == [
                .pdfFormat
            ]
        )
        #expect(problems(try replaced(signed, "ETSI.CAdES.detached", by: "adbe.pkcs7.sha1/X/X")) != [])
    }

    @Test("digits of the signature: nothing behind it, no spaces, none at all")
    func digits() throws {
        let text = Array("/Contents <".utf8)
        let start = try #require(signed.firstRange(of: text)).upperBound
        let end = try #require(signed[start...].firstIndex(of: 0x3E))
        var behind = signed
        behind[end - 1] = 0x31
        #expect(problems(behind) == [.pdfFormat])
        var spaced = signed
        spaced[end - 1] = 0x20
        #expect(problems(spaced) == [.pdfFormat])
        var empty = signed
        for index in start..<end { empty[index] = 0x30 }
        #expect(problems(empty) == [.pdfFormat])
        // The signature of another file.
        let other = try papers.signing.sign(
            updated(drawnPDF()) { _, update in update.put(.integer(7), at: update.place()) },
            signing("Seal1"),
            now: moment
        )
        let from = try #require(other.firstRange(of: text)).upperBound
        var carried = signed
        carried.replaceSubrange(start..<end, with: other[from..<from + end - start])
        #expect(problems(carried) == [.documentHash])
    }

    @Test("files that are larger inside than outside")
    func bombs() throws {
        let zeros = PDFAttachment(
            name: "a",
            mediaType: "text/plain",
            bytes: [UInt8](repeating: 0, count: 5_000_000)
        )
        let bomb = try papers.signing.sign(
            drawnPDF(),
            signing("Seal1", attachments: [zeros]),
            now: moment
        )
        #expect(bomb.count < 100_000)
        #expect(problems(bomb) == [.pdfLimit])
        let deep = [UInt8](repeating: 0x5B, count: 100_000)
        let nested = try updated(drawnPDF()) { file, update in
            var catalog = try file.catalog
            let place = update.place()
            _ = update.put(text: deep, at: place)
            catalog["AcroForm"] = .reference(place)
            update.put(.dictionary(catalog), at: try file.catalogPlace)
        }
        #expect(problems(nested) == [.pdfFormat])
        // A field below itself, and a page below itself.
        let circle = try updated(drawnPDF()) { file, update in
            var catalog = try file.catalog
            let field = update.place()
            update.put(.dictionary(["Kids": .array([.reference(field)])]), at: field)
            catalog["AcroForm"] = .dictionary(["Fields": .array([.reference(field)])])
            update.put(.dictionary(catalog), at: try file.catalogPlace)
        }
        #expect(problems(circle) == [.pdfFormat])
        #expect(problems([UInt8](repeating: 0x20, count: pdfLimits.bytes + 1)) == [.pdfLimit])
        var long = try drawnPDF()
        for _ in 0..<pdfLimits.revisions {
            long = try updated(long) { _, update in update.put(.null, at: update.place()) }
        }
        #expect(problems(long) == [.pdfLimit])
    }

    @Test("one object that is asked for again and again costs no more than the file allows")
    func again() throws {
        let pages = try updated(drawnPDF()) { file, update in
            var catalog = try file.catalog
            let (big, node) = (update.place(), update.place())
            update.put(.array([PDFObject](repeating: .integer(1), count: 50_000)), at: big)
            var kids: [PDFObject] = []
            for _ in 0..<2_000 {
                let page = update.place()
                update.put(.dictionary(["FT": .name("Sig"), "T": .reference(big)]), at: page)
                kids.append(.reference(page))
            }
            update.put(.dictionary(["Kids": .array(kids)]), at: node)
            catalog["AcroForm"] = .dictionary(["Fields": .array([.reference(node)])])
            update.put(.dictionary(catalog), at: try file.catalogPlace)
        }
        #expect(problems(pages) == [.pdfLimit])
    }

    @Test("no mutation of a signed file is valid, and none stops the check")
    func mutations() throws {
        let seed = UInt64(20_261_122)
        let entropy = SeededEntropy(seed: seed)
        let start = try #require(signed.firstRange(of: Array("/Contents <".utf8))).upperBound
        let end = try #require(signed[start...].firstIndex(of: 0x3E))
        for round in 0..<2_000 {
            let chance = entropy.bytes(8)
            let place = chance.prefix(4).reduce(0) { $0 << 8 | Int($1) } % signed.count
            var bytes = signed
            switch chance[4] % 4 {
            case 0: bytes[place] ^= 1 << (chance[5] & 7)
            case 1: bytes[place] = chance[5]
            case 2: bytes.remove(at: place)
            default: bytes.insert(chance[5], at: place)
            }
            guard bytes != signed else { continue }
            // Inside the digits CMS leaves some bytes open; see the test of the signature itself.
            if (start..<end).contains(place) {
                _ = problems(bytes)
            } else {
                #expect(problems(bytes) != [], "seed \(seed), round \(round), byte \(place)")
            }
        }
    }
}
