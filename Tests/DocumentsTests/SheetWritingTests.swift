import ElectronicSeals
import Foundation
import Testing

@testable import Documents

@Suite("sheets as files")
struct SheetWritingTests {
    private let world: SheetWorld

    init() throws { world = try SheetWorld() }

    /// Text without spaces, which programs put where they think best.
    private func bare(_ text: String) -> String {
        String(
            text.unicodeScalars.filter { !$0.properties.isWhitespace && $0 != "\u{0C}" }.map(Character.init)
        )
    }

    private func textOfPDF(_ pdf: [UInt8]) throws -> String {
        let file = NSTemporaryDirectory() + "sheet-\(UUID().uuidString).pdf"
        try Data(pdf).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let run = Process()
        run.executableURL = URL(fileURLWithPath: "/usr/bin/pdftotext")
        run.arguments = ["-raw", file, "-"]
        let pipe = Pipe()
        run.standardOutput = pipe
        try run.run()
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        run.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }

    private func textOfOFD(_ package: Package) throws -> String {
        var text = ""
        func walk(_ tree: XMLTree) {
            if tree.name == "TextCode" { text += tree.content + "\n" }
            for child in tree.children { walk(child) }
        }
        for entry in package.entries where entry.name.hasSuffix("/Content.xml") {
            walk(try XMLTree(reading: entry.bytes, name: entry.name))
        }
        return text
    }

    @Test(
        "OFD and PDF hold the same text, character by character",
        arguments: SheetWorld.contents.keys.sorted()
    )
    func sameText(name: String) throws {
        let sheet = try world.sheet(name)
        let ofd = Package(
            try OFDWriter.entries(sheet, SheetWorld.description, by: world.typefaces)
        )
        let pdf = try PDFWriter.pdf(sheet, SheetWorld.description, by: world.typesetter)
        let drawn = bare(sheet.texts.joined())
        #expect(!drawn.isEmpty)
        #expect(bare(try textOfOFD(ofd)) == drawn)
        let read = bare(try textOfPDF(pdf))
        #expect(read.sorted() == drawn.sorted())
    }

