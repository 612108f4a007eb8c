import Cases
import CompanyNames
import Forms
import Kernel
import Registers
import Storage

/// A slip is the register differing from what was applied for and signed, so the right value is one with which the
/// opening itself could have been granted: it passes the form and the rules of an opening on this day. Everything
/// else is a change that the enterprise applies for (Regulations, article 24).
struct SlipCheck {
    let opening: CompanyOpening
    let definition: CaseDefinition
    let subject: RegisterSubject
    let granted: Case
    let occasion: Occasion

    private var today: LocalDate { occasion.now.date }
    private var form: CompanyForm { CompanyForm(granted.data) }

    /// - Returns: the changes with what follows from them, such as the codes of a scope.
    /// - Throws: `CorrectionError.changeRegistration`, `.ruleForbids`, `.unknownPerson`, `.badValue`, `NameError`.
    func checked(_ changes: [String: JSON]) async throws -> [String: JSON] {
        var all = changes
        for (item, value) in changes {
            switch item {
            case "name": try await checkName(try proposal(named: value.text ?? ""))
            case "address": try await checkAddress(value.text ?? "")
            case "scope":
                let scope = try await scope(written: value.text ?? "")
                for (key, value) in scope { all[key] = value }
            case "capitalFen":
                var data = granted.data
                data["capital"] = value
                // The sum of what the founders signed for decides.
                try await check(data, rules: ["R11"])
            case "legalRepresentative", "operator":
                try await checkRepresentative(value.text ?? "", item: item)
            case "nameMongolian":
                var data = granted.data
                data["name"]["mongolian"] = value
                try checkForm(data, item: item)
            default:
                // The kind of enterprise and the way it is run are never a slip of the pen.
                throw CorrectionError.changeRegistration(item)
            }
        }
        return all
    }

    // MARK: Form and rules

    /// - Throws: `CorrectionError.badValue` when the form says something of the data that it did not say before.
    private func checkForm(_ data: JSON, item: String) throws {
        let context = FormContext(today: today, limits: definition.limits(granted.region, today))
        func problems(_ data: JSON) -> Set<String> {
            Set(definition.form.check(data, context: context).map { "\($0.path) \($0.code)" })
        }
        guard problems(data).isSubset(of: problems(granted.data)) else {
            throw CorrectionError.badValue(item)
        }
    }

    /// Puts the rules to the corrected form. What the grant itself was left to a person for does not stand in the
    /// way again.
    /// - Parameter about: of rules on people, the only one who is looked at.
    private func check(_ data: JSON, rules: Set<String>, about label: String? = nil) async throws {
        var corrected = granted
        corrected.data = data
        let id = granted.id
        let (signing, decisions) = try await opening.database.read { reader in
            (try SignerStore.state(of: id, in: reader), try DecisionStore.of(id, in: reader))
        }
        let limits = definition.limits(granted.region, today)
        let facts = try await opening.facts(
            for: corrected,
            signing: signing,
            limits: limits,
            occasion: occasion
        )
        let known = decisions.last { $0.outcome == .grant }?.findings.obstacles ?? []
        let obstacle = definition.rules.decide(facts, limits: limits, today: today, calendar: nil).obstacles
            .first {
                finding in
                rules.contains(finding.rule)
                    && (label == nil || finding.subject == nil || finding.subject == label)
                    && !known.contains {
                        $0.rule == finding.rule && $0.reason == finding.reason
                            && $0.subject == finding.subject
                    }
            }
        guard let obstacle else { return }
        throw CorrectionError.ruleForbids(rule: obstacle.rule, words: opening.reasons.wrong(obstacle))
    }

    // MARK: The name

    /// The name as the library compares it; the enterprise is no stranger to its own name.
    func proposal(named text: String) throws -> NameProposal {
        let kind: NameSubject = form.kind == .llc ? .limitedCompany : .soleTrader
        var proposal = opening.proposal(for: form, applicant: "", on: today)
        proposal.parts = try opening.nameRules.parse(text, subject: kind)
        proposal.kin.append(subject.code)
        return proposal
    }

    private func checkName(_ proposal: NameProposal) async throws {
        let (rules, now) = (opening.nameRules, occasion.now)
        let report = try await opening.database.read {
            try NameCheck.run(proposal, under: rules, now: now, in: $0)
        }
        if let finding = report.findings.first(where: { $0.severity != .notice && $0.check != .near }) {
            throw NameError.refused(code: finding.code, arguments: finding.arguments)
        }
        // What it is called wrongly now is near by nature.
        let scoreMax = definition.limits(granted.region, today)["nameNearScore"].int ?? 100
        let near = report.nearest.filter { $0.text != subject.name && $0.score >= scoreMax }
        if let best = near.first {
            let arguments = ["count": String(near.count), "nearest": best.text]
            throw NameError.refused(code: "name.near", arguments: arguments)
        }
    }

