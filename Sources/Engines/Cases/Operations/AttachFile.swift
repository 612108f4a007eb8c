public import Attachments
import Audit
public import Kernel
import Storage

extension CaseDesk {
    /// Keeps a file with a case that its applicant may still change. The same bytes are kept once, pictures without what
    /// their camera wrote about them.
    /// - Parameters:
    ///   - name: what the sender calls it; it is kept as `FileName` makes it.
    ///   - blobs: where the bytes are kept, before the row that names them.
    /// - Throws: `AttachmentError.kindUnknown` for bytes of no known kind, `.pictureDamaged`, `.tooMany` and `.tooLarge` at the
    ///   case's dated limits `filesMax` and `filesMegabytes`, `CaseError.notYours`, `.notAllowed`.
    @discardableResult
    public func attach(
        _ bytes: [UInt8],
        name: String,
        to id: ID<Case>,
        blobs: BlobStore,
        occasion: Occasion
    ) async throws -> Attachment {
        guard let kind = FileKind(of: bytes) else { throw AttachmentError.kindUnknown }
        let bytes = try CleanPicture.of(bytes, kind: kind)
        let before = try await read(id)
        let limits = try await definition(of: before).limits(before.region, occasion.now.date)
        guard before.applicant == occasion.actor.id else { throw CaseError.notYours }
        let file = Attachment(
            digest: try await blobs.keep(bytes),
            kind: kind,
            sizeBytes: bytes.count,
            name: name,
            addedAt: occasion.now
        )
        return try await database.write { tx in
            let subject = try CaseStore.lock(id, in: tx)
            guard subject.applicant == occasion.actor.id else { throw CaseError.notYours }
            _ = try subject.state.after(.edit, in: subject.procedure)
            let held = try AttachmentStore.of(subject.object, in: tx)
            if let known = held.first(where: { $0.digest == file.digest }) { return known }
            if let most = limits["filesMax"].int, held.count >= Int(most) {
                throw AttachmentError.tooMany(max: Int(most))
            }
            if let most = limits["filesMegabytes"].int,
                held.reduce(file.sizeBytes, { $0 + $1.sizeBytes }) > Int(most) * 1_048_576
            {
                throw AttachmentError.tooLarge(megabytes: Int(most))
            }
            try AttachmentStore.add(file, to: subject.object, by: occasion.actor.id, in: tx)
            try AuditLog.append(
                "case.file-added",
                object: subject.object,
                after: [
                    "digest": .string(file.digest), "kind": .string(kind.rawValue),
                    "size": JSON(file.sizeBytes),
                ],
                occasion: occasion,
                in: tx
            )
            return file
        }
    }
}
