import Cryptography
import Jobs
public import Kernel
import Storage

/// The secret by which an objection is taken back: 128 random bits, sent to the telephone that objected and shown on no
/// page. The objection keeps its digest only.
public enum TakeBackSecret {
    /// What is stored and looked up.
    public static func digest(_ secret: String) -> String {
        Hex.encode(SM3.digest(Array("suban take back objection ".utf8) + Array(secret.utf8)))
    }
}

/// What somebody sees who opened the link by which an objection is taken back.
public struct TakeBackView: Sendable {
    public let subject: Case
    public let objection: Objection
}

extension CaseDesk {
    static let takeBackTimer = "case.take-back"

    /// Sends a fresh secret to the telephone to which the link that objected had been sent; the one before ends. Who
    /// asks for it is no matter, for the answer goes to that telephone alone: the link itself proves nothing, since the
    /// applicant sees the links of his signers, and one sent after he changed the telephone objects for that one only.
    /// - Parameter link: by which somebody objected.
    /// - Throws: `CaseError.linkUnknown` when there is nothing to take back, `.takeBackNotYours` for the applicant,
    ///   `.takeBackAtCounter` without a telephone, `.tooManyLinks`, `.notAllowed` once the case was handed in.
    public func sendTakeBack(_ link: String, occasion: Occasion) async throws {
        let asked = try await objector(link)
        try Self.requireOther(than: asked.subject, occasion)
        let limits = try await definition(of: asked.subject).limits(asked.subject.region, occasion.now.date)
        // Cases that keep a version from before this limit was written.
        guard let hours = limits["takeBackHours"].int ?? limits["signingLinkHours"].int else {
            throw CaseError.unknownStep("limit takeBackHours")
        }
        let cap = SentLinks.Cap(limits: limits)
        let (until, secret) = (occasion.now + hours * Instant.hour, Base32.encode(occasion.entropy.bytes(16)))
        let digest = TakeBackSecret.digest(secret)
        try await database.write { tx in
            guard let found = try SignerStore.find(presentOrPast: SigningLink.digest(link), in: tx) else {
                throw CaseError.linkUnknown
            }
            let subject = try CaseStore.lock(found.signer.caseID, in: tx)
            guard let objection = try ObjectionStore.last(of: found, in: tx).0, objection.state == .open
            else {
                throw CaseError.linkUnknown
            }
            try Self.requireEditable(subject)
            guard let phone = objection.phone else { throw CaseError.takeBackAtCounter }
            let key = "objection:\(objection.id)"
            try SentLinks.count(of: subject.id, for: key, to: phone, cap: cap, occasion: occasion, in: tx)
            try forgetLinks(of: subject, Set([objection.takeBack].compactMap { $0 }), in: tx)
            try ObjectionStore.setTakeBack(digest, until: until, of: objection.id, in: tx)
            try tell(
                subject,
                CaseMessage(
                    kind: "objection-link",
                    phone: phone,
                    arguments: [
                        "company": subject.title, "expires": until.minuteText, "secret": secret,
                    ]
                ),
                occasion: occasion,
                in: tx
            )
            try Jobs.enqueue(
                kind: Self.takeBackTimer,
                key: "\(subject.id)/\(digest.prefix(16))",
                payload: ["case": .string(subject.id.rawValue), "secret": .string(digest)],
                at: until,
                in: tx
            )
            try note("objection-link-sent", on: subject, isPublic: false, occasion: occasion, in: tx)
        }
    }

    /// Opens the link by which an objection is taken back, also after it was.
    /// - Throws: `CaseError.linkUnknown` for a wrong or replaced secret, `.linkExpired` after its end while the
    ///   objection is open.
    public func openTakeBack(_ secret: String, occasion: Occasion) async throws -> TakeBackView {
        let digest = TakeBackSecret.digest(secret)
        return try await database.read { reader in
            let objection = try Self.takenBack(by: digest, occasion, in: reader)
            return TakeBackView(
                subject: try CaseStore.find(objection.caseID, in: reader),
                objection: objection
            )
        }
    }