    // MARK: The place

    /// The line as the register writes it: league and banner of the authority, then a place that the address data know.
    private func checkAddress(_ line: String) async throws {
        let region = opening.regionName(form.district)
        guard line.hasPrefix(region), line.count > region.count else {
            throw CorrectionError.ruleForbids(rule: "R10", words: "住所须写明\(region)及其后的详细地址")
        }
        var data = granted.data
        var rest = String(line.dropFirst(region.count))
        data["address"]["banner"] = .string(form.district)
        for part in ["township", "village"] {
            guard let name = data["address"][part].text else { continue }
            if rest.hasPrefix(name) {
                rest = String(rest.dropFirst(name.count))
            } else {
                data["address"][part] = .null
            }
        }
        let place =
            data["address"]["detail"].isNull && !data["address"]["landmark"].isNull ? "landmark" : "detail"
        data["address"][place] = .string(rest)
        try checkForm(data, item: "address")
        try await check(data, rules: ["R10"])
    }

    // MARK: The scope

    /// Phrases by text or code, and words that were accepted with the grant.
    private func scope(written: String) async throws -> [String: JSON] {
        let id = granted
        let accepted = try await opening.database.read { try FreeScope.accepted(of: id, in: $0) }
        let phrases = opening.book.phrases(on: today)
        var codes: [String] = []
        var free: [String] = []
        for words in Self.items(written) {
            if let phrase = phrases.first(where: { $0["text_zh"] == words || $0["code"] == words }) {
                codes.append(phrase["code"])
            } else if accepted.contains(words) {
                free.append(words)
            } else {
                throw CorrectionError.ruleForbids(rule: "R09", words: "“\(words.prefix(40))”不在经营范围规范目录内")
            }
        }
        guard !codes.isEmpty || !free.isEmpty else { throw CorrectionError.badValue("scope") }
        var data = granted.data
        data["scope"] = .array(codes.map(JSON.string))
        data["scopeFree"] = free.isEmpty ? .null : .string(free.joined(separator: "；"))
        try checkForm(data, item: "scope")
        try await check(data, rules: ["R09"])
        let text = ScopeFacts.text(of: CompanyForm(data), free: free, book: opening.book, on: today)
        return ["scope": .string(text), "scopeCodes": .array(codes.map(JSON.string))]
    }

    /// The printed text without its headings and standard sentences, item by item.
    private static func items(_ written: String) -> [String] {
        var depth = 0
        var plain = ""
        for character in written {
            // Only the standard sentences stand behind a full stop; brackets within a phrase belong to it.
            if character == "（", depth > 0 || plain.last == "。" { depth += 1 }
            if depth == 0 { plain.append(character) }
            if character == "）", depth > 0 { depth -= 1 }
        }
        return plain.split { $0.isNewline || "；;。".contains($0) }.map { piece in
            var words = piece.drop(while: \.isWhitespace)
            for heading in ["一般项目：", "许可项目："] where words.hasPrefix(heading) {
                words = words.dropFirst(heading.count)
            }
            return String(words.reversed().drop(while: \.isWhitespace).reversed())
        }.filter { !$0.isEmpty }
    }

    // MARK: Who acts for it

    /// The row of the signed form that names the person.
    func row(of name: String) -> JSON? {
        let data = form.data
        let rows =
            data["directors"].elements + [data["manager"], data["legalRepresentative"], data["operator"]]
            + data["supervisors"].elements + [data["financeOfficer"]] + data["shareholders"].elements
        return rows.first { $0["name"].text == name && !$0["idNumber"].isNull }
    }

    private func checkRepresentative(_ name: String, item: String) async throws {
        guard var row = row(of: name) else { throw CorrectionError.unknownPerson(name) }
        var data = granted.data
        let isManager = data["manager"]["idNumber"] == row["idNumber"]
        row["position"] = .string(isManager ? "manager" : "director")
        data[item] = row
        let label = CompanyForm(data).people.first { $0.idNumber == row["idNumber"].text }?.label ?? ""
        try await check(data, rules: ["R04", "R05", "R06", "R07", "R12"], about: label)
    }
}
