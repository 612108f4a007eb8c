import Foundation
import Kernel
import Testing

@testable import Web

@Suite("forms with files in them")
struct MultipartFormTests {
    private static let boundary = "----edge7MA4YWxk"

    private func part(_ head: String, _ content: [UInt8]) -> [UInt8] {
        Array("--\(Self.boundary)\r\n\(head)\r\n\r\n".utf8) + content + [0x0D, 0x0A]
    }

    private func body(_ parts: [[UInt8]]) -> [UInt8] {
        parts.flatMap { $0 } + Array("--\(Self.boundary)--\r\n".utf8)
    }

    private func read(_ bytes: [UInt8]) throws(WebRefusal) -> FormValues {
        try MultipartForm.read(bytes, boundary: Self.boundary)
    }

    @Test("texts stay texts, files keep their bytes and lose their folders")
    func reads() throws {
        let picture: [UInt8] = [0xFF, 0xD8, 0xFF, 0x00, 0x0D, 0x0A, 0x2D, 0x2D]
        let form = try read(
            body([
                part("Content-Disposition: form-data; name=\"a\"", Array("名 x".utf8)),
                part(
                    "Content-Disposition: form-data; name=\"rows[0].file\"; filename=\"C:\\temp\\租约;1.jpg\"\r\nContent-Type: text/html",
                    picture
                ),
                part("content-disposition: form-data; filename=\"\"; name=\"empty\"", []),
            ])
        )
        #expect(form["a"] == "名 x")
        #expect(form.files.count == 1)
        let file = try #require(form.file("rows[0].file"))
        #expect(file.bytes == picture && file.fileName == "租约;1.jpg")
        #expect(form["rows[0].file"] == nil && !form.has("empty"))
    }

    @Test(
        "the sender's name of a file is only a name",
        arguments: [
            ("../../etc/passwd", "passwd"), ("a\\b\\c.pdf", "c.pdf"), ("x\u{202E}fdp.exe", "xfdp.exe"),
            ("<b>\"q\".pdf", "bq.pdf"), ("/", ""),
            (String(repeating: "长", count: 300), String(repeating: "长", count: 80)),
        ]
    )
    func names(claimed: String, kept: String) { #expect(MultipartForm.bare(claimed) == kept) }

    @Test(
        "hostile bodies are refused, never repaired",
        arguments: [
            "", "--", "------edge7MA4YWxk", "------edge7MA4YWxkX\r\n\r\n", "------edge7MA4YWxk\r\n",
            "------edge7MA4YWxk\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nnever ends",
            "------edge7MA4YWxk\r\nContent-Type: text/plain\r\n\r\nx\r\n------edge7MA4YWxk--",
            "------edge7MA4YWxk\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n------edge7MA4YWxk--",
            "------edge7MA4YWxk\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n------edge7MA4YWxk--",
            "------edge7MA4YWxk\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n------edge7MA4YWxk--",
            "------edge7MA4YWxk\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na\0b\r\n------edge7MA4YWxk--",
        ]
    )
    func refuses(text: String) { #expect(throws: WebRefusal.self) { try read(Array(text.utf8)) } }

    @Test("bytes that are no UTF-8, long heads, long texts, long names and too many parts are refused")
    func limits() throws {
        let head = "Content-Disposition: form-data; name=\"a\""
        #expect(throws: WebRefusal.unreadableForm(reason: "UTF-8")) {
            try read(body([part(head, [0xC0, 0xAF])]))
        }
        let long = String(repeating: "h", count: MultipartForm.headBytesMax)
        #expect(throws: WebRefusal.self) { try read(body([part("\(head)\r\nX: \(long)", [0x61])])) }
        let most = [UInt8](repeating: 0x61, count: MultipartForm.textBytesMax)
        #expect(try read(body([part(head, most)]))["a"]?.utf8.count == most.count)
        #expect(throws: WebRefusal.badField(name: "a")) { try read(body([part(head, most + [0x61])])) }
        let name = String(repeating: "n", count: 201)
        #expect(throws: WebRefusal.self) {
            try read(body([part("Content-Disposition: form-data; name=\"\(name)\"", [])]))
        }
        let file = "Content-Disposition: form-data; name=\"f\"; filename=\"f\""
        let many = Array(repeating: part(file, [1]), count: MultipartForm.filesMax)
        #expect(try read(body(many)).files.count == MultipartForm.filesMax)
        #expect(throws: WebRefusal.tooManyFields(max: MultipartForm.filesMax)) {
            try read(body(many + [part(file, [1])]))
        }
        let texts = Array(repeating: part(head, [0x61]), count: 11)
        #expect(throws: WebRefusal.tooManyFields(max: 10)) {
            try MultipartForm.read(body(texts), boundary: Self.boundary, fieldsMax: 10)
        }
    }

    @Test("any damage to a good body gives values or a refusal", arguments: 0..<60)
    func generated(seed: UInt64) throws {
        var entropy = SplitMix(state: seed)
        var bytes = body([
            part("Content-Disposition: form-data; name=\"a\"", Array("一".utf8)),
            part("Content-Disposition: form-data; name=\"f\"; filename=\"x.pdf\"", Array("%PDF-1.7".utf8)),
        ])
        for _ in 0..<(1 + Int(entropy.next() % 4)) {
            let place = Int(entropy.next() % UInt64(bytes.count))
            if entropy.next() % 2 == 0 {
                bytes[place] = UInt8(truncatingIfNeeded: entropy.next())
            } else {
                bytes.removeSubrange(place..<min(bytes.count, place + Int(entropy.next() % 9)))
            }
            if bytes.isEmpty { break }
        }
        do {
            let form = try read(bytes)
            #expect(form.pairs.count + form.files.count <= 2)
        } catch { #expect(error.status.rawValue >= 400) }
    }

    @Test(
        "boundaries that no browser sends are none",
        arguments: [
            "multipart/form-data", "multipart/form-data; boundary=", "text/plain; boundary=x",
            "multipart/mixed; boundary=x",
        ]
    )
    func boundaries(header: String) { #expect(MultipartForm.boundary(header) == nil) }
}

private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