    /// Takes an objection back by the secret that was sent to the telephone that objected: once, within its time, and
    /// only while the application is still the applicant's to hand in. From then on it is the authority's to settle.
    /// - Throws: as `openTakeBack`; `.takeBackNotYours` for the applicant, `.takeBackUsed` when the objection is no
    ///   longer open, `.notAllowed` once the case was handed in.
    @discardableResult
    public func takeBackObjection(_ secret: String, occasion: Occasion) async throws -> TakeBackView {
        let digest = TakeBackSecret.digest(secret)
        let again = SigningLink.make(for: "", entropy: occasion.entropy)
        return try await database.write { tx in
            let asked = try Self.takenBack(by: digest, occasion, in: tx)
            let subject = try CaseStore.lock(asked.caseID, in: tx)
            try Self.requireOther(than: subject, occasion)
            // Behind the lock: another secret may have been sent meanwhile, or this one been used.
            var objection = try Self.takenBack(by: digest, occasion, in: tx)
            guard objection.state == .open else { throw CaseError.takeBackUsed }
            try Self.requireEditable(subject)
            try retract(objection, of: subject, by: "telephone", again: again, occasion: occasion, in: tx)
            objection.state = .retracted
            objection.closedAt = occasion.now
            return TakeBackView(subject: subject, objection: objection)
        }
    }

    /// Settles an objection as taken back and tells the telephone that raised it, with a link by which to object again.
    /// - Parameter again: the fresh link; it opens nothing but the page of the objection.
    func retract(
        _ objection: Objection,
        of subject: Case,
        by way: String,
        again: SigningLink,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try ObjectionStore.close(objection.id, as: .retracted, outcome: way, at: occasion.now, in: tx)
        try note(
            "objection-taken-back",
            on: subject,
            details: ["by": .string(way)],
            isPublic: false,
            occasion: occasion,
            in: tx
        )
        try tellObjector(objection, "objection-taken-back", of: subject, again, occasion: occasion, in: tx)
    }

    /// Tells the telephone that objected what came of it, with a link to the page of the objection. The secret by which
    /// it could be taken back ends.
    func tellObjector(
        _ objection: Objection,
        _ kind: String,
        of subject: Case,
        _ again: SigningLink,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try forgetLinks(of: subject, Set([objection.takeBack].compactMap { $0 }), in: tx)
        let signers = try SignerStore.signers(of: subject.id, in: tx)
        guard let phone = objection.phone, let signer = signers.first(where: { $0.key == objection.signer })
        else { return }
        let holder = LinkHolder(signer: signer, holder: objection.holder, phone: phone)
        try SignerStore.insert(objecting: SigningLink.digest(again.secret), of: holder, in: tx)
        try tell(
            subject,
            CaseMessage(
                kind: kind,
                phone: phone,
                arguments: [
                    "company": subject.title, "objection": objection.number, "secret": again.secret,
                ]
            ),
            occasion: occasion,
            in: tx
        )
    }

    /// The job that takes a secret whose time is over out of the message that carried it.
    func takeBackDue(_ id: ID<Case>, secret digest: String) async throws -> JobOutcome {
        try await database.write { tx in
            try forgetLinks(of: CaseStore.find(id, in: tx), [digest], in: tx)
        }
        return .done
    }

    private static func takenBack(
        by digest: String,
        _ occasion: Occasion,
        in reader: any Reader
    ) throws -> Objection {
        guard let objection = try ObjectionStore.find(takeBack: digest, in: reader) else {
            throw CaseError.linkUnknown
        }
        guard let until = objection.takeBackUntil, occasion.now < until || objection.state != .open else {
            throw CaseError.linkExpired
        }
        return objection
    }

    /// The one whom an objection accuses settles nothing, whatever he has in his hands; nor does an agent by trade.
    private static func requireOther(than subject: Case, _ occasion: Occasion) throws(CaseError) {
        let actor = occasion.actor
        guard actor.id != subject.applicant, actor.role != "agent" else { throw .takeBackNotYours }
    }

    static func requireEditable(_ subject: Case) throws(CaseError) {
        guard subject.state.isEditable else {
            throw .notAllowed(event: .askSignatures, in: subject.state)
        }
    }
}
