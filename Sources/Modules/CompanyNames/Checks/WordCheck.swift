import Kernel

/// Forbidden and limited words (企业名称登记管理规定, articles 11 and 12) and protected names.
struct WordCheck {
    let rules: NameRules
    let proposal: NameProposal
    let parts: NameParts
    let date: LocalDate
    let brand: [Character]
    let whole: [Character]

    init(rules: NameRules, proposal: NameProposal, parts: NameParts, date: LocalDate) {
        self.rules = rules
        self.proposal = proposal
        self.parts = parts
        self.date = date
        brand = Array(rules.language.simplify(parts.brand))
        whole = brand + Array(rules.language.simplify(parts.trade))
    }

    func forbidden() -> [NameFinding] {
        rules.forbidden.compactMap { row in
            guard row.isInForce(on: date) else { return nil }
            let text = row["part"] == "brand" ? brand : whole
            guard let position = text.position(of: row["word"]) else { return nil }
            let arguments = ["word": row["word"]]
            return finding(.forbidden, row, "name.forbidden-\(row["class"])", arguments, position)
        }
    }

    /// Words that only some may use. At most one finding for a word: the strictest one that applies.
    func limited() -> [NameFinding] {
        var findings: [NameFinding] = []
        for row in rules.limited where row.isInForce(on: date) {
            guard let position = whole.position(of: row["word"]) else { continue }
            if row["position"] == "start" && (position.lowerBound > 0 || !parts.division.isEmpty) { continue }
            let arguments = ["word": row["word"]]
            let found = finding(.limited, row, "name.limited-\(row["kind"])", arguments, position)
            if let same = findings.firstIndex(where: { $0.arguments["word"] == row["word"] }) {
                if findings[same].severity < found.severity { findings[same] = found }
            } else {
                findings.append(found)
            }
        }
        return findings
    }

    /// Famous marks and known brands. In the owner's own trade they go to a person, elsewhere they are told.
    func protected(industryClass: String) -> [NameFinding] {
        rules.protected.compactMap { row in
            guard row.isInForce(on: date), let position = brand.position(of: row["brand"]) else { return nil }
            let isWhole = position.count == brand.count
            if !isWhole && row["kind"] == "known-brand" { return nil }
            let classes = row["industries"].split(separator: ",")
            let isSameTrade = classes.contains("*") || classes.contains(Substring(industryClass))
            let arguments = ["word": row["brand"], "owner": row["owner"]]
            if isSameTrade { return finding(.near, row, "name.protected", arguments, position) }
            return NameFinding(
                .near,
                .notice,
                "name.protected-elsewhere",
                arguments,
                part: .brand,
                position: position
            )
        }
    }

    private func finding(
        _ check: NameFinding.Check,
        _ row: ReferenceRow,
        _ code: String,
        _ arguments: [String: String],
        _ position: Range<Int>
    ) -> NameFinding {
        let severity = NameFinding.Severity(rawValue: row["severity"]) ?? .person
        if position.upperBound <= brand.count {
            return NameFinding(check, severity, code, arguments, part: .brand, position: position)
        }
        if position.lowerBound >= brand.count {
            let inTrade = position.lowerBound - brand.count..<position.upperBound - brand.count
            return NameFinding(check, severity, code, arguments, part: .trade, position: inTrade)
        }
        return NameFinding(check, severity, code, arguments)
    }
}

extension [Character] {
    /// Where `word` first stands in the text.
    func position(of word: String) -> Range<Int>? {
        let word = Array(word)
        guard !word.isEmpty, word.count <= count else { return nil }
        for start in 0...(count - word.count) where self[start..<start + word.count].elementsEqual(word) {
            return start..<start + word.count
        }
        return nil
    }
}
