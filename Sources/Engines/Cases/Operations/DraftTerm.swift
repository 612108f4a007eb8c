import Attachments
import Catalogue
import Deadlines
public import Jobs
public import Kernel
import Storage

/// How long a form that nobody hands in is kept. Counts from the last touch, so it is derived whenever it is asked.
struct DraftTerm: Sendable {
    /// The last day on which the form can still be handed in.
    let lastDay: LocalDate
    /// The first moment after it.
    let end: Instant
    /// When the applicant is told, if a ladder says so.
    let warning: Instant?
}

extension CaseDesk {
    /// Deletes one's own draft that was never handed in: form, papers and signers go, so no link opens any longer;
    /// the number stays taken and the log stays whole. A name that was reserved stays its owner's.
    /// - Parameter version: the version the applicant has seen.
    /// - Throws: `CaseError.notYours`, `.changedMeanwhile`; `.notAllowed` once it was handed in: that is withdrawn.
    public func discardDraft(_ id: ID<Case>, version: Int, occasion: Occasion) async throws {
        let before = try await read(id)
        guard before.applicant == occasion.actor.id else { throw CaseError.notYours }
        let definition = try await definition(of: before)
        let module = try module(of: definition)
        try await database.write { tx in
            let draft = try CaseStore.lock(id, in: tx)
            try Self.seen(draft, version)
            guard draft.submittedAt == nil else {
                throw CaseError.notAllowed(event: .withdraw, in: draft.state)
            }
            var gone = draft
            gone.state = try draft.state.after(.withdraw, in: draft.procedure)
            gone.decidedAt = occasion.now
            try module.released(draft, by: .withdraw, occasion: occasion, in: tx)
            try note("discarded", on: try erase(gone, in: tx), occasion: occasion, in: tx)
        }
    }

    /// Takes everything personal out of a draft that ends without ever having been handed in.
    private func erase(_ draft: Case, in tx: any Transaction) throws -> Case {
        var empty = draft
        empty.data = [:]
        empty.title = ""
        empty.text += 1
        let links = try SignerStore.signers(of: draft.id, in: tx).map(\.link)
        let secrets = try ObjectionStore.of(draft.id, in: tx).compactMap(\.takeBack)
        try forgetLinks(of: draft, Set(links + secrets), in: tx)
        try ObjectionStore.forget(draft.id, in: tx)
        try ports.forgetSignatures(draft, tx)
        try SignerStore.forget(draft.id, in: tx)
        try ReturnedFormStore.forget(draft.id, in: tx)
        try AttachmentStore.forget(draft.object, in: tx)
        return try CaseStore.update(empty, in: tx)
    }

    static let draftTimer = "case.draft-term"

    /// What falls due at cases by itself: forms that nobody hands in, links that nobody opens.
    public func jobKinds(clock: any Clock, entropy: any Entropy) -> [JobKind] {
        [
            JobKind(Self.draftTimer) { job in
                guard let id = job.payload["case"].text else { return .done }
                return try await draftDue(ID(id), occasion: Self.timed(job, clock, entropy))
            },
            JobKind(Self.linkTimer) { job in
                guard let id = job.payload["case"].text, let link = job.payload["link"].text else {
                    return .done
                }
                return try await linkDue(ID(id), link: link, occasion: Self.timed(job, clock, entropy))
            },
            JobKind(Self.takeBackTimer) { job in
                guard let id = job.payload["case"].text, let secret = job.payload["secret"].text else {
                    return .done
                }
                return try await takeBackDue(ID(id), secret: secret)
            },
        ]
    }

    private static func timed(_ job: Job, _ clock: any Clock, _ entropy: any Entropy) -> Occasion {
        Occasion(
            now: clock.now,
            actor: .platform("cases"),
            request: "job:\(job.kind):\(job.key)",
            entropy: entropy
        )
    }

    /// Sets the timer of a form that waits for its applicant from now on: a new draft, or one that came back.
    func watchDraft(
        _ subject: Case,
        definition: CaseDefinition,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try watchDraft(
            subject,
            until: term(of: subject, touched: occasion.now, definition: definition),
            in: tx
        )
    }

    /// - Parameter term: nil when no limit is set.
    func watchDraft(_ subject: Case, until term: DraftTerm?, in tx: any Transaction) throws {
        guard let term else { return }
        try Jobs.enqueue(
            kind: Self.draftTimer,
            key: "\(subject.id)/\(subject.version)",
            payload: ["case": .string(subject.id.rawValue)],
            at: term.warning ?? term.end,
            in: tx
        )
    }

