public import Documents
public import Kernel

/// Draws applications as OFD: the same text gives the same bytes, so that a seal's ledger tells whether what was sealed is
/// what the form says.
public struct ApplicationPress: Sendable {
    private let press: DocumentPress
    private let template: SheetTemplate

    public init(home: Home, press: DocumentPress) throws(DocumentError) {
        self.press = press
        template = try SheetTemplate(contentsOf: home.resource("documents/sheets/application.yaml"))
    }

    struct Text: Sendable {
        /// 32 hexadecimal digits, the same for the same text.
        let id: String
        let title: String
        let number: String
        let body: String
        let applicant: String
        let begun: Instant
    }

    func file(_ text: Text) async throws -> [UInt8] {
        try await press.make { [template] typesetter throws(DocumentError) in
            let sheet = try template.sheet(
                SheetContent(texts: [
                    "title": text.title, "number": text.number, "body": text.body,
                    "applicant": text.applicant, "day": text.begun.date.chineseText,
                ]),
                by: typesetter
            )
            let description = DocumentDescription(
                id: text.id,
                title: text.title,
                author: text.applicant,
                subject: text.number,
                created: text.begun
            )
            let entries = try OFDWriter.entries(sheet, description, by: typesetter.typefaces)
            return try Package(entries).zipped()
        }
    }
}
