import Attachments
import Cases
import Forms
import Kernel
import Web

/// Files that came with a page of the form: looked at, kept with the case, and named in the draft by digest only.
struct Uploads {
    /// By path of the question.
    let digests: [String: String]
    let problems: [FieldProblem]

    static func keep(_ visit: Visit, _ sheet: FormSheet, _ draft: Draft, _ desk: PortalDesk) async throws
        -> Uploads
    {
        var digests: [String: String] = [:]
        var problems: [FieldProblem] = []
        for file in visit.form.files where digests[file.name] == nil {
            guard let taken = sheet.fileKind(file.name), let label = label(of: file.name, draft) else {
                throw FormError.unknownField(path: String(file.name.prefix(80)))
            }
            func refuse(_ code: String, _ arguments: [String: String]) {
                problems.append(FieldProblem(path: file.name, code: code, arguments: arguments, label: label))
            }
            guard file.bytes.count <= taken.sizeBytesMax else {
                refuse("form.file-size", ["limit": String(taken.sizeBytesMax / 1_048_576)])
                continue
            }
            guard let kind = FileKind(of: file.bytes), taken.accept.contains(kind.rawValue) else {
                refuse("form.file-kind", ["accept": taken.accept.joined(separator: ", ")])
                continue
            }
            do {
                digests[file.name] = try await desk.desk.attach(
                    file.bytes,
                    name: file.fileName.isEmpty ? label(visit.language.rawValue) : file.fileName,
                    to: draft.subject.id,
                    blobs: desk.blobs,
                    occasion: visit.occasion
                ).digest
            } catch AttachmentError.pictureDamaged { refuse("form.file-damaged", [:]) }
        }
        return Uploads(digests: digests, problems: problems)
    }

    private static func label(of path: String, _ draft: Draft) -> Words? {
        let names = FormPath(parsing: path)?.steps.compactMap { step -> String? in
            if case .member(let name) = step { name } else { nil }
        }
        return names.flatMap { draft.form.field(at: $0.joined(separator: "."))?.label }
    }
}