    /// - Returns: nil when no limit is set.
    func term(of subject: Case, touched: Instant, definition: CaseDefinition) -> DraftTerm? {
        let name = subject.submittedAt == nil ? "draftDays" : "resubmission"
        let limits = definition.system.limits
        guard let value = limits.value(name, region: subject.region, on: touched.date),
            let budget = try? Period(value.period?.text ?? "\(value.text) d")
        else { return nil }
        let ladder = ladders?.ladder(name, on: touched.date) ?? .none
        let clock = DeadlineClock(
            id: ID(subject.id.rawValue),
            object: subject.object,
            name: name,
            budget: budget,
            rule: limits[name]?.law ?? name,
            started: touched,
            ladder: ladder
        )
        let lastDay: LocalDate
        switch clock.due(calendar) {
        case .day(let date): lastDay = date
        case .moment(let end): lastDay = end.date
        // No right hangs on a draft's last day, so it does not wait for next year's calendar.
        case .waitsForCalendar(_, let notBefore): lastDay = notBefore
        case .paused: return nil
        }
        let warnings = ladder.rungs.compactMap { rung -> Instant? in
            guard case .before(let period) = rung.mark, period.unit == .day else { return nil }
            return Instant(lastDay.adding(days: -period.amount)) + Int64(rung.minuteOfDay) * Instant.minute
        }
        return DraftTerm(
            lastDay: lastDay,
            end: Instant(lastDay.adding(days: 1)),
            warning: warnings.filter { $0 > touched }.min()
        )
    }

    private func draftDue(_ id: ID<Case>, occasion: Occasion) async throws -> JobOutcome {
        let before = try await read(id)
        guard before.state.isEditable else { return .done }
        let definition = try await definition(of: before)
        let module = try module(of: definition)
        return try await database.write { tx in
            let subject = try CaseStore.lock(id, in: tx)
            guard subject.state.isEditable else { return .done }
            let touched = try lastTouch(of: subject, in: tx)
            guard let term = term(of: subject, touched: touched, definition: definition) else {
                return .again(at: occasion.now + Instant.day, why: "no-term")
            }
            if occasion.now >= term.end {
                var lapsed = subject
                lapsed.state = try subject.state.after(.lapse, in: subject.procedure)
                lapsed.decidedAt = occasion.now
                try letGo(subject, by: .lapse, definition: definition, occasion: occasion, in: tx)
                // What was handed in once is a record; what never was is nobody's business any longer.
                lapsed =
                    try subject.submittedAt == nil ? erase(lapsed, in: tx) : CaseStore.update(lapsed, in: tx)
                try note("lapsed", on: lapsed, occasion: occasion, in: tx)
                return .done
            }
            guard let warning = term.warning, occasion.now >= warning else {
                return .again(at: term.warning ?? term.end, why: "touched")
            }
            let warned = try HappeningStore.last("draft-ending", of: id, in: tx)
            if warned.map({ $0 < touched }) ?? true {
                try tell(
                    subject,
                    CaseMessage(
                        kind: subject.submittedAt == nil ? "draft-ending" : "resubmission-ending",
                        phone: module.applicantPhone(in: subject.data),
                        arguments: ["until": term.lastDay.description]
                    ),
                    occasion: occasion,
                    in: tx
                )
                try note(
                    "draft-ending",
                    on: subject,
                    details: ["until": .string(term.lastDay.description)],
                    occasion: occasion,
                    in: tx
                )
            }
            return .again(at: term.end, why: "warned")
        }
    }

    /// When the applicant or a signer last did something with it, or it came back.
    private func lastTouch(of subject: Case, in reader: any Reader) throws -> Instant {
        let acted = try HappeningStore.lastByPeople(of: subject.id, in: reader)
        return [subject.touchedAt, acted, subject.decidedAt].compactMap { $0 }.max() ?? subject.createdAt
    }

    /// A message to somebody whose number the form holds; nobody is told where there is none.
    func tell(_ subject: Case, _ message: CaseMessage, occasion: Occasion, in tx: any Transaction) throws {
        guard !message.phone.isEmpty else { return }
        try ports.message(subject, message, occasion, tx)
    }
}
