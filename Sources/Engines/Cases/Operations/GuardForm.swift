import Attachments
import Catalogue
public import Forms
public import Kernel
import Storage

extension CaseDesk {
    /// What is known already for a form, by where it comes from: the account, and of an item that runs by its definition
    /// the enterprise that is applied for and the licences that the library holds.
    /// - Throws: `CaseError.notForFirm` for who may not apply for that enterprise.
    public func sources(
        for applicant: String,
        data: JSON,
        definition: CaseDefinition,
        occasion: Occasion
    ) async throws -> [Prefill.Source: JSON] {
        let account = try await ports.account(applicant, occasion)
        guard let plain = definition.item.plain else { return [.account: account] }
        let firm = plain.firm.flatMap { data[$0]["creditCode"].text }
        let known = try await ports.known(applicant, firm, definition.item.licenceProofs, occasion)
        return [.account: account, .enterprise: known.enterprise, .licence: known.licences]
    }

    /// The form with everything that the applicant's account answers and nobody may change, whichever way it came.
    /// - Throws: `CaseError.draftTooLarge`, `.unreadable`, `FormError.tooManyRows`.
    func guarded(
        _ data: JSON,
        applicant: String,
        definition: CaseDefinition,
        occasion: Occasion
    ) async throws -> JSON {
        let bytes = data.canonicalBytes
        guard bytes.count <= Self.draftBytesMax else {
            throw CaseError.draftTooLarge(max: Self.draftBytesMax)
        }
        // PostgreSQL cannot hold the character, and no form means it.
        guard !data.holdsNull else { throw CaseError.unreadable }
        try definition.form.requireRows(of: data)
        return definition.form.locked(
            data,
            from: try await sources(for: applicant, data: data, definition: definition, occasion: occasion)
        )
    }

    /// Takes no file unseen: a digest in the form must be that of a file which was handed in with this very case,
    /// whichever way the form came.
    /// - Throws: `CaseError.fileUnknown`.
    func requireFiles(of data: JSON, with object: String, in reader: any Reader) throws {
        let named = data.digests
        guard !named.isEmpty else { return }
        let held = Set(try AttachmentStore.of(object, in: reader).map(\.digest))
        guard named.isSubset(of: held) else { throw CaseError.fileUnknown }
    }
}

extension JSON {
    /// The same without what names files: another case has files of its own.
    public var withoutFiles: JSON {
        switch self {
        case .array(let elements): .array(elements.map(\.withoutFiles))
        case .object(let members):
            .object(members.filter { $0.value.text?.hasPrefix("sm3:") != true }.mapValues(\.withoutFiles))
        case .null, .bool, .number, .string: self
        }
    }

    /// Everything anywhere inside that names a file.
    fileprivate var digests: Set<String> {
        switch self {
        case .string(let text): text.hasPrefix("sm3:") ? [text] : []
        case .array(let elements): elements.reduce(into: []) { $0.formUnion($1.digests) }
        case .object(let members): members.values.reduce(into: []) { $0.formUnion($1.digests) }
        case .null, .bool, .number: []
        }
    }

    /// Whether a text or a name anywhere inside has U+0000.
    fileprivate var holdsNull: Bool {
        switch self {
        case .string(let text): text.unicodeScalars.contains("\0")
        case .array(let elements): elements.contains(where: \.holdsNull)
        case .object(let members):
            members.contains { $0.key.unicodeScalars.contains("\0") || $0.value.holdsNull }
        case .null, .bool, .number: false
        }
    }
}
