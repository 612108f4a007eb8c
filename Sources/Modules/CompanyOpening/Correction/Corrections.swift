public import Cases
import Catalogue
import Deadlines
import Forms
public import Kernel
import Registers
import Standards
import Storage

/// Putting a wrong registration right (company-opening.md section 7): slips of the authority, false registrations,
/// broken promises, names that must be given up.
public struct Corrections: Sendable {
    let opening: CompanyOpening
    let definitions: CaseDefinitions

    public init(opening: CompanyOpening, definitions: CaseDefinitions) {
        self.opening = opening
        self.definitions = definitions
    }

    var database: any Database { opening.database }
    var calendar: WorkingCalendar { opening.standards.calendar }

    /// Opens the matter of a false registration, on somebody's application or on the authority's own motion.
    ///
    /// Whether it is taken up is to be said within the limit `correctionAccept` (article 51).
    /// - Parameters:
    ///   - item: the false registered item or kind of filing, or nil when the whole registration is said to be
    ///     false.
    ///   - applicant: who asks, as papers name him; empty on the authority's own motion.
    /// - Throws: `CorrectionError.openAlready`, `.notFound`, `.reasonMissing`, `.unknownItem`.
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
        if let item, subject.items[item].isNull {
            let isFiled = try await database.read {
                try !RegisterStore.filings(item, of: code, on: occasion.now.date, in: $0).isEmpty
            }
            guard isFiled else { throw CorrectionError.unknownItem(item) }
        }
        let matter = Self.matter(
            .falsity,
            .asked,
            of: granted,
            code: code,
            words: words,
            item: item,
            decision: ["applicant": .string(applicant)],
            occasion: occasion
        )
        return try await begin(matter, as: "opened", of: granted, occasion: occasion) { work in
            work.matter.clock = try work.startClock("correctionAccept")
            try work.note(.complaint)
        }
    }

    /// Takes the application up: the investigation of three months begins (article 51).
    @discardableResult
    public func accept(_ id: ID<Correction>, of code: String, version: Int, occasion: Occasion) async throws
        -> Correction
    {
        try await change(id, of: code, version: version, by: .accept, occasion: occasion) { work in
            try work.endClock()
            work.matter.clock = try work.startClock("correctionInvestigate")
            work.matter.investigationEnds = try work.due(work.matter.clock)
            // On the authority's own motion there is nobody to answer: the matter is put on file.
            guard work.hasApplicant else {
                try work.paper(
                    "investigation-record",
                    [
                        "openedOn": .string(occasion.now.date.description),
                        "words": .string(work.matter.words),
                        "limitText": .string(work.limit("correctionInvestigate")?.period?.words.zh ?? ""),
                    ]
                )
                return
            }
            try work.paper(
                "complaint-accepted",
                [
                    "applicant": work.matter.decision["applicant"],
                    "limitText": .string(work.limit("correctionInvestigate")?.period?.words.zh ?? ""),
                ]
            )
        }
    }

    /// Says that there is nothing to investigate, or that an order was given in error, and why.
    @discardableResult
    public func dismiss(
        _ id: ID<Correction>,
        of code: String,
        version: Int,
        reason: String,
        occasion: Occasion
    ) async throws -> Correction {
        let reason = try Self.checked(reason)
        let (before, _) = try await found(id, of: code, version: version)
        // The register bears the credit code in the place of an ordered name; two persons give the name back. A slip
        // is judged by its second person.
        guard before.kind != .name, before.kind != .slip else { throw CorrectionError.wrongKind(before.kind) }
        return try await change(id, of: code, version: version, by: .dismiss, occasion: occasion) { work in
            try work.endClock()
            work.matter.decidedAt = occasion.now
            work.matter.decision["reason"] = .string(reason)
            try work.lift([.complaint, .brokenPromise])
            guard work.matter.kind == .falsity else { return }
            try work.closeObjections(as: .dismissed)
            guard work.hasApplicant else { return }
            try work.paper(
                "complaint-not-accepted",
                ["applicant": work.matter.decision["applicant"], "reason": .string(reason)]
            )
        }
    }

    /// Lengthens the investigation once by the limit `correctionExtend` (article 51).
    @discardableResult
    public func extend(_ id: ID<Correction>, of code: String, version: Int, occasion: Occasion) async throws
        -> Correction
    {
        try await change(id, of: code, version: version, by: .extend, occasion: occasion) { work in
            guard !work.matter.isExtended else { throw CorrectionError.extendedAlready }
            guard let clock = work.matter.clock, let more = work.limit("correctionExtend")?.period else {
                throw CorrectionError.notFound
            }
            try Deadlines.extend(
                ID(clock),
                by: Period(more.text),
                rule: work.limits["correctionExtend"]?.law ?? "",
                calendar: calendar,
                occasion: occasion,
                in: work.tx
            )
            work.matter.isExtended = true
            work.matter.investigationEnds = try work.due(clock)
        }
    }

    /// Nobody can be reached: the matter is made public for the limit `correctionPublish` (article 52).
    @discardableResult
    public func publish(_ id: ID<Correction>, of code: String, version: Int, occasion: Occasion) async throws
        -> Correction
    {
        try await change(id, of: code, version: version, by: .publish, occasion: occasion) { work in
            guard work.matter.noticeClock == nil, work.matter.noticeEnds == nil else {
                throw CorrectionError.noticeAlready
            }
            let clock = try work.startClock("correctionPublish")
            work.matter.decision["noticeClock"] = JSON(clock)
            // Nil while the last day waits for the calendar of a year to come.
            work.matter.noticeEnds = try work.due(clock)
            try work.tell("correction-notice", about: work.subject)
        }
    }

    /// A court has the matter: the investigation stands still, or goes on afterwards.
    @discardableResult
    public func court(
        _ id: ID<Correction>,
        of code: String,
        version: Int,
        isPending: Bool,
        occasion: Occasion
    ) async throws -> Correction {
        let event: CorrectionEvent = isPending ? .suspend : .resume
        return try await change(id, of: code, version: version, by: event, occasion: occasion) { work in
            guard let clock = work.matter.clock else { return }
            if isPending {
                try Deadlines.pause(
                    ID(clock),
                    rule: "court",
                    calendar: calendar,
                    occasion: occasion,
                    in: work.tx
                )
            } else {
                try Deadlines.resume(
                    ID(clock),
                    rule: "court",
                    calendar: calendar,
                    occasion: occasion,
                    in: work.tx
                )
                work.matter.investigationEnds = try work.due(clock)
            }
        }
    }
}
