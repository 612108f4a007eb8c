import Audit
import Jobs
public import Kernel
import Storage

/// "I did not agree": a person named in a registration says it was done without him.
public struct Objection: Sendable {
    public enum State: String, Sendable, CaseIterable, Codable {
        case open, accepted, dismissed
    }

    public let id: ID<Objection>
    public let caseID: ID<Case>
    public let signer: String
    public let roles: [String]
    public let text: String
    public let at: Instant
    public var state: State
    public var closedAt: Instant?
    public var outcome: String?
}

extension CaseDesk {
    /// Opens the complaint of a named person, known by his own link.
    @discardableResult
    public func object(_ secret: String, text: String, occasion: Occasion) async throws -> Objection {
        let text = try Self.checked(text)
        let digest = SigningLink.digest(secret)
        return try await database.write { tx in
            guard let signer = try SignerStore.find(link: digest, in: tx) else { throw CaseError.linkUnknown }
            let subject = try CaseStore.lock(signer.caseID, in: tx)
            if let open = try ObjectionStore.open(of: subject.id, signer: signer.key, in: tx) { return open }
            let objection = Objection(
                id: occasion.newID(),
                caseID: subject.id,
                signer: signer.key,
                roles: signer.roles,
                text: text,
                at: occasion.now,
                state: .open,
                closedAt: nil,
                outcome: nil
            )
            try ObjectionStore.insert(objection, in: tx)
            try note("objected", on: subject, isPublic: false, occasion: occasion, in: tx)
            return objection
        }
    }
}
