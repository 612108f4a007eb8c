import Testing

@testable import Attachments

/// Pictures and names as they are kept.
@Suite("pictures are kept without what tells of their making")
struct PictureTests {
    // MARK: JPEG

    private static func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0xFF, marker, UInt8((payload.count + 2) >> 8), UInt8((payload.count + 2) & 255)] + payload
    }

    private static let secret = Array("GPSLatitude=40.6574N;owner=Zhang".utf8)
    private static let density = Array("JFIF\0".utf8) + [1, 2, 1, 0, 72, 0, 72]
    private static let profile = segment(0xE2, Array("ICC_PROFILE\0".utf8) + [1, 1] + Array("colours".utf8))
    private static let adobe = Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 1]
    private static let tables =
        segment(0xDB, [0] + [UInt8](repeating: 16, count: 64))
        + segment(0xC0, [8, 0, 8, 0, 8, 1, 1, 0x11, 0])
        + segment(0xC4, [0x00] + [0, 1] + [UInt8](repeating: 0, count: 14) + [5])
        + segment(0xC4, [0x10] + [0, 1] + [UInt8](repeating: 0, count: 14) + [0])
    private static let scan = segment(0xDA, [1, 1, 0x00, 0, 63, 0]) + [0xA5, 0xFF, 0x00, 0x3F]

    /// Exif as cameras write it: the orientation among other entries, the place after them.
    private static func exif(_ orientation: UInt8, isLittle: Bool) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            let bytes = (0..<count).map { UInt8(value >> (8 * $0) & 255) }
            return isLittle ? bytes : bytes.reversed()
        }
        func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: [UInt8]) -> [UInt8] {
            number(tag, 2) + number(type, 2) + number(count, 4) + value
        }
        let head = Array("Exif\0\0".utf8) + (isLittle ? [0x49, 0x49, 0x2A, 0] : [0x4D, 0x4D, 0, 0x2A])
        return head + number(8, 4) + number(3, 2)
            + entry(0x010F, 2, 32, number(50, 4))
            + entry(0x0112, 3, 1, number(Int(orientation), 2) + [0, 0])
            + entry(0x8825, 4, 1, number(50, 4)) + number(0, 4) + secret
    }

    private static func photograph(_ orientation: UInt8, isLittle: Bool = true) -> [UInt8] {
        [0xFF, 0xD8] + segment(0xE0, density + [1, 1, 9, 9, 9])
            + segment(0xE1, exif(orientation, isLittle: isLittle))
            + segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0".utf8) + secret)
            + segment(0xE0, Array("JFXX\0".utf8) + secret) + profile
            + segment(0xE2, Array("MPF\0".utf8) + secret)
            + segment(0xED, Array("Photoshop 3.0\0".utf8) + secret)
            + segment(0xEE, adobe + secret) + segment(0xFE, secret)
            + [0xFF, 0xFF] + tables + scan + [0xFF, 0xD9]
            // A film or a second picture that telephones append.
            + secret
    }

    private static func clean(_ orientation: UInt8) -> [UInt8] {
        let turned: [UInt8] =
            Array("Exif\0\0".utf8) + [
                0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation,
            ]
            + [UInt8](repeating: 0, count: 6)
        return [0xFF, 0xD8] + segment(0xE0, density + [0, 0]) + (orientation > 1 ? segment(0xE1, turned) : [])
            + profile + segment(0xEE, adobe) + tables + scan + [0xFF, 0xD9]
    }

    private func holds(_ part: [UInt8], _ bytes: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: part) }
    }

    @Test(
        "a photograph keeps its pixels, colours and which side is up; place, owner, comments and appendices go",
        arguments: [1, 3, 6, 8] as [UInt8],
        [true, false]
    )
    func jpeg(orientation: UInt8, isLittle: Bool) throws {
        let photograph = Self.photograph(orientation, isLittle: isLittle)
        #expect(FileKind(of: photograph) == .jpg && holds(Self.secret, photograph))
        let clean = try CleanPicture.of(photograph, kind: .jpg)
        #expect(clean == Self.clean(orientation))
        #expect(!holds(Self.secret, clean))
        #expect(try CleanPicture.of(clean, kind: .jpg) == clean)
    }

    @Test("an orientation that cannot be read is none, and no reason to refuse the photograph")
    func strangeOrientation() throws {
        for orientation in [0, 9, 255] as [UInt8] {
            #expect(try CleanPicture.of(Self.photograph(orientation), kind: .jpg) == Self.clean(1))
        }
        let exif = Self.exif(6, isLittle: false)
        for end in 0..<exif.count - Self.secret.count {
            _ = ExifOrientation.find(in: Array(exif.prefix(end)))
        }
        // A directory that lies beyond the end.
        var far = exif
        far[10] = 0xFF
        #expect(ExifOrientation.find(in: far) == nil)
    }

    @Test("a JPEG that is cut off anywhere is refused, as is one whose parts contradict one another")
    func damagedJPEG() {
        let whole = Self.clean(6)
        for end in 0..<whole.count {
            #expect(throws: AttachmentError.pictureDamaged, "cut at \(end)") {
                try CleanPicture.of(Array(whole.prefix(end)), kind: .jpg)
            }
        }
        let begin: [UInt8] = [0xFF, 0xD8]
        let end: [UInt8] = [0xFF, 0xD9]
        let frame = Self.segment(0xC0, [8, 0, 8, 0, 8, 1, 1, 0x11, 0])
        let bad: [(String, [UInt8])] = [
            ("no picture", begin + end),
            ("no scan", begin + Self.tables + end),
            ("no tables", begin + frame + Self.scan + end),
            ("two frames", begin + Self.tables + frame + Self.scan + end),
            ("nothing in the scan", begin + Self.tables + Self.segment(0xDA, [1, 1, 0, 0, 63, 0]) + end),
            (
                "a component that is none",
                begin + Self.tables + Self.segment(0xDA, [1, 2, 0, 0, 63, 0]) + [1] + end
            ),
            ("a restart that nobody announced", begin + Self.tables + Self.scan + [0xFF, 0xD0, 1] + end),
            ("bytes between segments", begin + [0] + Self.tables + Self.scan + end),
            ("no width", begin + Self.segment(0xC0, [8, 0, 8, 0, 0, 1, 1, 0x11, 0]) + Self.scan + end),
            (
                "arithmetic codes",
                begin + Self.segment(0xC9, [8, 0, 8, 0, 8, 1, 1, 0x11, 0]) + Self.scan + end
            ),
            ("a page of a browser", begin + [0xFF] + Array("<html><script>alert(1)</script>".utf8)),
        ]
        for (what, bytes) in bad {
            #expect(throws: AttachmentError.pictureDamaged, "\(what)") {
                try CleanPicture.of(bytes, kind: .jpg)
            }
        }
        let restarts =
            begin + Self.segment(0xDD, [0, 1]) + Self.tables + Self.scan + [0xFF, 0xD0, 1, 0xFF, 0xD1, 2]
            + end
        #expect(throws: Never.self) { try CleanPicture.of(restarts, kind: .jpg) }
    }

    // MARK: PNG

    private static func chunk(_ type: String, _ payload: [UInt8] = []) -> [UInt8] {
        func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }
        let body = Array(type.utf8) + payload
        return number(UInt32(payload.count)) + body + number(CRC32.of(body[...]))
    }

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let header = chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
    /// One grey pixel: 00 80, deflated without compression.
    private static let pixel: [UInt8] = [0x78, 0x01, 1, 2, 0, 0xFD, 0xFF, 0, 0x80, 0, 0x82, 0, 0x81]
    private static let drawing: [UInt8] =
        signature + header + chunk("gAMA", [0, 0, 0xB1, 0x8F]) + chunk("pHYs", [0, 0, 0, 1, 0, 0, 0, 1, 1])
        + chunk("IDAT", Array(pixel.prefix(5))) + chunk("IDAT", Array(pixel.dropFirst(5))) + chunk("IEND")

    @Test("a PNG keeps what it is drawn with; text, Exif, time, films, private chunks and appendices go")
    func png() throws {
        let told =
            Self.signature + Self.header + Self.chunk("tEXt", Self.secret)
            + Self.chunk("gAMA", [0, 0, 0xB1, 0x8F])
            + Self.chunk("iTXt", Self.secret) + Self.chunk("zTXt", Self.secret)
            + Self.chunk("eXIf", Self.secret)
            + Self.chunk("pHYs", [0, 0, 0, 1, 0, 0, 0, 1, 1]) + Self.chunk("acTL", Self.secret)
            + Self.chunk("IDAT", Array(Self.pixel.prefix(5)))
            + Self.chunk("IDAT", Array(Self.pixel.dropFirst(5)))
            + Self.chunk("tIME", Self.secret) + Self.chunk("prVt", Self.secret) + Self.chunk("IEND")
            + Self.secret
        let clean = try CleanPicture.of(told, kind: .png)
        #expect(clean == Self.drawing && !holds(Self.secret, clean))
        #expect(try CleanPicture.of(clean, kind: .png) == clean)
    }

    @Test("a PNG that is cut off anywhere, or of which any byte was changed, is refused")
    func damagedPNG() {
        for end in 0..<Self.drawing.count {
            #expect(throws: AttachmentError.pictureDamaged, "cut at \(end)") {
                try CleanPicture.of(Array(Self.drawing.prefix(end)), kind: .png)
            }
            var changed = Self.drawing
            changed[end] ^= 0x20
            #expect(throws: AttachmentError.pictureDamaged, "changed at \(end)") {
                try CleanPicture.of(changed, kind: .png)
            }
        }
        let data = Self.chunk("IDAT", Self.pixel)
        let palette = Self.chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 3, 0, 0, 0])
        let bad: [(String, [UInt8])] = [
            ("no data", Self.header + Self.chunk("IEND")), ("no header", data + Self.chunk("IEND")),
            ("two headers", Self.header + Self.header + data + Self.chunk("IEND")),
            ("no palette", palette + data + Self.chunk("IEND")),
            ("data apart", Self.header + data + Self.chunk("tIME") + data + Self.chunk("IEND")),
            ("no zlib", Self.header + Self.chunk("IDAT", Array("<html></html>".utf8)) + Self.chunk("IEND")),
            ("unknown and needed", Self.header + Self.chunk("ABCD") + data + Self.chunk("IEND")),
            (
                "no width",
                Self.chunk("IHDR", [0, 0, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0]) + data + Self.chunk("IEND")
            ),
        ]
        for (what, rest) in bad {
            #expect(throws: AttachmentError.pictureDamaged, "\(what)") {
                try CleanPicture.of(Self.signature + rest, kind: .png)
            }
        }
    }

    @Test("documents stay as they were handed in", arguments: [FileKind.pdf, .ofd, .docx])
    func documents(kind: FileKind) throws {
        #expect(try CleanPicture.of(Self.secret, kind: kind) == Self.secret)
    }

    // MARK: Names

    @Test(
        "a name is a harmless stem and the ending of what the bytes are",
        arguments: [
            ("租约.pdf", "租约.pdf"), ("evil.html", "evil.pdf"), ("photo.hta", "photo.pdf"),
            ("a\u{202E}fdp.exe", "afdp.pdf"), ("run.pdf.exe", "run_pdf.pdf"), ("lease", "lease.pdf"),
            ("租约 2026.03", "租约 2026_03.pdf"), ("../../etc/passwd", "passwd.pdf"), ("C:\\x\\y.bat", "y.pdf"),
            (".htaccess", "file.pdf"), ("", "file.pdf"), (".", "file.pdf"), ("<>|?*\".scr", "file.pdf"),
            ("=cmd|calc.pdf", "cmd_calc.pdf"), ("-rf.pdf", "rf.pdf"), ("con.pdf", "file-con.pdf"),
            ("LPT1.txt", "file-LPT1.pdf"), ("x\r\nX-Evil: 1.pdf", "xX-Evil_ 1.pdf"),
            ("evil.html ", "evil_html.pdf"), ("evil.pdf.", "evil_pdf.pdf"), ("身份证（正面）.JPEG", "身份证（正面）.pdf"),
        ]
    )
    func names(claimed: String, name: String) {
        #expect(FileName.of(claimed, kind: .pdf) == name)
        #expect(FileName.of(name, kind: .pdf) == name)
    }

    @Test("a name fits into a file system, whatever its length", arguments: ["a", "证", "e\u{301}"])
    func length(of letter: String) {
        let name = FileName.of(String(repeating: letter, count: 5_000), kind: .docx)
        #expect(name.hasSuffix(".docx") && name.utf8.count <= 255 && name.count > 40)
    }
}
