public import Kernel
public import Storage

/// Runs every check of a name in the order of the law and tells everything that was found.
public enum NameCheck {
    /// Reads only; costs a bounded number of indexed look-ups whatever the size of the library.
    public static func run(
        _ proposal: NameProposal,
        under rules: NameRules,
        now: Instant,
        in reader: any Reader
    ) throws -> NameReport {
        var proposal = proposal
        let lengthMax = try rules.limits.value("name.length-max", region: proposal.region, on: now.date)
        guard proposal.parts.text.unicodeScalars.count <= lengthMax * 2 else {
            return tooLong(proposal, lengthMax: lengthMax)
        }
        proposal.parts = rules.normalise(proposal.parts)
        let parts = proposal.parts
        let key = rules.key(
            parts,
            subject: proposal.subject,
            scope: proposal.scope,
            industry: proposal.industry
        )
        let words = WordCheck(rules: rules, proposal: proposal, parts: parts, date: now.date)
        var findings = try ShapeCheck(rules: rules, proposal: proposal, parts: parts, date: now.date)
            .findings()
        findings += words.forbidden()
        findings += words.limited()
        guard !key.brand.isEmpty else {
            return NameReport(proposal: proposal, key: key, findings: findings, nearest: [])
        }
        let entries = try NameStore.blocking(scope: key.scope, brand: key.brand, in: reader).map(\.entry)
        let same = SameCheck(key: key, applicant: proposal.applicant, kin: Set(proposal.kin), now: now)
        let answer = same.answer(among: entries)
        var proposals: [NameParts] = []
        if let finding = finding(answer) { findings.append(finding) }
        if case .taken = answer {
            proposals = try FreeProposals(rules: rules, proposal: proposal, now: now).names(in: reader)
        }
        findings += words.protected(industryClass: key.industryClass)
        let nearest = try NearSearch(rules: rules, proposal: proposal, key: key, now: now)
            .nearest(in: reader)
            .filter { !isOwn($0, answer) }
        if let best = nearest.first {
            let personScore = try rules.limits.personScore(region: proposal.region, on: now.date)
            let isNear = best.score >= personScore && answer != .kindred
            let arguments = ["count": String(nearest.count), "nearest": best.text]
            findings.append(
                NameFinding(.near, isNear ? .person : .notice, "name.near", arguments, part: .brand)
            )
        }
        findings.append(NameFinding(.promise, .notice, "name.promise"))
        return NameReport(
            proposal: proposal,
            key: key,
            findings: findings,
            nearest: nearest,
            proposals: proposals
        )
    }

    /// A text of no reasonable length is not looked at further.
    private static func tooLong(_ proposal: NameProposal, lengthMax: Int) -> NameReport {
        let arguments = [
            "count": String(proposal.parts.text.unicodeScalars.count), "limit": String(lengthMax),
        ]
        return NameReport(
            proposal: proposal,
            key: NameKey(scope: proposal.scope, brand: "", industryClass: ""),
            findings: [NameFinding(.shape, .refuse, "name.too-long", arguments)],
            nearest: []
        )
    }

    private static func isOwn(_ near: NearName, _ answer: SameCheck.Answer) -> Bool {
        if case .own(let entry) = answer { return near.text == entry.text && near.scope == entry.key.scope }
        return false
    }

    private static func finding(_ answer: SameCheck.Answer) -> NameFinding? {
        switch answer {
        case .free: nil
        case .kindred: NameFinding(.same, .notice, "name.same-kindred", part: .brand)
        case .own(let entry):
            NameFinding(
                .same,
                .notice,
                "name.same-own",
                ["date": entry.lastDay?.description ?? ""],
                part: .brand
            )
        case .taken(let entry): takenFinding(entry)
        }
    }

    /// Tells state and time of what is in the way, never who owns a reservation.
    static func takenFinding(_ entry: NameEntry) -> NameFinding {
        var arguments = ["name": entry.text, "since": entry.since.minuteText]
        if let until = entry.until { arguments["free"] = until.date.description }
        let code =
            switch entry.state {
            case .reserved, .held: "name.same-reserved"
            case .registered: "name.same-registered"
            case .renamed: "name.same-renamed"
            case .cancelled: "name.same-cancelled"
            case .revoked: "name.same-revoked"
            case .released, .expired, .lapsed: "name.same-registered"
            }
        return NameFinding(.same, .refuse, code, arguments, part: .brand)
    }
}
