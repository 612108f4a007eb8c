import Attachments
import Cases
import Forms
import Identity
import Kernel
import Storage
import Web

/// Files that came with the form. What they show is personal data: each is read by its digest, by a post that may read
/// such data of this case, and every reading stands in the log for the applicant.
enum CaseFiles {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(
                .get,
                "/desk/cases/{id}/files/{digest}",
                who: .officers,
                scope: .region,
                zh: "下载申请人上传的文件",
                en: "A file that came with the form"
            ) { visit in
                let (found, _) = try await desk.open(visit, for: "person.unmask")
                let digest = try visit.segment("digest")
                let files = try await desk.database.read { try AttachmentStore.of(found.object, in: $0) }
                guard let file = files.first(where: { $0.digest == digest }) else {
                    throw WebRefusal.notFound
                }
                guard let bytes = try await desk.blobs.read(digest) else { throw AttachmentError.noSuchFile }
                try await CaseReads.note(
                    "case.file-read",
                    of: found,
                    object: "\(found.object)/files/\(digest)",
                    purpose: visit.text("workbench.file.purpose", ["number": found.number]),
                    visit,
                    desk
                )
                return .file(bytes, type: file.kind.mediaType, name: file.name)
            }
        ]
    }

    /// By digest what a file is called, and where those read it who may.
    static func links(_ files: [Attachment], of found: Case, mayRead: Bool, visit: Visit) -> [String: (
        name: String, href: String?
    )] {
        Dictionary(
            files.map { file in
                let href = "/desk/cases/\(found.id)/files/\(file.digest)"
                let shown = mayRead ? file.name : visit.text("workbench.file.closed")
                return (file.digest, (name: shown, href: mayRead ? href : nil))
            },
            uniquingKeysWith: { $1 }
        )
    }

    /// The files of a case under the questions that they answer. Names that senders gave may name people, so they are
    /// told only to those who may open the files.
    static func table(
        _ files: [Attachment],
        of found: Case,
        form: FormDefinition,
        mayRead: Bool,
        visit: Visit
    ) -> TableView {
        TableView(
            caption: visit.text("workbench.files"),
            columns: ["question", "file", "kind", "size", "at"].map { visit.text("workbench.column.\($0)") },
            rows: files.map { file in
                [
                    TableView.Cell(visit.dash(questions(file.digest, found.data, form, visit))),
                    mayRead
                        ? TableView.Cell(file.name, href: "/desk/cases/\(found.id)/files/\(file.digest)")
                        : TableView.Cell(visit.text("workbench.file.closed")),
                    TableView.Cell(file.kind.rawValue.uppercased()),
                    TableView.Cell(size(file.sizeBytes), isNumber: true),
                    TableView.Cell(file.addedAt.minuteText),
                ]
            },
            emptyText: visit.text("workbench.files.none")
        )
    }

    /// `1.4 MB`, `12 kB`; at least 1 kB.
    static func size(_ bytes: Int) -> String {
        let tenths = (bytes * 10 + 524_288) / 1_048_576
        return tenths >= 10 ? "\(tenths / 10).\(tenths % 10) MB" : "\(max(1, (bytes + 512) / 1_024)) kB"
    }

    /// The labels of all questions that name the digest; nil for a file that no answer names any more.
    private static func questions(_ digest: String, _ data: JSON, _ form: FormDefinition, _ visit: Visit)
        -> String?
    {
        let labels = form.pages.flatMap { search($0.fields, data, digest, visit) }
        return labels.isEmpty ? nil : labels.joined(separator: visit.text("workbench.list"))
    }

    private static func search(_ fields: [FormField], _ data: JSON, _ digest: String, _ visit: Visit)
        -> [String]
    {
        fields.flatMap { field -> [String] in
            let value = data[field.name]
            switch field.kind {
            case .group(let children): return search(children, value, digest, visit)
            case .rows(let children, _, _):
                return value.elements.flatMap { search(children, $0, digest, visit) }
            default:
                let held = value.text.map { [$0] } ?? value.elements.compactMap(\.text)
                return held.contains(digest) ? [field.label(visit.language.rawValue)] : []
            }
        }
    }
}
