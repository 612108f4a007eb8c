import Forms
import Kernel
import Storage

extension CaseDesk {
    /// The form with everything that the applicant's account answers and nobody may change, whichever way it came.
    /// - Throws: `CaseError.draftTooLarge`, `.unreadable`.
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
        return definition.form.locked(data, from: [.account: try await ports.account(applicant, occasion)])
    }
}

extension JSON {
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
