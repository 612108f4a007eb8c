import ElectronicSeals
import Foundation
import Kernel
import Testing

@testable import Documents

@Suite("OFD drawn")
struct OFDDrawingTests {
    private let world: SheetWorld
    private let dpi = 72.0

    init() throws { world = try SheetWorld() }

    private func drawing(_ entries: [PackageEntry]) throws -> OFDDrawing { try OFDDrawing(Package(entries)) }

    private func entries(_ name: String) throws -> [PackageEntry] {
        try OFDWriter.entries(try world.sheet(name), SheetWorld.description, by: world.typefaces)
    }

    private func sample(_ name: String) throws -> OFDDrawing {
        try OFDDrawing(Package(reading: SampleTests.bytes(name), limits: SampleTests.limits))
    }

    private func pixels(_ drawing: OFDDrawing, page: Int = 0) throws -> Pixels {
        try Pixels(png: drawing.picture(page: page, dpi: dpi, by: world.typesetter))
    }

    /// Parts of the page with something on them, 0…1.
    private func ink(_ pixels: Pixels, _ x: Int, _ y: Int) -> Double {
        1 - Double(pixels.colour(x, y).min() ?? 255) / 255
    }

    /// Whether everything that is seen in one picture is there in the other too, give or take a point.
    private func strays(_ one: Pixels, from other: Pixels) -> Int {
        var strays = 0
        for y in 1..<one.height - 1 {
            for x in 1..<one.width - 1 where ink(one, x, y) > 0.6 {
                let near = (-1...1).contains { down in
                    (-1...1).contains { across in ink(other, x + across, y + down) > 0.25 }
                }
                if !near { strays += 1 }
            }
        }
        return strays
    }

    @Test(
        "what a sheet shows, its OFD shows too, at the same places",
        arguments: SheetWorld.contents.keys.sorted()
    )
    func sameLook(name: String) throws {
        let sheet = try world.sheet(name)
        let drawing = try drawing(entries(name))
        #expect(drawing.pages.count == sheet.pages.count)
        for page in sheet.pages.indices {
            let drawn = try Pixels(png: sheet.picture(page: page, dpi: dpi, by: world.typesetter))
            let read = try pixels(drawing, page: page)
            #expect(drawn.width == read.width && drawn.height == read.height)
            #expect(strays(drawn, from: read) == 0)
            #expect(strays(read, from: drawn) == 0)
        }
    }

    @Test("a copy's watermark is drawn")
    func watermark() throws {
        let sheet = try world.sheet("licence")
        let note = CopyNote(text: "加注件", watermark: "仅供开户使用")
        let copy = try sheet.annotated(note, by: world.typesetter)
        let drawn = try pixels(
            drawing(OFDWriter.entries(copy, SheetWorld.description, by: world.typefaces))
        )
        let plain = try pixels(drawing(entries("licence")))
        var pale = 0
        for y in 0..<drawn.height {
            for x in 0..<drawn.width where drawn.colour(x, y) != plain.colour(x, y) { pale += 1 }
        }
        #expect(pale > 1_000)
        #expect(strays(plain, from: drawn) == 0)
    }

    private func red(_ pixels: Pixels) -> [(x: Double, y: Double)] {
        var found: [(x: Double, y: Double)] = []
        for y in 0..<pixels.height {
            for x in 0..<pixels.width {
                let colour = pixels.colour(x, y)
                if colour[0] > 180, colour[1] < 90, colour[2] < 90 {
                    found.append((Double(x) / dpi * 25.4, Double(y) / dpi * 25.4))
                }
            }
        }
        return found
    }

    @Test("a stamp that is itself an OFD stands where its signature says")
    func stamp() throws {
        let points = red(try pixels(sample("ofdrw-invoice-v4-vendor.ofd")))
        #expect(points.count > 250)
        #expect(points.allSatisfy { (89.5...120.5).contains($0.x) && (7.5...28.5).contains($0.y) })
    }

