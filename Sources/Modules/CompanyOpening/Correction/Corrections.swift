import Audit
public import Cases
import Catalogue
import Correspondence
import Deadlines
import Forms
import Jobs
public import Kernel
public import Registers
import Standards
public import Storage

/// Putting a wrong registration right: slips of the authority, and false registrations (company-opening.md section 7).
public struct Corrections: Sendable {
    let opening: CompanyOpening
    let definitions: CaseDefinitions
    /// Tells the parties of an opening what became of the entry, with a receipt of each.
    let tellParties: @Sendable (Case, String, JSON, Occasion, any Transaction) throws -> Void

    public init(
        opening: CompanyOpening,
        definitions: CaseDefinitions,
        tellParties: @escaping @Sendable (Case, String, JSON, Occasion, any Transaction) throws -> Void
    ) {
        self.opening = opening
        self.definitions = definitions
        self.tellParties = tellParties
    }

    var database: any Database { opening.database }
    var calendar: WorkingCalendar { opening.standards.calendar }

    /// Opens the matter of a false registration, on somebody's application or on the authority's own motion.
    ///
    /// Whether it is taken up is to be said within the limit `correctionAccept` (article 51).
    /// - Parameters:
    ///   - item: the false registered item, or nil when the whole registration is said to be false.
    ///   - applicant: who asks, as papers name him.
    /// - Throws: `CorrectionError.openAlready`, `.notFound`, `.reasonMissing`.
    @discardableResult
    public func open(
        _ code: String,
        words: String,
        item: String?,
        applicant: String,
        occasion: Occasion
    ) async throws -> Correction {
        let words = try Self.checked(words)
        let (subject, granted) = try await matter(of: code)
        if let item, subject.items[item].isNull { throw CorrectionError.unknownItem(item) }
        let limits = try await definitions.of(granted).system.limits
        return try await database.write { tx in
            guard try !CorrectionStore.of(code, in: tx).contains(where: \.state.isOpen) else {
                throw CorrectionError.openAlready
            }
            var matter = Correction(
                id: occasion.newID(),
                code: code,
                caseID: granted.id.rawValue,
                kind: .falsity,
                state: .asked,
                openedAt: occasion.now,
                openedBy: occasion.actor.id,
                words: words,
                item: item,
                clock: nil,
                investigationEnds: nil,
                noticeEnds: nil,
                isExtended: false,
                decidedAt: nil,
                decision: ["applicant": .string(applicant)],
                version: 1
            )
            matter.clock = try start(
                "correctionAccept",
                for: matter,
                limits: limits,
                in: subject,
                occasion,
                tx
            )
            try CorrectionStore.insert(matter, in: tx)
            try NoteStore.insert(
                RegisterNote(
                    id: occasion.newID(),
                    register: subject.register,
                    object: code,
                    kind: .complaint,
                    text: matter.object,
                    blocks: false,
                    from: occasion.now,
                    until: nil,
                    liftedAt: nil
                ),
                in: tx
            )
            try log("opened", matter, granted: granted, occasion: occasion, in: tx)
            return matter
        }
    }

    /// Takes the application up: the investigation of three months begins (article 51).
    @discardableResult
    public func accept(_ id: ID<Correction>, version: Int, occasion: Occasion) async throws -> Correction {
        try await change(id, version: version, by: .accept, occasion: occasion) {
            matter,
            subject,
            granted,
            limits,
            tx in
            try end(matter.clock, occasion, tx)
            matter.clock = try start(
                "correctionInvestigate",
                for: matter,
                limits: limits,
                in: subject,
                occasion,
                tx
            )
            matter.investigationEnds = try due(matter.clock, tx)
            let period = limits.value("correctionInvestigate", region: subject.region, on: occasion.now.date)?
                .period
            // On the authority's own motion there is nobody to answer.
            guard matter.decision["applicant"].text?.isEmpty == false else { return }
            try paper(
                "complaint-accepted",
                granted,
                subject,
                ["applicant": matter.decision["applicant"], "limitText": .string(period?.words.zh ?? "")],
                occasion,
                tx
            )
        }
    }

