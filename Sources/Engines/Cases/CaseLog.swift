import Audit
import Kernel
public import Storage

/// What the log says of a case, against its row: its state, its title and applicant, and when it was handed in, decided
/// and completed. Its form, its history and what hangs on it are not compared (Docs/formats/log.md).
public enum CaseLog {
    /// - Returns: how many cases were compared, and at most `max` that are not as they were logged.
    public static func compare(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("case", in: database, max: max) { id, entries, reader in
            // Files and papers of a case are objects of their own.
            guard !id.contains("/") else { return nil }
            let done = entries.filter { $0.entry.outcome == .done }
            guard !done.isEmpty else { return nil }
            return try CaseStandingStore.find(id, in: reader)?.isBorneOut(by: done) ?? false
        }
    }

    /// What the entry of a hand-in digests besides the state: from then on nobody changes it but by another hand-in.
    static func standing(title: String, applicant: String) -> JSON {
        ["title": .string(title), "applicant": .string(applicant)]
    }
}

/// The columns of a case that are compared; its form stays sealed.
struct CaseStanding {
    let state: CaseState
    let title: String
    let applicant: String
    let submittedAt: Instant?
    let decidedAt: Instant?
    let completedAt: Instant?
    /// The first hand-in, by which it is measured.
    let handedIn: Instant?

    /// The states in which the acts of the log leave a case. Withdrawn registrations are logged with their matter.
    private static let states: [String: [CaseState]] = [
        "case.started": [.draft], "case.signatures-asked": [.signing], "case.to-person": [.review],
        "case.returned": [.returned], "case.transferred": [.transferred],
        "case.granted": [.granted, .revoked],
        "case.refused": [.refused], "case.withdrawn": [.withdrawn], "case.discarded": [.withdrawn],
        "case.lapsed": [.lapsed],
    ]
    private static let decisions: Set<String> = [
        "case.returned", "case.transferred", "case.granted", "case.refused", "case.withdrawn",
        "case.discarded",
        "case.lapsed",
    ]

    func isBorneOut(by entries: [KeptEntry]) -> Bool {
        func last(_ isMeant: (String) -> Bool) -> KeptEntry? { entries.last { isMeant($0.entry.act) } }
        let submitted = last { $0 == "case.submitted" }
        guard let led = last({ Self.states[$0] != nil })?.entry.act,
            Self.states[led]?.contains(state) == true,
            submittedAt == submitted?.entry.at,
            decidedAt == last(Self.decisions.contains)?.entry.at,
            completedAt == last({ $0 == "case.completed" })?.entry.at,
            handedIn == nil
                || entries.contains(where: { $0.entry.act == "case.submitted" && $0.entry.at == handedIn }),
            entries.first(where: { $0.entry.act == "case.started" })
                .map({ $0.entry.actor.id == applicant }) ?? true
        else { return false }
        guard let submitted else { return handedIn == nil }
        // Of a case that came back the title changes with the form.
        let isSaved = entries.last { ["case.submitted", "case.saved"].contains($0.entry.act) }?.entry.act
        guard isSaved == "case.submitted" else { return true }
        let content: JSON = [
            "state": .string(CaseState.received.rawValue), "details": [:],
            "case": CaseLog.standing(title: title, applicant: applicant),
        ]
        // Before titles were digested there was the state only.
        let older: JSON = ["state": .string(CaseState.received.rawValue), "details": [:]]
        return handedIn != nil && (submitted.stands(for: content) || submitted.stands(for: older))
    }
}