    @Test("a riding seal shows a strip on each page")
    func riding() throws {
        let drawing = try sample("ofdrw-riding-seal-v4.ofd")
        #expect(drawing.pages.count == 5)
        for page in 0..<5 {
            let strip = red(try pixels(drawing, page: page)).filter { $0.x > 150 }
            #expect(strip.count > 25)
            #expect(strip.allSatisfy { $0.x > 201.5 && (39.5...80.5).contains($0.y) })
        }
    }

    @Test(
        "a number of samples is drawn, with text",
        arguments: [
            "licence-unsigned.ofd", "ofdrw-allprotected-v4.ofd", "sm2ca-hello-v4.ofd",
        ]
    )
    func samples(name: String) throws {
        let pixels = try pixels(sample(name))
        var dark = 0
        for y in 0..<pixels.height {
            for x in 0..<pixels.width where ink(pixels, x, y) > 0.5 { dark += 1 }
        }
        #expect(dark > 80)
    }

    // MARK: - Hostile files

    private func page(_ content: String, resources: String = "") throws -> VerificationClass? {
        let ofd = "<OFD><DocBody><DocInfo/><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>"
        let document =
            "<Document><CommonData><PageArea><PhysicalBox>0 0 100 100</PhysicalBox></PageArea>"
            + "<PublicRes>Res.xml</PublicRes></CommonData><Pages><Page ID=\"1\" BaseLoc=\"p.xml\"/></Pages></Document>"
        let entries = [
            PackageEntry("OFD.xml", Array(ofd.utf8)),
            PackageEntry("Doc_0/Document.xml", Array(document.utf8)),
            PackageEntry("Doc_0/Res.xml", Array("<Res>\(resources)</Res>".utf8)),
            PackageEntry("Doc_0/bomb.png", Self.bomb),
            PackageEntry(
                "Doc_0/p.xml",
                Array("<Page><Content><Layer>\(content)</Layer></Content></Page>".utf8)
            ),
        ]
        do throws(VerificationProblem) {
            _ = try OFDDrawing(Package(entries)).picture(page: 0, dpi: 30, by: world.typesetter)
            return nil
        } catch { return error.kind }
    }

