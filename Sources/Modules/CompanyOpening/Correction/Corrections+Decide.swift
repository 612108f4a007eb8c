public import Cases
import Catalogue
import Credentials
public import Kernel
public import Registers
import Storage

/// What a member of staff found out about a false registration, and who is to answer for it.
public struct CorrectionFinding: Sendable {
    public let facts: String
    public let evidence: String
    public let reason: String
    /// Names of people of the form who are directly responsible.
    public let responsible: [String]
    /// For a false item: what stands there afterwards; null takes it away.
    public let value: JSON

    public init(
        facts: String,
        evidence: String,
        reason: String,
        responsible: [String] = [],
        value: JSON = .null
    ) {
        self.facts = facts
        self.evidence = evidence
        self.reason = reason
        self.responsible = responsible
        self.value = value
    }
}

extension Corrections {
    /// Withdraws the whole registration: licence and seals end with the decision, the parties are told, those
    /// responsible may not register for the limit `falseRegistrationBan` (Regulations, article 40).
    @discardableResult
    public func withdraw(
        _ id: ID<Correction>,
        version: Int,
        finding: CorrectionFinding,
        occasion: Occasion
    ) async throws -> Correction {
        let finding = try checked(finding)
        return try await change(id, version: version, by: .withdraw, occasion: occasion) {
            matter,
            subject,
            granted,
            limits,
            tx in
            try noticeOver(matter, occasion)
            try closeMatter(&matter, finding, occasion, tx)
            let after = try Register.act(
                .withdraw,
                on: subject.code,
                changes: [:],
                caseID: granted.id.rawValue,
                force: true,
                occasion: occasion,
                in: tx
            )
            try endCredentials(of: subject.code, matter, occasion, tx)
            let until = try ban(
                finding,
                of: granted,
                &matter,
                limits.value(
                    "falseRegistrationBan",
                    region: subject.region,
                    on: occasion.now.date
                )?.period?.after(occasion.now.date),
                occasion,
                tx
            )
            var revoked = granted
            revoked.state = try granted.state.after(.revoke, in: granted.procedure)
            try CaseStore.update(revoked, in: tx)
            try happened("revoked", to: granted, matter, occasion, tx)
            try decisionPaper(finding, whole: true, matter, granted, subject, until, occasion, tx)
            try tellParties(granted, "withdraw", record(of: after, kind: "withdraw"), occasion, tx)
        }
    }

    /// Withdraws one false item only; everything else stands.
    @discardableResult
    public func withdrawItem(
        _ id: ID<Correction>,
        version: Int,
        finding: CorrectionFinding,
        occasion: Occasion
    ) async throws -> Correction {
        let finding = try checked(finding)
        return try await change(id, version: version, by: .withdrawItem, occasion: occasion) {
            matter,
            subject,
            granted,
            limits,
            tx in
            guard let item = matter.item else { throw CorrectionError.unknownItem("") }
            try noticeOver(matter, occasion)
            try closeMatter(&matter, finding, occasion, tx)
            let after = try Register.act(
                .withdrawItem,
                on: subject.code,
                changes: [item: finding.value],
                caseID: granted.id.rawValue,
                force: true,
                occasion: occasion,
                in: tx
            )
            let until = try ban(
                finding,
                of: granted,
                &matter,
                limits.value(
                    "falseRegistrationBan",
                    region: subject.region,
                    on: occasion.now.date
                )?.period?.after(occasion.now.date),
                occasion,
                tx
            )
            matter.decision["before"] = subject.items[item]
            try happened("corrected", to: granted, matter, occasion, tx)
            try decisionPaper(finding, whole: false, matter, granted, subject, until, occasion, tx)
            try tellParties(granted, "withdraw-item", record(of: after, kind: "withdraw-item"), occasion, tx)
        }
    }

    /// Leaves the registration as it is, such as for the public interest (Regulations, article 41).
    @discardableResult
    public func keep(
        _ id: ID<Correction>,
        version: Int,
        finding: CorrectionFinding,
        occasion: Occasion
    ) async throws -> Correction {
        let finding = try checked(finding)
        return try await change(id, version: version, by: .keep, occasion: occasion) {
            matter,
            subject,
            granted,
            _,
            tx in
            try closeMatter(&matter, finding, occasion, tx)
            try paper(
                "no-revocation-decision",
                granted,
                subject,
                ["facts": .string(finding.facts), "reason": .string(finding.reason)],
                occasion,
                tx
            )
        }
    }

