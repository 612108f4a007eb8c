import CPangoCairo
import Cryptography
import Documents
import Foundation
import Kernel

let moment = Instant(milliseconds: 1_795_238_000_000)

let pdfLimits = PDFLimits(
    bytes: 20_000_000,
    objects: 100_000,
    revisions: 16,
    attachments: 16,
    attachmentBytes: 10_000_000,
    ratio: 100
)

/// A P-256 root, an authority and those who sign below it.
struct Papers {
    let root: P256Authority
    let issuing: P256Authority
    let signer: P256Identity
    let stamper: P256Identity

    /// - Parameter years: before and after the moment of the tests; a reader of its own clock needs more than one.
    init(years: Int64 = 1) throws {
        func request(_ name: String) -> CertificateRequest {
            CertificateRequest(
                subject: DistinguishedName(organization: "速办", commonName: name),
                serial: SystemEntropy().bytes(16),
                validFrom: moment + -(years - 1) * 365 * Instant.day,
                validUntil: moment + years * 365 * Instant.day
            )
        }
        root = try P256Authority.root(request("P-256 根"))
        issuing = try root.authority(request("P-256 签发"))
        signer = try issuing.identity(request("文件"), for: .documents)
        stamper = try issuing.identity(request("时间戳"), for: .timestamps)
    }

    var trust: DocumentTrust { DocumentTrust(anchors: [root.certificate]) }
    var signing: PDFSigner {
        PDFSigner(
            signer,
            stamps: TimestampAuthority(
                stamper,
                policy: TimestampPolicy(identifier: "1.2.3.4", accuracyMilliseconds: 1_000)
            ),
            limits: pdfLimits
        )
    }
    var verifier: PDFVerifier { PDFVerifier(trust: trust, limits: pdfLimits, tolerance: 0) }
}

/// Two pages of A4 with some words, as Cairo writes them.
func drawnPDF() throws -> [UInt8] {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("suban-\(UUID().uuidString).pdf")
    defer { try? FileManager.default.removeItem(at: path) }
    let surface = cairo_pdf_surface_create(path.path, 595.28, 841.89)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, "Licence")
    let context = cairo_create(surface)
    for page in ["one", "two"] {
        cairo_set_font_size(context, 20)
        cairo_move_to(context, 60, 80)
        cairo_show_text(context, "Page \(page)")
        cairo_show_page(context)
    }
    cairo_destroy(context)
    cairo_surface_finish(surface)
    cairo_surface_destroy(surface)
    return [UInt8](try Data(contentsOf: path))
}

func signing(
    _ field: String,
    isFinal: Bool = false,
    attachments: [PDFAttachment] = [],
    title: String? = "营业执照"
) -> PDFSigning {
    PDFSigning(
        field: field,
        rectangle: PDFRectangle(left: 130, top: 220, width: 40, height: 40),
        name: "内蒙古自治区市场监督管理局",
        reason: "核发营业执照",
        location: "呼和浩特",
        isFinal: isFinal,
        attachments: attachments,
        title: title
    )
}

/// A sample of the folder beside the tests.
func sample(_ name: String) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: folder.appendingPathComponent("Samples/p256/\(name)")))
}
