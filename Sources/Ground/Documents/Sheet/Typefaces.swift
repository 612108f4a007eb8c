import CPangoCairo
import Foundation

/// The typefaces that sheets are set in, from `typefaces.tsv`: by role, in the order in which they are tried.
/// Only these are ever used, whatever else the machine has, so that a document looks the same from every machine.
public final class Typefaces: @unchecked Sendable {
    // What is kept are fontconfig's configuration and HarfBuzz faces, both never changed after `init` and counted
    // with atomic counters by their libraries, which allow reading them on many threads.

    /// One file of outlines.
    struct Typeface {
        let family: String
        let file: String
        let face: OpaquePointer
        let font: OpaquePointer
        let unitsPerEm: Double
        /// In parts of the em above the baseline, and below it as a positive number.
        let ascent: Double
        let descent: Double
    }

    let faces: [Typeface]
    /// Families of a role, as Pango takes them.
    let roles: [String: String]
    let configuration: OpaquePointer

    /// - Parameter file: `typefaces.tsv`.
    /// - Throws: `.typeface` when one is not installed; the text names its package.
    public init(file: String) throws(DocumentError) {
        let rows = try Self.rows(of: file)
        let manager = FileManager.default
        for row in rows where !manager.isReadableFile(atPath: row.file) {
            throw .typeface("\(row.file) is missing or unreadable: install the package \(row.package)")
        }
        configuration = try Self.configuration(of: Array(Set(rows.map(\.file))))
        var faces: [Typeface] = []
        var roles: [String: [String]] = [:]
        for row in rows {
            roles[row.role, default: []].append(row.family)
            if faces.contains(where: { $0.family == row.family }) { continue }
            faces.append(try Self.open(row))
        }
        self.faces = faces
        self.roles = roles.mapValues { $0.joined(separator: ",") }
    }

    func index(ofFamily family: String) -> Int? { faces.firstIndex { $0.family == family } }

    private struct Row {
        let role: String
        let family: String
        let file: String
        let index: UInt32
        let package: String
    }

    private static func rows(of file: String) throws(DocumentError) -> [Row] {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw .typeface("\(file) cannot be read")
        }
        var rows: [Row] = []
        let lines = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        for (at, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if cells.first == "role" { continue }
            guard cells.count >= 5, let index = UInt32(cells[3]), !cells[1].contains(",") else {
                throw .typeface("\(file):\(at + 1): a row is role, family, file, index, package, note")
            }
            rows.append(
                Row(role: cells[0], family: cells[1], file: cells[2], index: index, package: cells[4])
            )
        }
        return rows
    }

    private static func open(_ row: Row) throws(DocumentError) -> Typeface {
        guard let blob = hb_blob_create_from_file_or_fail(row.file) else {
            throw .typeface("\(row.file) cannot be opened: install the package \(row.package) anew")
        }
        guard let face = hb_face_create(blob, row.index), hb_face_get_glyph_count(face) > 1 else {
            throw .typeface("\(row.file) holds no typeface \(row.index): install \(row.package) anew")
        }
        hb_blob_destroy(blob)
        hb_face_make_immutable(face)
        guard let font = hb_font_create(face) else { throw .engine("hb_font_create") }
        hb_font_make_immutable(font)
        var extents = hb_font_extents_t()
        hb_font_get_h_extents(font, &extents)
        let unitsPerEm = Double(hb_face_get_upem(face))
        return Typeface(
            family: row.family,
            file: row.file,
            face: face,
            font: font,
            unitsPerEm: unitsPerEm,
            ascent: Double(extents.ascender) / unitsPerEm,
            descent: -Double(extents.descender) / unitsPerEm
        )
    }

    /// Knows the files given and no other; the machine's own settings are left aside.
    private static func configuration(of files: [String]) throws(DocumentError) -> OpaquePointer {
        func tags(_ name: String, _ values: [String]) -> String {
            values.sorted().map { "<\(name)>\(XMLText.escaped($0))</\(name)>" }.joined()
        }
        let folders = Set(files.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path })
        let text =
            "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig>"
            + tags("dir", Array(folders)) + "<cachedir>/var/cache/fontconfig</cachedir>"
            + "<cachedir prefix=\"xdg\">fontconfig</cachedir><selectfont><acceptfont>"
            + tags("glob", files + folders) + "</acceptfont><rejectfont><glob>*</glob></rejectfont>"
            + "</selectfont></fontconfig>"
        guard let made = FcConfigCreate() else { throw .engine("FcConfigCreate") }
        let isRead = text.withCString {
            FcConfigParseAndLoadFromMemory(
                made,
                UnsafeRawPointer($0).assumingMemoryBound(to: FcChar8.self),
                FcTrue
            )
        }
        guard isRead == FcTrue, FcConfigBuildFonts(made) == FcTrue else {
            throw .engine("FcConfigBuildFonts")
        }
        return made
    }
}

extension Typefaces {
    /// The figure of a glyph in parts of the em, the baseline at 0, upwards negative as on a page.
    func outline(of glyph: UInt32, in index: Int) -> SheetPath {
        GlyphOutline.path(of: glyph, font: faces[index].font, unitsPerEm: faces[index].unitsPerEm)
    }
}
