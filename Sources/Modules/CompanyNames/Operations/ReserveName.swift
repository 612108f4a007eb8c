import Audit
import Standards
public import Kernel
public import Storage

/// What became of the wish to reserve a name.
public enum ReserveOutcome: Hashable, Sendable {
    /// Kept; also when the applicant held the very name already.
    case reserved(Reservation)
    case taken(TakenName)
}

/// Somebody was first. Nothing tells who.
public struct TakenName: Hashable, Sendable {
    public let text: String
    public let state: NameState
    /// When the other's entry was made.
    public let since: Instant
    /// The day from which the name is free again, when that is known.
    public let freeFrom: LocalDate?
    /// Up to three names that were free a moment ago.
    public let proposals: [NameParts]
    /// The same as a finding, for the page.
    public let finding: NameFinding
}

/// Keeps a name for an applicant for two months, or a year (企业名称登记管理规定, article 18).
public enum ReserveName {
    /// Of several who press at once exactly one gets the name; the others get `taken`.
    /// - Parameters:
    ///   - report: what `NameCheck.run` said a moment ago; the same-name check is made anew.
    ///   - promised: the applicant promised to bear the consequences of an infringement.
    /// - Throws: `NameError` when the report refuses, the promise is missing, or the person holds too many names.
    public static func run(
        _ report: NameReport,
        promised: Bool,
        under rules: NameRules,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> ReserveOutcome {
        if let refusal = report.findings.first(where: { $0.severity == .refuse && $0.check != .same }) {
            throw NameError.refused(code: refusal.code, arguments: refusal.arguments)
        }
        guard promised else { throw NameError.promiseMissing }
        let proposal = report.proposal
        let key = report.key
        try NameStore.lock(scope: "owner", brand: proposal.applicant, now: occasion.now, in: tx)
        try NameStore.lock(scope: key.scope, brand: key.brand, now: occasion.now, in: tx)
        try expireDue(key, under: rules, occasion: occasion, in: tx)
        let same = SameCheck(
            key: key,
            applicant: proposal.applicant,
            kin: Set(proposal.kin),
            now: occasion.now
        )
        let entries = try NameStore.blocking(scope: key.scope, brand: key.brand, in: tx).map(\.entry)
        switch same.answer(among: entries) {
        case .own(let entry): return .reserved(entry)
        case .taken(let entry): return try taken(by: entry, report, rules, occasion, in: tx)
        case .free: return try reserve(report, isKindred: false, rules, occasion, in: tx)
        case .kindred: return try reserve(report, isKindred: true, rules, occasion, in: tx)
        }
    }

    /// Lengthens a reservation to the year of article 18 when an approval before registration is needed after all,
    /// or sets it back to two months. The term always counts from the reservation; it never ends before today.
    @discardableResult
    public static func setTerm(
        of id: ID<NameEntry>,
        needsApproval: Bool,
        under rules: NameRules,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Reservation {
        let (entry, months) = try NameOperation.live(id, occasion: occasion, in: tx)
        let wanted = try termMonths(needsApproval, entry.region, entry.since, rules)
        guard wanted != months else { return entry }
        var end = NameTerms.reservation(
            from: entry.since,
            months: wanted,
            calendar: rules.standards.calendar
        )
        let tomorrow = Instant(occasion.now.date.adding(days: 1))
        if end.until < tomorrow { end = NameTerms.End(until: tomorrow, isProvisional: false) }
        let changed = try NameChange.apply(
            entry.with(end: end),
            before: entry,
            termMonths: wanted,
            act: "term-set",
            occasion: occasion,
            in: tx
        )
        try NameJobs.arm(changed, under: rules, now: occasion.now, in: tx)
        return changed
    }

    private static func termMonths(
        _ needsApproval: Bool,
        _ region: String,
        _ since: Instant,
        _ rules: NameRules
    ) throws(NameError) -> Int {
        try rules.limits.months(
            needsApproval ? .reservationApproval : .reservation,
            region: region,
            on: since.date
        )
    }

    private static func expireDue(
        _ key: NameKey,
        under rules: NameRules,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        for (entry, _) in try NameStore.blocking(scope: key.scope, brand: key.brand, in: tx) {
            if let until = entry.until, until <= occasion.now, entry.state != .held {
                _ = try NameJobs.end(
                    entry.id,
                    under: rules,
                    occasion: occasion.by(.platform("company-names")),
                    in: tx
                )
            }
        }
    }

    private static func taken(
        by entry: NameEntry,
        _ report: NameReport,
        _ rules: NameRules,
        _ occasion: Occasion,
        in tx: any Transaction
    ) throws -> ReserveOutcome {
        let finding = NameCheck.takenFinding(entry)
        try AuditLog.refused(
            "company-name.reserved",
            object: entry.object,
            refusal: NameError.refused(code: finding.code, arguments: [:]),
            occasion: occasion,
            in: tx
        )
        let proposals = try FreeProposals(rules: rules, proposal: report.proposal, now: occasion.now)
            .names(in: tx)
        return .taken(
            TakenName(
                text: entry.text,
                state: entry.state,
                since: entry.since,
                freeFrom: entry.until?.date,
                proposals: proposals,
                finding: finding
            )
        )
    }

    private static func reserve(
        _ report: NameReport,
        isKindred: Bool,
        _ rules: NameRules,
        _ occasion: Occasion,
        in tx: any Transaction
    ) throws -> ReserveOutcome {
        let proposal = report.proposal
        let live = try NameStore.owned(by: proposal.applicant, in: tx)
            .count { $0.entry.isLive(at: occasion.now) }
        let liveMax = try rules.limits.value(
            "reservations.live-max",
            region: proposal.region,
            on: occasion.now.date
        )
        guard live < liveMax else { throw NameError.tooMany(limit: liveMax) }
        let months = try termMonths(proposal.needsApproval, proposal.region, occasion.now, rules)
        let end = NameTerms.reservation(
            from: occasion.now,
            months: months,
            calendar: rules.standards.calendar
        )
        let entry = NameEntry(
            id: occasion.newID(),
            key: report.key,
            parts: proposal.parts,
            text: proposal.parts.text,
            subject: proposal.subject,
            region: proposal.region,
            state: .reserved,
            owner: proposal.applicant,
            enterprise: nil,
            holder: nil,
            since: occasion.now,
            until: end.until,
            isProvisional: end.isProvisional,
            findings: .array(report.findings.map(\.json)),
            version: 1
        )
        let isNew = try NameStore.insert(
            entry,
            kin: isKindred ? entry.id.rawValue : "",
            termMonths: months,
            sounds: rules.language.sounds(of: report.key.brand),
            in: tx
        )
        guard isNew else { throw StorageError.stale }
        try NameChange.added(entry, act: "reserved", occasion: occasion, in: tx)
        try NameJobs.arm(entry, under: rules, now: occasion.now, in: tx)
        return .reserved(entry)
    }
}