    /// Says that there is nothing to investigate, and why.
    @discardableResult
    public func dismiss(
        _ id: ID<Correction>,
        version: Int,
        reason: String,
        occasion: Occasion
    ) async throws -> Correction {
        let reason = try Self.checked(reason)
        return try await change(id, version: version, by: .dismiss, occasion: occasion) {
            matter,
            subject,
            granted,
            _,
            tx in
            try end(matter.clock, occasion, tx)
            matter.clock = nil
            matter.decidedAt = occasion.now
            matter.decision["reason"] = .string(reason)
            try lift(.complaint, of: matter, occasion, tx)
            guard matter.decision["applicant"].text?.isEmpty == false else { return }
            try paper(
                "complaint-not-accepted",
                granted,
                subject,
                ["applicant": matter.decision["applicant"], "reason": .string(reason)],
                occasion,
                tx
            )
        }
    }

    /// Lengthens the investigation once by the limit `correctionExtend` (article 51).
    @discardableResult
    public func extend(_ id: ID<Correction>, version: Int, occasion: Occasion) async throws -> Correction {
        try await change(id, version: version, by: .extend, occasion: occasion) {
            matter,
            subject,
            _,
            limits,
            tx in
            guard !matter.isExtended else { throw CorrectionError.extendedAlready }
            guard let clock = matter.clock,
                let more = limits.value("correctionExtend", region: subject.region, on: occasion.now.date)?
                    .period
            else { throw CorrectionError.notFound }
            try Deadlines.extend(
                ID(clock),
                by: Period(more.text),
                rule: limits["correctionExtend"]?.law ?? "",
                calendar: calendar,
                occasion: occasion,
                in: tx
            )
            matter.isExtended = true
            matter.investigationEnds = try due(clock, tx)
        }
    }

    /// Nobody can be reached: the matter is made public for the limit `correctionPublish` (article 52).
    @discardableResult
    public func publish(_ id: ID<Correction>, version: Int, occasion: Occasion) async throws -> Correction {
        try await change(id, version: version, by: .publish, occasion: occasion) {
            matter,
            subject,
            granted,
            limits,
            tx in
            let notice = try start(
                "correctionPublish",
                for: matter,
                limits: limits,
                in: subject,
                occasion,
                tx
            )
            matter.noticeEnds = try due(notice, tx)
            try PublicationStore.insert(
                Publication(
                    id: occasion.newID(),
                    register: subject.register,
                    code: subject.code,
                    what: "correction",
                    content: [
                        "matter": .string(matter.object), "until": JSON(matter.noticeEnds?.description),
                    ],
                    arisenAt: occasion.now,
                    dueOn: matter.noticeEnds,
                    publishedAt: occasion.now
                ),
                in: tx
            )
            try tellParties(
                granted,
                "correction-notice",
                record(of: subject, kind: "correction-notice"),
                occasion,
                tx
            )
        }
    }

    /// A court has the matter: the investigation stands still, or goes on afterwards.
    @discardableResult
    public func court(
        _ id: ID<Correction>,
        version: Int,
        isPending: Bool,
        occasion: Occasion
    ) async throws -> Correction {
        let event: CorrectionEvent = isPending ? .suspend : .resume
        return try await change(id, version: version, by: event, occasion: occasion) { matter, _, _, _, tx in
            guard let clock = matter.clock else { return }
            if isPending {
                try Deadlines.pause(ID(clock), rule: "court", calendar: calendar, occasion: occasion, in: tx)
            } else {
                try Deadlines.resume(ID(clock), rule: "court", calendar: calendar, occasion: occasion, in: tx)
                matter.investigationEnds = try due(clock, tx)
            }
        }
    }
}
