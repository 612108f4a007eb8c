import Cryptography
import Foundation
import Kernel
import Testing

@testable import Documents

/// Written in another language and without a parser of PDF, so that both must have understood the format alike.
@Suite("the stand-alone checker of signed PDF")
struct PDFCheckerTests {
    private let tool = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Tools/verify-pdf.py").path

    @Test("it agrees on what we sign, on what was changed or added, and on who is not trusted")
    func ours() throws {
        let papers = try Papers()
        let folder = try ReaderFolder()
        try folder.write(Array(papers.root.certificate.pem.utf8), to: "root.pem")
        try folder.write(Array(try Papers().root.certificate.pem.utf8), to: "other.pem")
        func say(_ pdf: [UInt8], trust: String = "root.pem", at: String = "2026-11-22T00:00:00Z") throws
            -> String
        {
            try folder.write(pdf, to: "file.pdf")
            return try folder.run(
                "/usr/bin/env",
                ["python3", tool, "file.pdf", "--trust", trust, "--at", at]
            )
        }
        let stamped = try papers.signing.sign(drawnPDF(), signing("Seal1"), now: moment)
        let good = try say(stamped, at: "2029-01-01T00:00:00Z")
        #expect(
            good.contains("good: ") && good.contains("CN=文件") && good.contains("2026-11-21 05:13:20"),
            "\(good)"
        )
        var changed = stamped
        let place = try #require(stamped.firstRange(of: Array("MediaBox".utf8)))
        changed[place.lowerBound] ^= 0x20
        #expect(try say(changed).hasPrefix("bad: DOC_HASH"))
        let file = try PDFFile(stamped, limits: pdfLimits)
        let old = stamped + Array("startxref\n\(file.startOfTable)\n%%EOF\n".utf8)
        #expect(try say(old).hasPrefix("bad: COVERAGE"))
        #expect(try say(drawnPDF()).hasPrefix("bad: NOT_SIGNED"))
        let twice = try papers.signing.sign(stamped, signing("Seal2", title: nil), now: moment + Instant.hour)
        #expect(try say(twice).contains("2026-11-21 06:13:20"))
        let plain = try PDFSigner(papers.signer, stamps: nil, limits: pdfLimits)
            .sign(drawnPDF(), signing("Seal1"), now: moment)
        #expect(try say(plain).contains("the signer's word only"))
        #expect(try say(plain, at: "2029-01-01T00:00:00Z").hasPrefix("bad: SIGNER_CERT_EXPIRED"))
        #expect(try say(plain, trust: "other.pem").hasPrefix("bad: SIGNER_CERT_UNTRUSTED"))
        #expect(try say(stamped, trust: "other.pem").hasPrefix("bad: TIMESTAMP"))
    }

    @Test("of a licence it reads the attached fields: identifier, days, the last day of a copy")
    func licences() throws {
        let papers = try Papers()
        let folder = try ReaderFolder()
        try folder.write(Array(papers.root.certificate.pem.utf8), to: "root.pem")
        func say(_ fields: [(String, String)]) throws -> String {
            let list = fields.map { JSON.object(["name": .string($0.0), "value": .string($0.1)]) }
            let record = PDFAttachment(
                name: "licence.json",
                mediaType: "application/json",
                bytes: JSON.object(["fields": .array(list)]).canonicalBytes
            )
            let pdf = try papers.signing.sign(
                drawnPDF(),
                signing("Seal1", attachments: [record]),
                now: moment
            )
            try folder.write(pdf, to: "file.pdf")
            return try folder.run(
                "/usr/bin/env",
                ["python3", tool, "file.pdf", "--trust", "root.pem", "--at", "2026-11-22T00:00:00Z"]
            )
        }
        #expect(try say([("JZJYXQJZSJ", "2026-11-22"), ("ZZYXQJZRQ", "2026-11-22")]).hasPrefix("good: "))
        #expect(try say([("JZJYXQJZSJ", "2026-11-21")]).hasPrefix("bad: COPY_EXPIRED 2026-11-21"))
        #expect(try say([("ZZYXQJZRQ", "2026-11-21")]).hasPrefix("bad: credential.expired"))
        #expect(try say([("ZZYXQQSRQ", "2026-11-23")]).hasPrefix("bad: credential.not-yet-valid"))
        let type = "1.2.156.3005.2.11100000000013338W011.11150200MB1234567X.20260000000001.001."
        #expect(try say([("ZZBS", type + "S")]).hasPrefix("good: "))
        for wrong in ["T", "s", ""] {
            #expect(try say([("ZZBS", type + wrong)]).hasPrefix("bad: ID_CHECK"), "\(wrong)")
        }
    }
}
