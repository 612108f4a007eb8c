import CPangoCairo
import ElectronicSeals

/// Fonts, pictures and ways of drawing that the pages of a document refer to by number.
struct OFDResources {
    struct Font {
        /// Path in the package; nil when the reader is to have it.
        let file: String?
        let name: String
    }

    private(set) var fonts: [String: Font] = [:]
    /// Paths in the package.
    private(set) var pictures: [String: String] = [:]
    private(set) var ways: [String: XMLTree] = [:]
    private(set) var composites: [String: XMLTree] = [:]

    mutating func read(_ path: String, in package: Package) throws(VerificationProblem) {
        guard let entry = package.entry(path) else {
            throw VerificationProblem(.packageFormat, path)
        }
        let tree = try XMLTree(reading: entry.bytes, name: path)
        let folder = tree.attributes["BaseLoc"] ?? ""
        func file(_ reference: String?) -> String? {
            guard let reference, !reference.isEmpty else { return nil }
            let joined = folder.isEmpty ? reference : "\(folder)/\(reference)"
            return package.path(joined, from: path) ?? package.path(reference, from: path)
        }
        for font in tree.all("Fonts").flatMap({ $0.all("Font") }) {
            guard let id = font.attributes["ID"] else { continue }
            fonts[id] = Font(
                file: file(font.text("FontFile")),
                name: (font.attributes["FontName"] ?? "") + " " + (font.attributes["FamilyName"] ?? "")
            )
        }
        for media in tree.all("MultiMedias").flatMap({ $0.all("MultiMedia") }) {
            guard let id = media.attributes["ID"], media.attributes["Type"] == "Image" else { continue }
            pictures[id] = file(media.text("MediaFile"))
        }
        for way in tree.all("DrawParams").flatMap({ $0.all("DrawParam") }) {
            if let id = way.attributes["ID"] { ways[id] = way }
        }
        for unit in tree.all("CompositeGraphicUnits").flatMap({ $0.all("CompositeGraphicUnit") }) {
            if let id = unit.attributes["ID"] { composites[id] = unit }
        }
    }
}

/// A font that came with a document; HarfBuzz checks every table before it reads from it.
final class OFDFont {
    private let face: OpaquePointer
    private let font: OpaquePointer
    private let unitsPerEm: Double
    private var outlines: [UInt32: SheetPath] = [:]

    init?(_ bytes: [UInt8]) {
        let blob = bytes.withUnsafeBytes {
            hb_blob_create_or_fail(
                $0.bindMemory(to: CChar.self).baseAddress,
                UInt32(clamping: $0.count),
                HB_MEMORY_MODE_DUPLICATE,
                nil,
                nil
            )
        }
        guard let blob else { return nil }
        defer { hb_blob_destroy(blob) }
        guard let face = hb_face_create(blob, 0), let font = hb_font_create(face) else { return nil }
        self.face = face
        self.font = font
        unitsPerEm = Double(hb_face_get_upem(face))
        guard hb_face_get_glyph_count(face) > 1, unitsPerEm > 0 else { return nil }
    }

    deinit {
        hb_font_destroy(font)
        hb_face_destroy(face)
    }

    func glyph(for character: Unicode.Scalar) -> UInt32? {
        var glyph: hb_codepoint_t = 0
        return hb_font_get_nominal_glyph(font, character.value, &glyph) != 0 ? glyph : nil
    }

    func outline(_ glyph: UInt32) -> SheetPath {
        if let known = outlines[glyph] { return known }
        let made = GlyphOutline.path(of: glyph, font: font, unitsPerEm: unitsPerEm)
        outlines[glyph] = made
        return made
    }
}
