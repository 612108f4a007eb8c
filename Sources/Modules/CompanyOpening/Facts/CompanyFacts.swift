public import Cases
import CompanyNames
import Exchange
public import Kernel
import Registers
import Standards
import Storage

extension CompanyOpening {
    public func facts(
        for subject: Case,
        signing: SigningState,
        limits: JSON,
        occasion: Occasion
    ) async throws -> Facts {
        let form = CompanyForm(subject.data)
        let today = occasion.now.date
        let outside = OutsideFacts(
            exchange: exchange,
            database: database,
            keys: keys,
            freshMinutes: limits["factMinutes"].int ?? 0,
            barTerm: BarTerm(limits: limits, today: today)
        )
        async let people = outside.about(form.people, caseNumber: subject.number, occasion: occasion)
        async let firms = firms(
            of: form,
            signing: signing,
            outside: outside,
            subject: subject,
            occasion: occasion
        )
        async let agent = agentDeclared(form, outside: outside, subject: subject, occasion: occasion)
        var answers = try await people
        let (firmFacts, firmTimes) = try await firms
        let declared = try await agent
        let known = answers
        let inside = try await database.read { reader in
            try insideFacts(
                of: subject,
                form: form,
                people: known,
                limits: limits,
                occasion: occasion,
                in: reader
            )
        }
        for (identity, until) in inside.bans { answers[identity]?.bannedUntil = until }
        let flat = FormFacts(form: form, today: today, limits: limits)
        var capital = flat.capital
        capital["paidInTrade"] = .bool(inside.paidInTrade)
        var agentFacts = inside.agent
        agentFacts["declared"] = .string(declared)
        let values: JSON = [
            "type": .string(form.kind.rawValue), "jurisdiction": try jurisdictionFacts(of: form, on: today),
            "people": PeopleFacts.list(
                form.people,
                answers: answers,
                signing: signing,
                key: personKey,
                today: today
            ),
            "signatures": PeopleFacts.signatures(signing), "name": inside.name, "scope": inside.scope,
            "address": inside.address, "capital": capital, "structure": flat.structure, "firms": firmFacts,
            "foreign": flat.foreign, "owners": flat.owners, "agent": agentFacts, "disputes": inside.disputes,
        ]
        var times = firmTimes
        times["register"] = occasion.now
        times["police"] = answers.values.compactMap(\.policeTime).min()
        times["court"] = answers.values.compactMap(\.barTime).min()
        times["signatures"] = signing.completedAt
        let rate = inside.sampleRate
        let atGrant = Facts.AtGrant(rules: [ControlSample.rule]) {
            ["sample": try await control.facts(of: subject, percent: rate, occasion: occasion)]
        }
        return Facts(values: values, times: times, atGrant: atGrant)
    }

    /// The same human for signatures, links and bans.
    func personKey(_ person: NamedPerson) -> String {
        keys.person(idKind: person.idKind, idNumber: person.idNumber)
    }

    /// Whether the firm has signed in front of a clerk, not by its link.
    private func signedAtCounter(_ code: String, _ signing: SigningState) -> Bool {
        let key = keys.person(idKind: "creditCode", idNumber: code)
        return signing.active.contains {
            $0.key == key && $0.state == .inPerson && signing.isComplete($0)
        }
    }

    /// Corporate shareholders: our own register first, the national query for firms of other provinces.
    private func firms(
        of form: CompanyForm,
        signing: SigningState,
        outside: OutsideFacts,
        subject: Case,
        occasion: Occasion
    ) async throws -> (JSON, [String: Instant]) {
        var list: [JSON] = []
        var times: [String: Instant] = [:]
        for firm in form.firms {
            let code = firm["creditCode"].text ?? ""
            let name = firm["name"].text ?? ""
            var entry: JSON = [
                "label": .string(name), "kind": .string(firm["organisationKind"].text ?? "company"),
                "inRegion": .bool(code.dropFirst(2).hasPrefix("15")), "state": "unknown",
                "signerCurrent": true,
            ]
            if let own = try await database.read({ try RegisterStore.find(code, in: $0) }) {
                entry["state"] = .string(own.state == .dormant ? "active" : own.state.rawValue)
                let representative = own.items["legalRepresentative"].text
                entry["signerCurrent"] = .bool(representative == firm["signerName"].text)
                times["register"] = occasion.now
            } else {
                let answer = try await outside.ask(
                    "company-query",
                    "state",
                    key: code,
                    caseNumber: subject.number,
                    fields: ["creditCode": .string(code), "name": .string(name)],
                    occasion: occasion
                )
                if case .answered(let content, let time) = answer {
                    entry["state"] =
                        content["found"].bool == true
                        ? .string(Self.state(content["state"].text)) : "notFound"
                    if let representative = content["legalRepresentative"].text {
                        entry["signerCurrent"] = .bool(representative == firm["signerName"].text)
                    }
                    times["company-query"] = time
                }
            }
            if entry["state"] == "notFound", signedAtCounter(code, signing) {
                // A clerk has seen its papers: a person judges what no register can say.
                entry["state"] = "unknown"
            }
            list.append(entry)
        }
        return (.array(list), times)
    }

    /// The national query answers in words.
    static func state(_ word: String?) -> String {
        switch word {
        case "存续", "在营", "开业", "active": "active"
        case "注销", "cancelled": "cancelled"
        case "吊销", "revoked": "revoked"
        case "撤销", "withdrawn": "withdrawn"
        default: "unknown"
        }
    }

    /// `yes`, `no`, `unknown`; an applicant who is no agent needs no declaration.
    private func agentDeclared(
        _ form: CompanyForm,
        outside: OutsideFacts,
        subject: Case,
        occasion: Occasion
    ) async throws -> String {
        guard form.data["applicant"]["role"].text == "agent" else { return "yes" }
        var fields: JSON = ["name": .string(form.data["applicant"]["name"].text ?? "")]
        if let number = form.data["applicant"]["idNumber"].text { fields["idNumber"] = .string(number) }
        if let code = form.data["applicant"]["agencyCode"].text { fields["creditCode"] = .string(code) }
        let answer = try await outside.ask(
            "agent-register",
            "find",
            key: fields.canonical,
            caseNumber: subject.number,
            fields: fields,
            occasion: occasion
        )
        switch answer {
        case .answered(let content, _): return content["declared"].bool == true ? "yes" : "no"
        case .unknown: return "unknown"
        }
    }

    /// R01: which body registers, and whether this is it.
    func jurisdictionFacts(of form: CompanyForm, on date: LocalDate) throws -> JSON {
        // Capital from abroad is rule R14's.
        let isState = form.firms.contains { $0["organisationKind"].text == "stateOwned" }
        let registering = registering(
            of: form.district,
            subject: form.kind == .llc ? .limitedCompany : .soleTrader,
            capital: Money(fen: form.capital),
            owner: isState ? .state : .domestic,
            on: date
        )
        let foreign = self.registering(
            of: form.district,
            subject: .limitedCompany,
            capital: Money(fen: form.capital),
            owner: .foreign,
            on: date
        )
        let body = registering.body
        let other = registering.other.map { standards.agencies[$0]?.name ?? $0 }
        return [
            "typeOpen": .bool(CompanyForm.Kind(rawValue: form.data["type"].text ?? "") != nil),
            "known": .bool(body != nil),
            "ours": .bool(other == nil && body?.isOnline == true),
            "authority": .string(other ?? body?.name ?? ""),
            "foreignAuthority": .string(foreign.body?.name ?? ""),
        ]
    }
}
