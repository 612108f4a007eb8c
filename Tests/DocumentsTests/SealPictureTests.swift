import Foundation
import Testing

@testable import Documents

@Suite("pictures of seals")
struct SealPictureTests {
    private let world: SheetWorld
    private let figures: SealFigures
    private let dpi = 600.0

    init() throws {
        world = try SheetWorld()
        figures = try SealFigures(contentsOf: "\(SheetWorld.resources)/seal-figures.yaml")
    }

    private static let texts = [
        "name": "内蒙古敕勒川草原食品有限责任公司", "mongolian": "ᠥᠪᠥᠷ ᠮᠣᠩᠭᠣᠯ ᠤᠨ ᠴᠢᠯᠠᠭᠤᠯ ᠤᠨ ᠲᠠᠯ᠎ᠠ",
        "code": "15010500012345", "line": "财务专用章", "number": "(1)", "tax-number": "91150105MA0Q8XYZ1K",
    ]

    private func texts(_ figure: String) -> [String: String] {
        var texts = Self.texts
        if ["legal-representative", "person"].contains(figure) { texts["name"] = "巴特尔印" }
        return texts
    }

    private func picture(_ figure: String, _ texts: [String: String]) throws -> SealPicture {
        try figures.picture(figure, texts, by: world.typesetter)
    }

    private func pixels(_ figure: String, _ texts: [String: String]) throws -> Pixels {
        try Pixels(png: picture(figure, texts).png(dpi: dpi, by: world.typesetter))
    }

    @Test(
        "circles have their size and edge line, and nothing outside of it",
        arguments: [
            ("official", 40.0, 1.0), ("official-large", 42, 1.2), ("special", 38, 1),
            ("official-bilingual", 42, 1.2), ("special-bilingual", 40, 1),
        ]
    )
    func circles(figure: String, diameter: Double, border: Double) throws {
        let pixels = try pixels(figure, texts(figure))
        #expect(abs(Double(pixels.width) - diameter / 25.4 * dpi) < 1)
        #expect(pixels.width == pixels.height)
        let covered = pixels.covered(dpi: dpi)
        let distances = covered.map { hypot($0.x, $0.y) }
        #expect(try #require(distances.max()) <= diameter / 2 + 0.03)
        // Between the edge line and the texts nothing is drawn: no character touches the line.
        let inner = diameter / 2 - border
        #expect(!distances.contains { $0 < inner - 0.06 && $0 > inner - 0.4 })
        // The line itself is whole and as wide as it should be, all the way round.
        for degree in 0..<360 {
            let angle = Double(degree) * .pi / 180
            let ring = (0...400).filter { step in
                let radius = diameter / 2 + 0.1 - Double(step) / 400 * (border + 0.4)
                let x = Int((radius * sin(angle)) / 25.4 * dpi + Double(pixels.width) / 2)
                let y = Int((radius * cos(angle)) / 25.4 * dpi + Double(pixels.height) / 2)
                return pixels.cover(x, y) > 127
            }
            #expect(abs(Double(ring.count) / 400 * (border + 0.4) - border) < 0.09)
        }
        #expect(pixels.colour(pixels.width / 2, 5) == [220, 0, 0])
    }

    @Test("the star stands upright in the middle")
    func star() throws {
        let star = SealDrawing.star(radius: 7)
        let points = try pixels("official", ["name": "丰苒商贸"]).covered(dpi: dpi)
            .filter { hypot($0.x, $0.y) < 8 }
        #expect(abs(try #require(points.map(\.y).min()) + 7) < 0.06)
        #expect(abs(try #require(points.map(\.y).max()) - 7 * cos(.pi / 5)) < 0.06)
        let left = points.count { $0.x < 0 }
        #expect(abs(2 * left - points.count) < points.count / 100)
        // The tip is above the middle, and only there.
        #expect(points.filter { $0.y < -6.5 }.allSatisfy { abs($0.x) < 0.3 })
        let leftmost = try #require(points.min { $0.x < $1.x })
        let rightmost = try #require(points.max { $0.x < $1.x })
        #expect(abs(leftmost.y - rightmost.y) < 0.1)
        #expect(star.steps.count == 11)
    }

