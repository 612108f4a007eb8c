public import Kernel
import Storage

/// "I did not agree": a person named in a registration says it was done without him.
public struct Objection: Sendable {
    public enum State: String, Sendable, CaseIterable, Codable {
        case open, accepted, dismissed
        /// Taken back: from the telephone that objected, or at a counter by whoever showed the objector's document.
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
    /// The telephone to which the link by which he objected had been sent: only a secret sent there takes the
    /// objection back, and no page shows it. Nil where it proves nothing, such as for the applicant's own.
    let phone: String?
    /// What the application called him then.
    public let name: String?
    /// Digest of the last secret by which it can be taken back.
    var takeBack: String?
    var takeBackUntil: Instant?

    /// What the person is told to quote: the end of the identifier, which is drawn at random.
    public var number: String { "Y" + id.rawValue.suffix(Self.numberCharacters - 1) }

    public static let numberCharacters = 11
}

/// A named person before his objection, and what he has said already.
public struct Objector: Sendable {
    public let subject: Case
    public let signer: Signer
    /// Whether the application names him today.
    public let isNamed: Bool
    /// What was said last from the telephone of this link, settled or not.
    public let last: Objection?
    /// Whether somebody objects to the same place by a link that went to another telephone.
    public let hasOther: Bool

    /// Whether what he said can be taken back: as long as the application is the applicant's to hand in.
    public var mayTakeBack: Bool { last?.state == .open && subject.state.isEditable }

    /// Whether there is a telephone to send the secret to; without one only a counter takes an objection back.
    public var hasTelephone: Bool { last?.phone != nil }
}

extension CaseDesk {
    /// Who holds a link, also one that a later link of the same person replaced or whose time is over: a complaint
    /// needs no fresh link.
    /// - Throws: `CaseError.linkUnknown` for a wrong secret, and for somebody who is no longer named and never objected.
    public func objector(_ secret: String) async throws -> Objector {
        let digest = SigningLink.digest(secret)
        return try await database.read { reader in
            guard let found = try SignerStore.find(presentOrPast: digest, in: reader) else {
                throw CaseError.linkUnknown
            }
            let (last, hasOther) = try ObjectionStore.last(of: found, in: reader)
            guard found.isNamed || last != nil else { throw CaseError.linkUnknown }
            return Objector(
                subject: try CaseStore.find(found.signer.caseID, in: reader),
                signer: found.signer,
                isNamed: found.isNamed,
                last: last,
                hasOther: hasOther
            )
        }
    }

    /// Opens the complaint of a named person, known by a link that was made for him. A case that is not handed in yet
    /// stops at once: nobody hands it in while it names him under the same document, whatever else the applicant
    /// edits, and the applicant is told. A case under review changes by it, so that who decides sees it first.
    ///
    /// Links of one place that went to different telephones object each for itself: who changed the telephone in the
    /// form, and objects in the other's stead, takes back nothing but his own.
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
            guard let found = try SignerStore.find(presentOrPast: digest, in: tx), found.isNamed else {
                throw CaseError.linkUnknown
            }
            // Nothing was registered, and nothing will be: there is nothing to object to.
            guard !subject.state.cameToNothing else {
                throw CaseError.notAllowed(event: .edit, in: subject.state)
            }
            let (module, signer) = (try module(of: definitions.of(subject, in: tx)), found.signer)
            // A telephone that the applicant names as his own says nothing about who holds it.
            let isApplicants = found.phone == module.applicantPhone(in: subject.data)
            let phone = isApplicants ? nil : found.phone
            if let open = try ObjectionStore.open(of: signer, from: phone, in: tx) { return open }
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
                holder: signer.holder,
                phone: phone,
                name: signer.representative?.name ?? signer.name
            )
            try ObjectionStore.insert(objection, in: tx)
            try note("objected", on: subject, isPublic: false, occasion: occasion, in: tx)
            // Who decides has another version before him, and is refused until he has seen this.
            if subject.state.isWithAuthority { _ = try CaseStore.update(subject, in: tx) }
            if subject.state.isEditable {
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