    @Test("the same sheet gives the same bytes in both formats")
    func stable() throws {
        let sheet = try world.sheet("licence")
        let again = try SheetWorld().sheet("licence")
        #expect(
            try OFDWriter.entries(sheet, SheetWorld.description, by: world.typefaces)
                == OFDWriter.entries(again, SheetWorld.description, by: world.typefaces)
        )
        #expect(
            try PDFWriter.pdf(sheet, SheetWorld.description, by: world.typesetter)
                == PDFWriter.pdf(again, SheetWorld.description, by: world.typesetter)
        )
    }

    @Test("a document without a number of 32 digits is not written")
    func number() throws {
        let description = DocumentDescription(
            id: "7",
            title: "a",
            author: "b",
            created: SheetWorld.description.created
        )
        #expect(throws: DocumentError.self) {
            try OFDWriter.entries(Sheet(pages: []), description, by: world.typefaces)
        }
    }

    @Test("the package says what it holds, with every number once and none above the highest")
    func package() throws {
        let data = DocumentAttachment(name: "licence-data", format: "JSON", bytes: Array("{\"a\":1}".utf8))
        let package = Package(
            try OFDWriter.entries(
                try world.sheet("licence"),
                SheetWorld.description,
                attachments: [data],
                by: world.typefaces
            )
        )
        let document = try OFDDocument(package)
        #expect(document.bodies.first?.title == "食品经营许可证 <A&B>")
        #expect(document.field("ZZBH") == "JY11501050012345")
        #expect(try document.attachment("licence-data") == data.bytes)
        var ids: [Int] = []
        var highest: Int?
        for entry in package.entries where entry.name.hasSuffix(".xml") {
            func walk(_ tree: XMLTree) {
                if let id = tree.attributes["ID"].flatMap({ Int($0) }) { ids.append(id) }
                if tree.name == "MaxUnitID" { highest = Int(tree.content) }
                for child in tree.children { walk(child) }
            }
            walk(try XMLTree(reading: entry.bytes, name: entry.name))
        }
        #expect(Set(ids).count == ids.count)
        #expect(highest == ids.max())
        for entry in package.entries where entry.name.hasSuffix(".ttf") { #expect(entry.bytes.count > 1000) }
    }

    @Test("a copy bears its note in the content and as a watermark, in both formats")
    func copy() throws {
        let note = CopyNote(text: "加注件：仅供开立账户，2026年12月22日前有效", watermark: "仅供开户使用")
        let sheet = try world.sheet("licence").annotated(note, by: world.typesetter)
        let package = Package(try OFDWriter.entries(sheet, SheetWorld.description, by: world.typefaces))
        #expect(try textOfOFD(package).contains("仅供开立账户"))
        let annotation = try #require(package.entry("Doc_0/Annots/Page_0/Annotation.xml"))
        let tree = try XMLTree(reading: annotation.bytes, name: annotation.name)
        let watermark = try #require(tree.first("Annot"))
        #expect(watermark.attributes["Type"] == "Watermark")
        #expect(watermark.first("Appearance")?.all("TextObject").isEmpty == false)
        let pdf = bare(try textOfPDF(PDFWriter.pdf(sheet, SheetWorld.description, by: world.typesetter)))
        #expect(pdf.contains("仅供开立账户") && pdf.contains("仅供开户使用"))
        #expect(throws: DocumentError.self) {
            try world.sheet("licence").annotated(
                CopyNote(text: String(repeating: "很长的用途", count: 200), watermark: ""),
                by: world.typesetter
            )
        }
    }

    @Test("a seal is put where the sheet has its place, and the sealed file is valid and shows it there")
    func sealed() throws {
        let stamps = try StampWorld()
        let figures = try SealFigures(contentsOf: "\(SheetWorld.resources)/seal-figures.yaml")
        let picture = try figures.picture("official", ["name": "内蒙古丰苒商贸有限公司"], by: world.typesetter)
        let sheet = try world.sheet("notice")
        let place = try #require(sheet.place("seal"))
        #expect(place.page == sheet.pages.count - 1)
        var content = stamps.seal.content
        content.picture = .init(
            type: "PNG",
            bytes: try picture.png(dpi: 200, by: world.typesetter),
            width: Int(picture.width),
            height: Int(picture.height)
        )
        let stamp = OFDSigner.Stamp(
            seal: try ElectronicSeal(content, madeBy: stamps.maker),
            signer: stamps.signer,
            places: [place.stamp(width: picture.width, height: picture.height)]
        )
        let package = try OFDSigner.seal(
            Package(OFDWriter.entries(sheet, SheetWorld.description, by: world.typefaces)),
            with: stamp,
            at: stamps.now,
            isLocking: true
        )
        #expect(stamps.verifier.verify(try package.zipped()).isValid)
        let drawn = try Pixels(
            png: OFDDrawing(package).picture(page: place.page, dpi: 50, by: world.typesetter)
        )
        var reds: [(x: Double, y: Double)] = []
        for y in 0..<drawn.height {
            for x in 0..<drawn.width {
                let colour = drawn.colour(x, y)
                guard colour[0] > 170, colour[1] < 80 else { continue }
                reds.append((Double(x) / 50 * 25.4, Double(y) / 50 * 25.4))
            }
        }
        let left = try #require(reds.map(\.x).min())
        let right = try #require(reds.map(\.x).max())
        let top = try #require(reds.map(\.y).min())
        #expect(
            abs(left - place.box.x) < 1 && abs(right - place.box.right) < 1.1 && abs(top - place.box.y) < 1
        )
    }

    @Test("a PDF bears its seal under the text")
    func stampedPDF() throws {
        let figures = try SealFigures(contentsOf: "\(SheetWorld.resources)/seal-figures.yaml")
        let picture = try figures.picture("official", ["name": "内蒙古丰苒商贸有限公司"], by: world.typesetter)
        let sheet = try world.sheet("licence")
        let stamped = try sheet.stamped(picture)
        #expect(stamped.texts == sheet.texts)
        #expect(stamped.pages[0].marks.count == sheet.pages[0].marks.count + 3)
        guard case .path(let edge)? = stamped.pages[0].marks.first else {
            Issue.record("the seal hides text")
            return
        }
        let box = try #require(sheet.place("seal")?.box)
        #expect(abs((edge.path.bounds?.middle.x ?? 0) - box.middle.x) < 0.01)
        let pdf = try PDFWriter.pdf(stamped, SheetWorld.description, by: world.typesetter)
        #expect(bare(try textOfPDF(pdf)).sorted() == bare(sheet.texts.joined()).sorted())
        #expect(throws: DocumentError.self) { try sheet.stamped(picture, at: "nowhere") }
    }
}
