import Kernel
import Standards

/// Whether the parts are formed as 企业名称登记管理规定, articles 6 to 9, and the practice of sole traders' names ask.
struct ShapeCheck {
    let rules: NameRules
    let proposal: NameProposal
    /// Normalised.
    let parts: NameParts
    let date: LocalDate

    func findings() throws(NameError) -> [NameFinding] {
        var findings = try brand()
        findings += division()
        findings += trade()
        findings += form()
        let lengthMax = try limit("name.length-max")
        if parts.text.count > lengthMax {
            findings.append(
                refuse(
                    "name.too-long",
                    ["count": String(parts.text.count), "limit": String(lengthMax)],
                    .whole
                )
            )
        }
        findings += try mongolian()
        return findings
    }

    private func limit(_ name: String) throws(NameError) -> Int {
        try rules.limits.value(name, region: proposal.region, on: date)
    }

    private func refuse(
        _ code: String,
        _ arguments: [String: String],
        _ part: NameFinding.Part,
        _ position: Range<Int>? = nil
    ) -> NameFinding {
        NameFinding(.shape, .refuse, code, arguments, part: part, position: position)
    }

    private func person(
        _ code: String,
        _ arguments: [String: String],
        _ part: NameFinding.Part
    ) -> NameFinding {
        NameFinding(.shape, .person, code, arguments, part: part)
    }

    // MARK: Brand

    private func brand() throws(NameError) -> [NameFinding] {
        let brand = parts.brand
        let lengthMin = try limit("brand.length-min")
        let lengthMax = try limit("brand.length-max")
        var findings = characters(brand, .brand)
        let han = brand.unicodeScalars.count(where: Language.isHan)
        if han < lengthMin {
            findings.append(refuse("name.brand-too-short", ["limit": String(lengthMin)], .brand))
        }
        if brand.count > lengthMax {
            findings.append(refuse("name.brand-too-long", ["limit": String(lengthMax)], .brand))
        }
        let simple = rules.language.simplify(brand)
        if let inside = rules.divisions.name(inside: Array(simple)) {
            findings.append(
                refuse("name.brand-has-division", ["division": inside.name], .brand, inside.position)
            )
        } else if rules.divisions.isShortName(simple) {
            findings.append(person("name.brand-is-division", ["division": simple], .brand))
        }
        if rules.trades.contains(simple) {
            findings.append(person("name.brand-is-trade", ["word": simple], .brand))
        }
        return findings
    }

    /// Only standard Chinese characters: what else is there is reported once per kind, with its place.
    private func characters(_ text: String, _ part: NameFinding.Part) -> [NameFinding] {
        var foreign: [Int] = []
        var traditional: [Int] = []
        var rare: [Int] = []
        let characters = Array(text)
        for (index, character) in characters.enumerated() {
            let scalars = character.unicodeScalars
            guard scalars.count == 1, let scalar = scalars.first, Language.isHan(scalar) else {
                foreign.append(index)
                continue
            }
            if rules.language.simplified[scalar] != nil {
                traditional.append(index)
            } else if !rules.language.standard.contains(scalar) {
                rare.append(index)
            }
        }
        func named(_ places: [Int]) -> String { String(places.map { characters[$0] }) }
        func range(_ places: [Int]) -> Range<Int>? { places.first.map { $0..<$0 + 1 } }
        var findings: [NameFinding] = []
        if !foreign.isEmpty {
            findings.append(
                refuse("name.not-chinese", ["characters": named(foreign)], part, range(foreign))
            )
        }
        if !traditional.isEmpty {
            let arguments = ["characters": named(traditional), "simplified": rules.language.simplify(text)]
            findings.append(refuse("name.traditional", arguments, part, range(traditional)))
        }
        if !rare.isEmpty {
            findings.append(
                NameFinding(
                    .shape,
                    .person,
                    "name.rare-character",
                    ["characters": named(rare)],
                    part: part,
                    position: range(rare)
                )
            )
        }
        return findings
    }

    // MARK: Division

    private func division() -> [NameFinding] {
        let division = parts.division
        guard !division.isEmpty else {
            switch proposal.subject {
            case .limitedCompany: return [person("name.no-division", [:], .division)]
            case .soleTrader: return []
            }
        }
        guard let known = rules.divisions[division] else {
            return [refuse("name.division-unknown", ["division": division], .division)]
        }
        let regions = rules.standards.regions
        if known.isAlone {
            let parent = regions[known.code]?.parent.flatMap { regions[$0] }?.name ?? ""
            return [refuse("name.division-alone", ["division": division, "parent": parent], .division)]
        }
        let isHere = regions.contains(known.code, proposal.region)
        let isZone = regions[known.code]?.isFunctionalArea ?? false
        let isZoneHere = isZone && regions.league(of: known.code) == regions.league(of: proposal.region)
        guard isHere || isZoneHere else {
            let here = regions[proposal.region]?.name ?? proposal.region
            return [refuse("name.division-elsewhere", ["division": division, "here": here], .division)]
        }
        return []
    }

    // MARK: Trade and form

    private func trade() -> [NameFinding] {
        guard !parts.trade.isEmpty else {
            switch proposal.subject {
            case .limitedCompany: return [person("name.no-trade", [:], .trade)]
            case .soleTrader: return []
            }
        }
        var findings = characters(parts.trade, .trade)
        let named = rules.trades.industryClass(of: rules.language.simplify(parts.trade))
        let main = proposal.industry.map { String($0.prefix(2)) }
        if named == nil && main == nil {
            findings.append(person("name.trade-unknown", ["trade": parts.trade], .trade))
        }
        if let named, let main, named != main {
            let arguments = [
                "trade": parts.trade, "named": rules.standards.industries[named]?.name ?? named,
                "main": rules.standards.industries[main]?.name ?? main,
            ]
            findings.append(NameFinding(.shape, .notice, "name.trade-differs", arguments, part: .trade))
        }
        return findings
    }

    private func form() -> [NameFinding] {
        guard !rules.forms.isAllowed(parts.form, for: proposal.subject) else { return [] }
        let allowed = rules.forms.allowed(for: proposal.subject).reversed().prefix(6).joined(separator: "、")
        let isKnown = rules.forms.reason(parts.form, for: proposal.subject) != nil
        let code = isKnown ? "name.form-not-allowed-\(proposal.subject.rawValue)" : "name.form-unknown"
        return [refuse(code, ["form": parts.form, "allowed": allowed], .form)]
    }

    // MARK: Mongolian

    private func mongolian() throws(NameError) -> [NameFinding] {
        guard let text = proposal.mongolian, !text.isEmpty else { return [] }
        let lengthMax = try limit("mongolian.length-max")
        if text.unicodeScalars.count > lengthMax {
            return [refuse("name.mongolian-too-long", ["limit": String(lengthMax)], .mongolian)]
        }
        let scalars = Array(text.unicodeScalars)
        if let stray = scalars.firstIndex(where: { !Language.isMongolian($0) }) {
            let arguments = ["characters": String(Character(scalars[stray]))]
            return [refuse("name.mongolian-letters", arguments, .mongolian, stray..<stray + 1)]
        }
        return [NameFinding(.shape, .notice, "name.mongolian-confirm", part: .mongolian)]
    }
}
