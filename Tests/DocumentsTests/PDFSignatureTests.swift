import Cryptography
import ElectronicSeals
import Foundation
import Kernel
import Testing

@testable import Documents

@Suite("PDF signatures")
struct PDFSignatureTests {
    private let data = PDFAttachment(
        name: "营业执照.json",
        mediaType: "application/json",
        bytes: Array("{\"name\": \"某某公司\"}".utf8)
    )

    @Test("a signed file is valid, with signer, time, reason and attached data")
    func signed() throws {
        let papers = try Papers()
        let pdf = try drawnPDF()
        let signed = try papers.signing.sign(pdf, signing("Seal1", attachments: [data]), now: moment)
        #expect(signed.starts(with: pdf))
        let verdict = papers.verifier.verify(signed, at: moment + 400 * Instant.day)
        #expect(verdict.isValid, "\(verdict.problems)")
        let signature = try #require(verdict.signatures.first)
        #expect(signature.signer == papers.signer.certificate && signature.field == "Seal1")
        #expect(signature.claimed == moment && signature.proven == moment)
        #expect(signature.reason == "核发营业执照" && signature.location == "呼和浩特")
        #expect(verdict.attachments == [data])
        #expect(papers.verifier.verify(pdf, at: moment).problems == [.notSigned])
    }

    @Test("the samples made with the openssl command are valid and invalid")
    func samples() throws {
        let root = try P256Certificate(pem: String(decoding: try sample("p256-root.pem"), as: UTF8.self))
        let verifier = PDFVerifier(
            trust: DocumentTrust(anchors: [root]),
            limits: pdfLimits,
            tolerance: 300_000
        )
        let at = root.validFrom + Instant.day
        let good = verifier.verify(try sample("p256-pades-ok.pdf"), at: at)
        #expect(good.isValid, "\(good.problems)")
        #expect(good.signatures.first?.claimed != nil && good.signatures.first?.proven == nil)
        let bad = verifier.verify(try sample("p256-pades-tampered.pdf"), at: at)
        #expect(bad.problems == [.documentHash])
    }