    /// A PNG header that promises 60,000 by 60,000 points.
    private static let bomb: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]
        + [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 6, 0, 0, 0]

    @Test("what is nested, repeated or large without end is refused")
    func limits() throws {
        let deep = String(repeating: "<PageBlock>", count: 20) + String(repeating: "</PageBlock>", count: 20)
        #expect(try page(deep) == .packageLimit)
        let loop =
            "<CompositeGraphicUnits><CompositeGraphicUnit ID=\"7\"><Content>"
            + "<CompositeObject ResourceID=\"7\" Boundary=\"0 0 9 9\"/><CompositeObject ResourceID=\"7\" Boundary=\"0 0 9 9\"/>"
            + "</Content></CompositeGraphicUnit></CompositeGraphicUnits>"
        #expect(
            try page("<CompositeObject ResourceID=\"7\" Boundary=\"0 0 9 9\"/>", resources: loop)
                == .packageLimit
        )
        let path = String(repeating: "L 1 1 ", count: OFDPainter.stepsMax + 1)
        let object =
            "<PathObject Boundary=\"0 0 9 9\"><AbbreviatedData>M 0 0 \(path)</AbbreviatedData></PathObject>"
        #expect(try page(object) == .packageLimit)
        let wide = String(repeating: "L 0 1 L 1 0 ", count: 5_000)
        #expect(
            try page(
                "<PathObject Boundary=\"0 0 99 99\" LineWidth=\"900\"><AbbreviatedData>M 0 0 \(wide)</AbbreviatedData></PathObject>"
            ) == .packageLimit
        )
        let letters = String(repeating: "龍", count: 5_000)
        #expect(
            try page(
                "<TextObject Boundary=\"0 0 99 99\" Size=\"99\"><TextCode X=\"0\" Y=\"90\" DeltaX=\"0\">\(letters)</TextCode></TextObject>"
            ) == .packageLimit
        )
        #expect(try page("<!DOCTYPE a>") == .packageXML)
    }

    @Test(
        "what makes no sense is left out and stops nothing",
        arguments: [
            "<PathObject Boundary=\"0 0 nan inf\"><AbbreviatedData>M 0 0</AbbreviatedData></PathObject>",
            "<PathObject Boundary=\"0 0 9 9\" LineWidth=\"1e300\"><AbbreviatedData>M 0 0 L 9 9</AbbreviatedData></PathObject>",
            "<PathObject Boundary=\"0 0 9 9\" CTM=\"0 0 0 0 0 0\"><AbbreviatedData>M 0 0 L 9 9</AbbreviatedData></PathObject>",
            "<ImageObject Boundary=\"0 0 9 9\" CTM=\"9 0 0 9 0 0\" ResourceID=\"5\"/>",
            "<TextObject Boundary=\"0 0 9 9\" Size=\"-3\"><TextCode>a</TextCode></TextObject>",
            "<TextObject Boundary=\"0 0 9 9\" Size=\"3\"><CGTransform CodePosition=\"-1\" CodeCount=\"99999999999\"><Glyphs>1</Glyphs></CGTransform><TextCode DeltaX=\"g 999999999 1\">𓀀a</TextCode></TextObject>",
        ]
    )
    func nonsense(content: String) throws {
        let picture =
            "<MultiMedias><MultiMedia ID=\"5\" Type=\"Image\"><MediaFile>bomb.png</MediaFile></MultiMedia></MultiMedias>"
        #expect(try page(content, resources: picture) == nil)
    }

    @Test("a page as large as a field is refused before memory is taken")
    func large() throws {
        let huge = try drawing(
            entries("licence").map { entry in
                let text = String(decoding: entry.bytes, as: UTF8.self)
                guard entry.name.hasSuffix(".xml") else { return entry }
                return PackageEntry(
                    entry.name,
                    Array(text.replacing("0 0 210 297", with: "0 0 90000 90000").utf8)
                )
            }
        )
        #expect(throws: VerificationProblem(.packageLimit, "Doc_0/Pages/Page_0/Content.xml")) {
            try huge.picture(page: 0, dpi: 72, by: world.typesetter)
        }
    }

    @Test("no changed byte makes it crash or hang")
    func mutations() throws {
        let seed = UInt64(20_261_122)
        let entropy = SeededEntropy(seed: seed)
        let good = try entries("certificate")
        for round in 0..<150 {
            var entries = good
            for _ in 0..<1 + entropy.number(below: 4) {
                let file = entropy.number(below: entries.count)
                let at = entropy.number(below: entries[file].bytes.count)
                entries[file].bytes[at] = entropy.bytes(1)[0]
            }
            do {
                _ = try OFDDrawing(Package(entries)).picture(page: 0, dpi: 25, by: world.typesetter)
            } catch is VerificationProblem { continue } catch {
                Issue.record("round \(round) of seed \(seed): \(error)")
            }
        }
    }

    @Test("arcs meet their ends and stay on their circle")
    func arcs() throws {
        let path = try #require(OFDPathReading.path("M 1 0 A 1 1 0 1 1 0 -1 A 1 1 0 0 1 1 0 C", most: 100))
        var ends: [SheetPoint] = []
        for case .cubic(_, _, let end) in path.steps { ends.append(end) }
        #expect(ends.count == 4)
        #expect(ends.allSatisfy { abs(hypot($0.x, $0.y) - 1) < 1e-9 })
        #expect(OFDPathReading.path("M 0 0 X 1", most: 10) == nil)
        #expect(OFDPathReading.path("M 0", most: 10) == nil)
        #expect(OFDValues.deltas("g 3 4.2 1", most: 10) == [4.2, 4.2, 4.2, 1])
        #expect(OFDValues.deltas("g 999999999 1", most: 5).count == 5)
    }
}
