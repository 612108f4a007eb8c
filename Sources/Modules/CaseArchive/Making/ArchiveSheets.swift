import ArchivePackages
import Cases
import Cryptography
import Documents
import Forms
import Kernel

/// The pages of an archive: the form as people read it, and the list of what is there.
struct ArchiveSheets: Sendable {
    private let press: DocumentPress
    private let form: SheetTemplate
    private let list: SheetTemplate

    init(home: Home, press: DocumentPress) throws(DocumentError) {
        self.press = press
        form = try SheetTemplate(contentsOf: home.resource("documents/sheets/archive-form.yaml"))
        list = try SheetTemplate(contentsOf: home.resource("documents/sheets/archive-index.yaml"))
    }

    /// OFD and PDF of the same pages.
    struct Pages: Sendable {
        let ofd: [UInt8]
        let pdf: [UInt8]
    }

    /// The answers of the form in the words of the definition that the case keeps.
    func form(_ file: CaseFile, _ sections: [SummarySection], title: String) async throws(DocumentError)
        -> Pages
    {
        let rows = sections.flatMap { section in
            [["label": "【\(section.title.zh)】", "value": ""]]
                + section.rows.map { ["label": $0.label, "value": $0.shown] }
        }
        let content = SheetContent(
            texts: [
                "title": title, "number": file.subject.number, "agency": file.agency,
                "closed": file.closedAt.date.chineseText,
            ],
            lists: ["fields": rows]
        )
        return try await pages(
            form,
            content,
            about: "\(file.subject.number) form",
            title: title,
            at: file.closedAt
        )
    }

    /// 卷内目录.
    func list(
        _ files: [ArchiveFile],
        number: String,
        _ matter: ArchivedMatter,
        _ fonds: ArchiveFonds,
        retention: ArchiveRetention
    )
        async throws(DocumentError) -> Pages
    {
        let rows = files.sorted { $0.path < $1.path }.enumerated().map { index, file in
            [
                "number": String(index + 1), "name": file.name, "body": file.body,
                "date": file.date.date.description, "size": String(file.size),
                "digest": String(file.digest.prefix(16)), "path": file.path,
            ]
        }
        let content = SheetContent(
            texts: [
                "title": matter.title, "number": number, "matter": matter.number, "agency": fonds.name,
                "closed": matter.closedAt.date.chineseText,
                "retention": retention.until.map { "\($0.chineseText)止" } ?? "永久",
            ],
            lists: ["files": rows]
        )
        return try await pages(list, content, about: "\(number) index", title: "卷内目录", at: matter.closedAt)
    }

    private func pages(
        _ template: SheetTemplate,
        _ content: SheetContent,
        about: String,
        title: String,
        at moment: Instant
    ) async throws(DocumentError) -> Pages {
        let description = DocumentDescription(
            // The same archive gives the same bytes, however often it is made.
            id: Hex.encode(SM3.digest(Array(about.utf8)).prefix(16)),
            title: title,
            author: "",
            created: moment
        )
        return try await press.make { typesetter throws(DocumentError) in
            let sheet = try template.sheet(content, by: typesetter)
            return Pages(
                ofd: try Package(OFDWriter.entries(sheet, description, by: typesetter.typefaces)).zipped(),
                pdf: try PDFWriter.pdf(sheet, description, by: typesetter)
            )
        }
    }
}
