/// What stands on the pages of a document, placed and shaped: OFD, PDF and pictures are made from the same one, so
/// that they cannot differ. Lengths are millimetres from the top left corner, downwards.
public struct Sheet: Sendable {
    public var pages: [SheetPage]
    /// Where something that is not part of the content goes, such as the issuer's seal.
    public let places: [SheetPlace]

    public init(pages: [SheetPage], places: [SheetPlace] = []) {
        self.pages = pages
        self.places = places
    }

    public func place(_ name: String) -> SheetPlace? { places.first { $0.name == name } }
}

public struct SheetPage: Sendable {
    public let width: Double
    public let height: Double
    /// In the order of painting.
    public var marks: [SheetMark]
    /// Painted over the marks; OFD keeps them apart from the page's content, as a watermark.
    public var notes: [SheetMark] = []

    public init(width: Double, height: Double, marks: [SheetMark] = []) {
        self.width = width
        self.height = height
        self.marks = marks
    }
}

/// A named box for what is added later: `seal`, `date`, `annotation`.
public struct SheetPlace: Hashable, Sendable {
    public let name: String
    /// 0 is the first page.
    public let page: Int
    public let box: SheetBox
}

public enum SheetMark: Sendable {
    case text(TextRun)
    case path(PathMark)
    case picture(PictureMark)
}

public struct SheetPoint: Hashable, Sendable {
    public var x: Double
    public var y: Double

    public init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}

public struct SheetBox: Hashable, Sendable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    var right: Double { x + width }
    var bottom: Double { y + height }
    var middle: SheetPoint { SheetPoint(x + width / 2, y + height / 2) }
}

/// A colour, each part 0...255, and how much of it covers, 0...1.
public struct Ink: Hashable, Sendable {
    public let red: UInt8
    public let green: UInt8
    public let blue: UInt8
    public let cover: Double

    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8, cover: Double = 1) {
        self.red = red
        self.green = green
        self.blue = blue
        self.cover = cover
    }

    public static let black = Ink(0, 0, 0)
}

public struct PathMark: Sendable {
    public var path: SheetPath
    public var stroke: Ink?
    public var fill: Ink?
    /// Of the stroke.
    public var width: Double

    public init(_ path: SheetPath, stroke: Ink? = nil, width: Double = 0, fill: Ink? = nil) {
        self.path = path
        self.stroke = stroke
        self.width = width
        self.fill = fill
    }
}

/// A PNG picture that fills its box.
public struct PictureMark: Sendable {
    public let png: [UInt8]
    public let box: SheetBox

    public init(png: [UInt8], box: SheetBox) {
        self.png = png
        self.box = box
    }
}

/// Glyphs of one typeface on one line.
public struct TextRun: Sendable {
    /// Place in the list of typefaces.
    public let face: Int
    /// The em in millimetres.
    public let size: Double
    public let ink: Ink
    /// Where the first glyph stands on the baseline.
    public let start: SheetPoint
    /// Degrees clockwise around the start; 90 for Mongolian, which is written downwards.
    public let turn: Double
    public let text: String
    public let glyphs: [PlacedGlyph]
    /// Every character is one glyph, the one that the typeface's own table of characters names.
    public let isPlain: Bool

    /// What the glyphs take along the line.
    public var advance: Double { glyphs.reduce(0) { $0 + $1.advance } }
}

/// One glyph; lengths in millimetres along and across the line.
public struct PlacedGlyph: Hashable, Sendable {
    public let id: UInt32
    /// Bytes of UTF-8 that this glyph and those after it with 0 stand for.
    public let bytes: Int
    public let advance: Double
    public let shift: SheetPoint
}