    @Test("names of 4 to 40 characters stand symmetrically on the arc", arguments: [4, 7, 16, 17, 28, 40])
    func arcs(count: Int) throws {
        let texts = ["name": String(repeating: "田", count: count)]
        let letters = try pixels("official", texts).covered(dpi: dpi).filter {
            (8.5..<18.7).contains(hypot($0.x, $0.y))
        }
        let angles = letters.map { atan2($0.x, -$0.y) * 180 / .pi }
        let least = try #require(angles.min())
        let most = try #require(angles.max())
        #expect(abs(least + most) < 1, "\(least)…\(most)")
        #expect(most < 140)
        // Whole characters: as many gaps between them as there should be.
        let seen = Set(angles.map { Int(($0 * 4).rounded()) })
        if count < 20 {
            let gaps = seen.sorted().adjacentGaps
            #expect(gaps == count - 1)
        }
    }

    @Test("a name that has no room is refused, not cut")
    func tooLong() throws {
        #expect(throws: DocumentError.self) {
            try picture("official", ["name": String(repeating: "内", count: 70)])
        }
        #expect(throws: DocumentError.self) { try picture("official", [:]) }
        #expect(throws: DocumentError.self) { try picture("round", ["name": "丰苒商贸"]) }
    }

    @Test("a rare character is drawn, one that no typeface has is refused")
    func rare() throws {
        #expect(try picture("person", ["name": "王㛃𬭎印"]).marks.count == 2)
        #expect(throws: DocumentError.self) { try picture("person", ["name": "𓀀"]) }
    }

    @Test("the invoice seal has the measures of the tax administration")
    func invoice() throws {
        let picture = try picture("invoice", texts("invoice"))
        #expect(picture.width == 40 && picture.height == 30)
        // Edge line, name, tax number, 发票专用章, serial number.
        let boxes = picture.marks.compactMap(\.path.bounds)
        #expect(boxes.count == 5)
        #expect(abs(boxes[2].height - 3.7) < 0.05)
        #expect(abs(boxes[2].width - 26) < 0.5)
        #expect(abs(boxes[2].middle.y - 15) < 0.05)
        #expect(abs(boxes[3].middle.x - 20) < 0.2)
        #expect(boxes[3].y > 15 + 4.2 - 0.3 && boxes[3].bottom < 15 + 4.2 + 4.6 + 0.3)
        #expect(boxes[4].y >= 25 - 0.1 && boxes[4].bottom < 29)
        let covered = try pixels("invoice", texts("invoice")).covered(dpi: dpi)
        #expect(covered.allSatisfy { pow($0.x / 20.03, 2) + pow($0.y / 15.03, 2) <= 1 })
        #expect(
            !covered.contains {
                pow($0.x / 18.94, 2) + pow($0.y / 13.94, 2) < 1
                    && pow($0.x / 18.75, 2) + pow($0.y / 13.75, 2) > 1
            }
        )
    }

    @Test(
        "square seals read from right to left and stay inside their edge",
        arguments: ["巴特尔印", "王㛃", "巴雅尔其其格"]
    )
    func squares(name: String) throws {
        let picture = try picture("legal-representative", ["name": name])
        let letters = try #require(picture.marks.last?.path.bounds)
        #expect(letters.x > 1.2 && letters.right < 18.8 && letters.y > 1.2 && letters.bottom < 18.8)
        #expect(abs(letters.middle.x - 10) < 0.6 && abs(letters.middle.y - 10) < 0.6)
    }

    @Test("the picture is small, says its points to the inch, and shows nothing but ink on nothing")
    func file() throws {
        let png = try picture("official", Self.texts).png(dpi: dpi, by: world.typesetter)
        #expect(png.count < 40_000, "\(png.count) bytes")
        let pixels = try Pixels(png: png)
        #expect(pixels.width == 945 && pixels.height == 945)
        #expect(pixels.cover(470, 250) == 0 && pixels.cover(2, 2) == 0)
        let name = Array("pHYs".utf8)
        let at = try #require(png.indices.first { png[$0...].starts(with: name) })
        // 23,622 points to the metre.
        #expect(Array(png[(at + 4)..<(at + 13)]) == [0, 0, 0x5C, 0x46, 0, 0, 0x5C, 0x46, 1])
    }

    @Test("every figure can be put on a sheet, in its own size in the middle of the place")
    func onSheet() throws {
        for name in figures.names {
            let picture = try picture(name, texts(name))
            let marks = picture.marks(in: SheetBox(100, 100, 40, 40))
            guard case .path(let edge)? = marks.first, let box = edge.path.bounds else {
                Issue.record("\(name) has no edge")
                continue
            }
            #expect(abs(box.middle.x - 120) < 0.01 && abs(box.middle.y - 120) < 0.01)
        }
    }
}

extension [Int] {
    /// How often a number is not followed by the next.
    fileprivate var adjacentGaps: Int { zip(self, dropFirst()).count { $1 - $0 > 1 } }
}