    @Test("several sign one after the other, and a final signature ends it")
    func several() throws {
        let papers = try Papers()
        let other = try Papers()
        let once = try papers.signing.sign(drawnPDF(), signing("Seal1"), now: moment)
        let twice = try other.signing.sign(once, signing("Seal2", title: nil), now: moment + Instant.hour)
        let both = DocumentTrust(anchors: papers.trust.anchors + other.trust.anchors)
        let verifier = PDFVerifier(trust: both, limits: pdfLimits, tolerance: 0)
        let verdict = verifier.verify(twice, at: moment + Instant.day)
        #expect(
            verdict.isValid && verdict.signatures.map(\.field) == ["Seal1", "Seal2"],
            "\(verdict.problems)"
        )
        #expect(
            papers.verifier.verify(twice, at: moment + Instant.day).signatures.map(\.problem)
                == [nil, .signerUntrusted]
        )
        #expect(throws: DocumentError.self) {
            try papers.signing.sign(twice, signing("Seal2", title: nil), now: moment)
        }
        #expect(throws: DocumentError.notSignable("signed before")) {
            try papers.signing.sign(twice, signing("Seal3", isFinal: true, title: nil), now: moment)
        }
        let final = try papers.signing.sign(drawnPDF(), signing("Seal1", isFinal: true), now: moment)
        #expect(papers.verifier.verify(final, at: moment).signatures.first?.isFinal == true)
        #expect(throws: DocumentError.notSignable("certified")) {
            try papers.signing.sign(final, signing("Seal2"), now: moment)
        }
    }

    @Test("who is not trusted, too late, revoked or for something else")
    func signers() throws {
        let papers = try Papers()
        let pdf = try drawnPDF()
        let plain = try PDFSigner(papers.signer, stamps: nil, limits: pdfLimits)
            .sign(pdf, signing("Seal1"), now: moment)
        #expect(papers.verifier.verify(plain, at: moment).isValid)
        #expect(papers.verifier.verify(plain, at: moment).signatures.first?.proven == nil)
        let late = moment + 400 * Instant.day
        #expect(papers.verifier.verify(plain, at: late).problems == [.signerExpired])
        #expect(try Papers().verifier.verify(plain, at: moment).problems == [.signerUntrusted])
        let usurped = try PDFSigner(papers.stamper, stamps: nil, limits: pdfLimits)
            .sign(pdf, signing("Seal1"), now: moment)
        #expect(papers.verifier.verify(usurped, at: moment).problems == [.signerUsage])
        let list = try RevocationList<P256>(
            der: papers.issuing.revocationList(
                [.init(serial: papers.signer.certificate.serial, revokedAt: moment, reason: .keyCompromise)],
                number: 1,
                thisUpdate: moment,
                nextUpdate: moment + Instant.day
            ),
            limits: RevocationLimits(bytes: 10_000, entries: 10)
        )
        let trust = DocumentTrust(anchors: papers.trust.anchors, revocation: [list])
        let verifier = PDFVerifier(trust: trust, limits: pdfLimits, tolerance: 0)
        #expect(verifier.verify(plain, at: moment).problems == [.signerRevoked])
        let ahead = try PDFSigner(papers.signer, stamps: nil, limits: pdfLimits)
            .sign(pdf, signing("Seal1"), now: moment + Instant.hour)
        #expect(papers.verifier.verify(ahead, at: moment).problems == [.timestamp])
    }

    @Test("the readers pdfsig and qpdf agree, and see a changed byte")
    func readers() throws {
        let papers = try Papers(years: 20)
        let folder = try ReaderFolder()
        let signed = try papers.signing.sign(
            drawnPDF(),
            signing("Seal1", isFinal: true, attachments: [data]),
            now: moment
        )
        try folder.write(signed, to: "good.pdf")
        var changed = signed
        let place = try #require(
            signed.firstRange(of: Array("MediaBox".utf8))?.lowerBound
        )
        changed[place] ^= 0x20
        try folder.write(changed, to: "changed.pdf")
        try folder.write(Array(papers.root.certificate.pem.utf8), to: "root.pem")
        try folder.trust("root.pem")
        let good = try folder.run("/usr/bin/pdfsig", ["-nssdir", "sql:\(folder.path)/nss", "good.pdf"])
        #expect(good.contains("Signature Validation: Signature is Valid."), "\(good)")
        #expect(good.contains("Total document signed"), "\(good)")
        #expect(good.contains("Certificate is Trusted."), "\(good)")
        let bad = try folder.run("/usr/bin/pdfsig", ["-nssdir", "sql:\(folder.path)/nss", "changed.pdf"])
        #expect(bad.contains("Digest Mismatch"), "\(bad)")
        #expect(
            try folder.run("/usr/bin/qpdf", ["--check", "good.pdf"]).contains(
                "No syntax or stream encoding errors"
            )
        )
        #expect(try folder.run("/usr/bin/pdfdetach", ["-list", "good.pdf"]).contains("营业执照.json"))
        #expect(try folder.run("/usr/bin/pdfinfo", ["good.pdf"]).contains("营业执照"))
    }
}

/// A folder with files for programs that read PDF.
final class ReaderFolder {
    private let root: URL

    init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("suban-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: root.appendingPathComponent("nss"),
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    var path: String { root.path }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: root.appendingPathComponent(name))
    }

    /// Puts a root into a database that pdfsig trusts.
    func trust(_ name: String) throws {
        _ = try run("/usr/bin/certutil", ["-N", "-d", "sql:\(path)/nss", "--empty-password"])
        _ = try run(
            "/usr/bin/certutil",
            ["-A", "-d", "sql:\(path)/nss", "-n", "root", "-t", "CT,C,C", "-i", name]
        )
    }

    func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = root
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }
}
