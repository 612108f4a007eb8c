import Deadlines
import Jobs
import Kernel
import Storage

extension CaseDesk {
    static let linkTimer = "case.signing-link"

    /// Sets the timer of a link that was just sent.
    func watchLink(_ signer: Signer, of subject: Case, in tx: any Transaction) throws {
        try Jobs.enqueue(
            kind: Self.linkTimer,
            key: "\(subject.id)/\(signer.link.prefix(16))",
            payload: ["case": .string(subject.id.rawValue), "link": .string(signer.link)],
            at: reminder(of: signer) ?? signer.expiresAt,
            in: tx
        )
    }

    /// The moment at which a signer is reminded; nil when no ladder says so.
    private func reminder(of signer: Signer) -> Instant? {
        let ladder = ladders?.ladder("signature", on: signer.invitedAt.date) ?? .none
        let minutes = (signer.expiresAt - signer.invitedAt) / Instant.minute
        guard let budget = try? Period(Int(minutes), .minute) else { return nil }
        let clock = DeadlineClock(
            id: ID(signer.link),
            object: "signer",
            name: "signature",
            budget: budget,
            rule: "signingLinkHours",
            started: signer.invitedAt,
            ladder: ladder
        )
        return ladder.rungs.compactMap { ladder.moment(of: $0, clock: clock, calendar: calendar) }
            .filter { $0 < signer.expiresAt }.min()
    }

    /// Reminds a signer who has not signed yet, and tells the applicant when the link has ended. Of a link that was
    /// used, or is no longer needed, only the end counts: its secret goes out of the message then.
    func linkDue(_ id: ID<Case>, link: String, occasion: Occasion) async throws -> JobOutcome {
        let module = try await module(of: definition(of: read(id)))
        return try await database.write { tx in
            let subject = try CaseStore.lock(id, in: tx)
            let state = try SignerStore.state(of: id, in: tx)
            // A link that was replaced lost its secret at that moment.
            guard let signer = state.signers.first(where: { $0.link == link }) else { return .done }
            let hasEnded = occasion.now >= signer.expiresAt
            if hasEnded { try forgetLinks(of: subject, [link], in: tx) }
            guard subject.state == .signing, signer.state != .dropped, !state.isComplete(signer) else {
                return hasEnded ? .done : .again(at: signer.expiresAt, why: "to-forget")
            }
            guard hasEnded else {
                guard let reminder = reminder(of: signer), occasion.now >= reminder else {
                    return .again(at: reminder(of: signer) ?? signer.expiresAt, why: "not-yet")
                }
                // The case has only the digest of the link, so the reminder points to the message that holds it.
                try tell(
                    subject,
                    CaseMessage(
                        kind: "sign-reminder",
                        phone: signer.phone,
                        arguments: ["company": subject.title, "expires": signer.expiresAt.minuteText]
                    ),
                    occasion: occasion,
                    in: tx
                )
                try note(
                    "signer-due",
                    on: subject,
                    details: ["roles": .array(signer.roles.map(JSON.string))],
                    occasion: occasion,
                    in: tx
                )
                return .again(at: signer.expiresAt, why: "reminded")
            }
            try tell(
                subject,
                CaseMessage(
                    kind: "sign-expired",
                    phone: module.applicantPhone(in: subject.data),
                    arguments: [
                        "company": subject.title, "role": signer.roles.joined(separator: ","),
                    ]
                ),
                occasion: occasion,
                in: tx
            )
            try note(
                "link-expired",
                on: subject,
                details: ["roles": .array(signer.roles.map(JSON.string))],
                occasion: occasion,
                in: tx
            )
            return .done
        }
    }
}