    /// Undoes a mistaken withdrawal: entry, licence and seals stand again, bans fall (Regulations, article 42).
    @discardableResult
    public func restore(
        _ id: ID<Correction>,
        version: Int,
        reason: String,
        occasion: Occasion
    ) async throws -> Correction {
        let reason = try Self.checked(reason)
        return try await change(id, version: version, by: .restore, occasion: occasion) {
            matter,
            subject,
            granted,
            _,
            tx in
            let after = try Register.act(
                .restore,
                on: subject.code,
                changes: [:],
                caseID: granted.id.rawValue,
                force: true,
                occasion: occasion,
                in: tx
            )
            for credential in try matter.decision["credentials"].elements.compactMap(\.text).compactMap({
                try Credentials.find(ID($0), in: tx)
            }) where credential.state == .withdrawn {
                try Credentials.apply(
                    .reinstate,
                    to: credential.id,
                    reason: matter.object,
                    occasion: occasion,
                    in: tx
                )
            }
            for note in matter.decision["bans"].elements.compactMap(\.text) {
                try NoteStore.lift(ID(note), at: occasion.now, in: tx)
            }
            let form = CompanyForm(granted.data)
            let links = RegisterEntryDraft(
                form: form,
                line: form.addressLine { opening.regionName($0) },
                scope: "",
                keys: opening.keys,
                today: occasion.now.date
            ).links
            for link in links {
                try LinkStore.insert(
                    link.kind,
                    key: link.key,
                    register: subject.register,
                    code: subject.code,
                    at: occasion.now,
                    in: tx
                )
            }
            var restored = granted
            restored.state = try granted.state.after(.restore, in: granted.procedure)
            try CaseStore.update(restored, in: tx)
            try happened("restored", to: granted, matter, occasion, tx)
            try paper(
                "revocation-undone",
                granted,
                subject,
                ["decisionNumber": .string(matter.id.rawValue), "reason": .string(reason)],
                occasion,
                tx
            )
            try tellParties(granted, "restore", record(of: after, kind: "restore"), occasion, tx)
        }
    }

    private func checked(_ finding: CorrectionFinding) throws(CorrectionError) -> CorrectionFinding {
        for words in [finding.facts, finding.evidence, finding.reason] { _ = try Self.checked(words) }
        return finding
    }

    private func noticeOver(_ matter: Correction, _ occasion: Occasion) throws(CorrectionError) {
        if let until = matter.noticeEnds, occasion.now.date <= until { throw .noticeRunning(until: until) }
    }

    private func closeMatter(
        _ matter: inout Correction,
        _ finding: CorrectionFinding,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        try end(matter.clock, occasion, tx)
        matter.clock = nil
        matter.decidedAt = occasion.now
        matter.decision["facts"] = .string(finding.facts)
        matter.decision["evidence"] = .string(finding.evidence)
        matter.decision["reason"] = .string(finding.reason)
        matter.decision["credentials"] = .array(
            try Credentials.held(by: matter.code, in: tx).filter {
                $0.state == .valid || $0.state == .suspended
            }
            .map { .string($0.id.rawValue) }
        )
        try lift(.complaint, of: matter, occasion, tx)
    }

    /// Licence and seals end as of the decision; what was signed before stays verifiable for its time.
    private func endCredentials(
        of code: String,
        _ matter: Correction,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        for credential in try Credentials.held(by: code, in: tx)
        where credential.state == .valid || credential.state == .suspended {
            try Credentials.apply(
                .withdraw,
                to: credential.id,
                reason: matter.object,
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Notes the ban beside each responsible person.
    /// - Returns: its last day; nil when nobody is barred.
    private func ban(
        _ finding: CorrectionFinding,
        of granted: Case,
        _ matter: inout Correction,
        _ until: LocalDate?,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws -> LocalDate? {
        let named = CompanyForm(granted.data).people
        for name in finding.responsible where !named.contains(where: { $0.name == name }) {
            throw CorrectionError.unknownPerson(name)
        }
        let people = named.filter { finding.responsible.contains($0.name) }
        guard let until, !people.isEmpty else { return nil }
        var notes: [JSON] = []
        for person in people {
            let id: ID<RegisterNote> = ID("\(matter.id)-\(opening.personKey(person).prefix(16))")
            notes.append(.string(id.rawValue))
            try NoteStore.insert(
                RegisterNote(
                    id: id,
                    register: "company",
                    object: "person:\(opening.personKey(person))",
                    kind: .ban,
                    text: matter.object,
                    blocks: false,
                    from: occasion.now,
                    until: Instant(until.adding(days: 1)),
                    liftedAt: nil
                ),
                in: tx
            )
        }
        matter.decision["bans"] = .array(notes)
        matter.decision["banUntil"] = .string(until.description)
        return until
    }

    private func decisionPaper(
        _ finding: CorrectionFinding,
        whole: Bool,
        _ matter: Correction,
        _ granted: Case,
        _ subject: RegisterSubject,
        _ until: LocalDate?,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        var fields: JSON = [
            "facts": .string(finding.facts), "evidence": .string(finding.evidence),
            "reason": .string(finding.reason),
            "whole": .bool(whole),
        ]
        if let item = matter.item, !whole {
            fields["items"] = [["item": .string(item), "value": .string(Self.plain(subject.items[item]))]]
        }
        if let until {
            fields["banUntil"] = .string(until.description)
            fields["banned"] = .array(finding.responsible.map { ["name": .string($0)] })
        }
        try paper("revocation-decision", granted, subject, fields, occasion, tx)
    }

    func happened(
        _ act: String,
        to granted: Case,
        _ matter: Correction,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        try HappeningStore.append(
            act,
            to: granted.id,
            details: ["correction": .string(matter.id.rawValue)],
            occasion: occasion,
            in: tx
        )
    }

    /// An item as papers print it.
    static func plain(_ value: JSON) -> String {
        if let text = value.text { return text }
        if !value.elements.isEmpty {
            return value.elements.map { $0["name"].text ?? $0.text ?? $0.canonical }.joined(separator: "、")
        }
        return value.isNull ? "（无）" : value.canonical
    }
}
