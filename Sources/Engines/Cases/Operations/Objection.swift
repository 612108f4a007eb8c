public import Kernel
import Storage

/// "I did not agree": a person named in a registration says it was done without him.
public struct Objection: Sendable {
    public enum State: String, Sendable, CaseIterable, Codable {
        case open, accepted, dismissed
        /// Taken back by the one who objected.
        case retracted
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
    /// Which human objected, where the place can go to another: see `Signer.holder`.
    let holder: String?

    /// What the person is told to quote: the end of the identifier, which is drawn at random.
    public var number: String { "Y" + id.rawValue.suffix(10) }
}

/// A named person before his objection, and what he has said already.
public struct Objector: Sendable {
    public let subject: Case
    public let signer: Signer
    /// Whether the application names him today.
    public let isNamed: Bool
    /// What he said last, settled or not.
    public let last: Objection?

    /// Whether it is for him alone to take back what he said: before anything is registered.
    public var mayTakeBack: Bool { isNamed && last?.state == .open && subject.state.isEditable }
}

extension CaseDesk {
    /// Who holds a link, also one that a later link of the same person replaced or whose time is over: a complaint
    /// needs no fresh link.
    /// - Throws: `CaseError.linkUnknown` for a wrong secret, and for somebody who is no longer named and never objected.
    public func objector(_ secret: String) async throws -> Objector {
        let digest = SigningLink.digest(secret)
        return try await database.read { reader in
            guard let (signer, holder) = try SignerStore.find(presentOrPast: digest, in: reader) else {
                throw CaseError.linkUnknown
            }
            let last = try ObjectionStore.last(of: signer, by: holder, in: reader)
            let isNamed = signer.state != .dropped && signer.isHeld(by: holder)
            guard isNamed || last != nil else { throw CaseError.linkUnknown }
            return Objector(
                subject: try CaseStore.find(signer.caseID, in: reader),
                signer: signer,
                isNamed: isNamed,
                last: last
            )
        }
    }

    /// Opens the complaint of a named person, known by his own link. A case that is not handed in yet stops at once:
    /// nobody hands it in while the person is named in it, whatever the applicant edits, and the applicant is told.
    @discardableResult
    public func object(_ secret: String, text: String, occasion: Occasion) async throws -> Objection {
        let text = try Self.checked(text)
        let digest = SigningLink.digest(secret)
        return try await database.write { tx in
            guard let asked = try SignerStore.find(presentOrPast: digest, in: tx)?.signer else {
                throw CaseError.linkUnknown
            }
            let subject = try CaseStore.lock(asked.caseID, in: tx)
            // What is true of the place is read behind the lock: the applicant may be exchanging its person.
            guard let (signer, holder) = try SignerStore.find(presentOrPast: digest, in: tx),
                signer.state != .dropped, signer.isHeld(by: holder)
            else { throw CaseError.linkUnknown }
            if let open = try ObjectionStore.open(of: signer, in: tx) { return open }
            let objection = Objection(
                id: occasion.newID(),
                caseID: subject.id,
                signer: signer.key,
                roles: signer.roles,
                text: text,
                at: occasion.now,
                state: .open,
                closedAt: nil,
                outcome: nil,
                holder: signer.holder
            )
            try ObjectionStore.insert(objection, in: tx)
            try note("objected", on: subject, isPublic: false, occasion: occasion, in: tx)
            if subject.state.isEditable {
                let module = try module(of: definitions.of(subject, in: tx))
                try tell(
                    subject,
                    CaseMessage(
                        kind: "objected",
                        phone: module.applicantPhone(in: subject.data),
                        arguments: ["role": signer.roles.joined(separator: ",")]
                    ),
                    occasion: occasion,
                    in: tx
                )
            }
            return objection
        }
    }
}
