import CPangoCairo
import Kernel

/// Sheets as PDF 1.5 by Cairo: text that can be selected and searched, its typefaces embedded in part.
public enum PDFWriter {
    private static let pointsPerMillimetre = 72 / 25.4

    /// - Returns: a file that holds no moment but the description's, so that the same sheet gives the same bytes.
    public static func pdf(_ sheet: Sheet, _ description: DocumentDescription, by typesetter: Typesetter)
        throws(DocumentError) -> [UInt8]
    {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(131_072)
        let problem: DocumentError? = withUnsafeMutablePointer(to: &bytes) { bytes in
            do throws(DocumentError) {
                try write(sheet, description, typesetter, into: bytes)
                return nil
            } catch { return error }
        }
        if let problem { throw problem }
        return bytes
    }

    private static func write(
        _ sheet: Sheet,
        _ description: DocumentDescription,
        _ typesetter: Typesetter,
        into bytes: UnsafeMutablePointer<[UInt8]>
    ) throws(DocumentError) {
        guard let first = sheet.pages.first,
            let surface = cairo_pdf_surface_create_for_stream(
                ByteSink.write,
                bytes,
                first.width * pointsPerMillimetre,
                first.height * pointsPerMillimetre
            )
        else { throw .engine("cairo_pdf_surface_create_for_stream") }
        defer { cairo_surface_destroy(surface) }
        cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5)
        let facts: [(cairo_pdf_metadata_t, String)] = [
            (CAIRO_PDF_METADATA_TITLE, description.title),
            (CAIRO_PDF_METADATA_AUTHOR, description.author),
            (CAIRO_PDF_METADATA_SUBJECT, description.subject),
            (
                CAIRO_PDF_METADATA_KEYWORDS,
                description.fields.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
            ),
            (CAIRO_PDF_METADATA_CREATOR, DocumentDescription.creator),
            (CAIRO_PDF_METADATA_CREATE_DATE, description.created.description),
        ]
        for (fact, text) in facts where !text.isEmpty { cairo_pdf_surface_set_metadata(surface, fact, text) }
        guard let cairo = cairo_create(surface) else { throw .engine("cairo_create") }
        defer { cairo_destroy(cairo) }
        for page in sheet.pages {
            cairo_pdf_surface_set_size(
                surface,
                page.width * pointsPerMillimetre,
                page.height * pointsPerMillimetre
            )
            cairo_save(cairo)
            cairo_scale(cairo, pointsPerMillimetre, pointsPerMillimetre)
            try SheetPainter(cairo: cairo, typesetter: typesetter).paint(page.marks + page.notes)
            cairo_restore(cairo)
            cairo_show_page(cairo)
        }
        cairo_surface_finish(surface)
        let status = cairo_surface_status(surface)
        guard status == CAIRO_STATUS_SUCCESS else { throw .engine("cairo pdf \(status.rawValue)") }
    }
}
