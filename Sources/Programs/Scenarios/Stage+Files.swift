import Attachments
import Cases
import Kernel
import Server
import Storage

extension Stage {
    /// Opens a draft whose form names files by any digest: a document is handed in for each, as a founder would, and the
    /// form then names that.
    func start(
        _ form: JSON,
        system: String = "company-opening",
        item: String,
        occasion: Occasion
    ) async throws -> (subject: Case, data: JSON) {
        let bare = form.replacingFiles(by: .null)
        let started = try await platform.desk.start(
            system: system,
            item: item,
            region: form["district"].text ?? "150203",
            channel: .online,
            data: bare,
            occasion: occasion
        )
        guard bare != form else { return (started, form) }
        let file = try await platform.desk.attach(
            Self.document,
            name: "sample.pdf",
            to: started.id,
            blobs: platform.settings.blobs,
            occasion: occasion
        )
        let data = form.replacingFiles(by: .string(file.digest))
        let saved = try await platform.desk.save(
            started.id,
            data: data,
            version: started.version,
            occasion: occasion
        )
        return (saved.saved, data)
    }

    /// Hands a document in with the person's case. What the case is said to hold already stands in its rows only.
    func attach(_ file: HandedFile, by person: String) async throws {
        let id = try caseID(of: person)
        let occasion = occasion(actor(person))
        if file.held > 0 {
            let object = try await platform.desk.read(id).object
            let bytes = file.heldMegabytes * 1_048_576
            try await platform.database.write { tx in
                for number in 0..<file.held {
                    let known = Attachment(
                        digest: Attachment.digest(of: Array("\(id) \(number)".utf8)),
                        kind: .pdf,
                        // The first one is what is left over.
                        sizeBytes: number == 0 ? bytes - file.held + 1 : 1,
                        name: "\(number).pdf",
                        addedAt: occasion.now
                    )
                    try AttachmentStore.add(known, to: object, by: occasion.actor.id, in: tx)
                }
            }
        }
        calls += 1
        var bytes = Self.document + Array("\(calls)".utf8)
        bytes += Array(repeating: 0, count: max(0, file.bytes - bytes.count))
        try await platform.desk.attach(
            bytes,
            name: "sample.pdf",
            to: id,
            blobs: platform.settings.blobs,
            occasion: occasion
        )
    }

    /// The first bytes by which a PDF is told.
    private static let document = Array("%PDF-1.7\n".utf8)
}

extension JSON {
    fileprivate func replacingFiles(by value: JSON) -> JSON {
        switch self {
        case .string(let text): text.hasPrefix("sm3:") ? value : self
        case .array(let elements): .array(elements.map { $0.replacingFiles(by: value) })
        case .object(let members): .object(members.mapValues { $0.replacingFiles(by: value) })
        case .null, .bool, .number: self
        }
    }
}
