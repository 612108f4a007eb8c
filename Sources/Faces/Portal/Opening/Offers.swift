import CompanyNames
import CompanyOpening
import Forms
import Foundation
import Kernel
import Standards
import Storage
import Web

/// Answers that can be picked from lists kept outside the form: divisions, trades, scope phrases, engravers, banks.
struct Offers: Sendable {
    let standards: Standards
    let language: Web.Language
    let phrases: [ReferenceRow]
    let engravers: [ReferenceRow]
    let banks: [ReferenceRow]
    let branches: [ReferenceRow]
    /// A word that scope phrases must hold; nil shows those that were chosen and a few more.
    let word: String?
    /// Beside the phrase that was chosen first.
    let mainWords: String
    /// Beside a phrase that needs an approval before the registration.
    let beforeWords: String
    /// Everyday words and the words of the catalogue that stand for them.
    let everyday: [String: String]
    /// What the sections of trade are called, by letter.
    let sections: [String: String]

    /// Phrases shown at once: enough to choose from, few enough for a phone.
    static let phrasesMax = 40
    /// The same before anything was searched for.
    static let proposalsMax = 12

    static func load(_ visit: Visit, _ desk: PortalDesk, word: String?) async throws -> Offers {
        let today = visit.now.date
        let tables = try await desk.database.read { reader in
            try ["engravers", "banks", "bank-branches"].map { kind in
                try ReferenceImport.table(kind, on: today, in: reader)?.rows(on: today) ?? []
            }
        }
        return Offers(
            standards: desk.standards,
            language: visit.language,
            phrases: desk.opening.book.phrases(on: today),
            engravers: tables[0].filter { $0["state"] != "suspended" },
            banks: tables[1],
            branches: tables[2],
            word: word,
            mainWords: visit.text("portal.scope.main"),
            beforeWords: visit.text("portal.scope.before"),
            everyday: everyday(visit.text("portal.scope.everyday")),
            sections: Dictionary(
                uniqueKeysWithValues: desk.standards.industries.all.filter { $0.level == .section }.map {
                    ($0.code, visit.text("portal.trade.\($0.code)"))
                }
            )
        )
    }

    func offer(for data: JSON) -> FormSheet.Offer {
        { field, path in options(field, path, data) }
    }

    /// The words of a code that a list of ours holds; nil for every other answer.
    func label(of value: String, at path: String, in data: JSON) -> String? {
        listed(path, data)?.first { $0.value == value }?.label
    }

    /// The same wherever nothing else of the form is known.
    func words(of code: String, at path: String) -> String? {
        let isPhrase = path.hasPrefix("approvals[") && path.hasSuffix("].phrase")
        let lists = [
            "joined.seals.engraver": engravers, "joined.bank.bank": banks, "joined.bank.branch": branches,
        ]
        let rows = isPhrase ? phrases : lists[path] ?? []
        let (name, word) = (isPhrase ? "text" : "name", language == .en ? "en" : "zh")
        return rows.first { $0["code"] == code }.map { $0["\(name)_\(word)"] }
    }

    private func options(_ field: FormField, _ path: String, _ data: JSON) -> [FieldView.Option]? {
        switch field.kind {
        case .region(let level): regions(level, in: Offers.league(beside: path, data))
        case .industry: trades
        case .scope:
            scope(
                chosen: data["scope"].elements.compactMap(\.text),
                trade: data["name"]["tradeIndustry"].text ?? ""
            )
        case .text: listed(path, data)
        default: nil
        }
    }

    private static func league(beside path: String, _ data: JSON) -> String? {
        FormPath(parsing: path).flatMap {
            data[FormPath(Array($0.steps.dropLast())).member("league")].text
        }
    }

    /// - Parameter league: that was chosen beside the question; only its banners are offered then.
    private func regions(_ level: String?, in league: String?) -> [FieldView.Option] {
        if level == "league" {
            return standards.regions.leagues.map { .init(value: $0.code, label: name(of: $0)) }
        }
        return Offers.banners(standards, language).filter { league == nil || $0.league == league }.map(
            \.option
        )
    }

    /// Every banner, under the name of its league.
    static func banners(_ standards: Standards, _ language: Web.Language, chosen: String? = nil) -> [(
        league: String?, option: FieldView.Option
    )] {
        standards.regions.banners.map { banner in
            let league = standards.regions.league(of: banner.code)
            return (
                league?.code,
                FieldView.Option(
                    value: banner.code,
                    label: language == .en ? banner.englishName : banner.name,
                    isChosen: banner.code == chosen,
                    group: league.map { language == .en ? $0.englishName : $0.name }
                )
            )
        }
    }

    /// The premises lie where the case is handled: what the first page says need not be chosen again.
    func suggested(_ data: JSON) -> JSON {
        guard let district = data["district"].text, data["address"]["league"].isNull,
            data["address"]["banner"].isNull, let league = standards.regions.league(of: district)
        else { return data }
        var data = data
        data["address"]["league"] = .string(league.code)
        data["address"]["banner"] = .string(district)
        return data
    }

    private func name(of region: Region) -> String { language == .en ? region.englishName : region.name }

    /// Classes of trade that some scope phrase belongs to.
    private var trades: [FieldView.Option] {
        Set(phrases.map { $0["industry"] }).sorted().compactMap { code in
            standards.industries[code].map {
                .init(value: code, label: "\(code) \($0.name)", group: sections[$0.section])
            }
        }
    }

    /// Those that were chosen, then those that hold the word; without a word those near the trade of the name.
    private func scope(chosen: [String], trade: String) -> [FieldView.Option] {
        let byCode = Dictionary(phrases.map { ($0["code"], $0) }) { first, _ in first }
        let kept = chosen.compactMap { byCode[$0] }
        var others = phrases.filter { !chosen.contains($0["code"]) }
        if word != nil {
            others = others.filter { holdsWord([$0["text_zh"], $0["text_en"]], code: $0["code"]) }
        } else {
            let near = others.filter { $0["industry"].prefix(2) == trade.prefix(2) }
            others = near + others.filter { $0["industry"].prefix(2) != trade.prefix(2) }
        }
        let most = word == nil ? Self.proposalsMax : Self.phrasesMax
        let main = kept.first?["code"]
        return (kept + others.prefix(most)).map { row in
            .init(
                value: row["code"],
                label: language == .en ? row["text_en"] : row["text_zh"],
                hint: [
                    row["code"] == main ? mainWords : "", row["code"],
                    row["permit_timing"] == "before" ? beforeWords : "", row["permit_item"],
                ].filter { !$0.isEmpty }.joined(separator: " · ")
            )
        }
    }

    /// The chosen phrases that an approval can belong to: those that need one first, else all of them; nil before any
    /// was chosen.
    private func approved(_ data: JSON) -> [FieldView.Option]? {
        let chosen = data["scope"].elements.compactMap(\.text)
        let rows = chosen.compactMap { code in phrases.first { $0["code"] == code } }
        let before = rows.filter { $0["permit_timing"] == "before" }
        let shown = before.isEmpty ? rows : before
        return shown.isEmpty
            ? nil
            : shown.map {
                .init(
                    value: $0["code"],
                    label: "\($0[language == .en ? "text_en" : "text_zh"]) \($0["code"])"
                )
            }
    }

    private func holdsWord(_ texts: [String], code: String) -> Bool {
        guard let word else { return false }
        let words = [word, everyday[word.lowercased()]].compactMap { $0 }
        return code == word.uppercased()
            || texts.contains { text in words.contains { text.localizedCaseInsensitiveContains($0) } }
    }

    /// `饭店=餐饮 奶茶=餐饮`, by everyday word in small letters; a `_` stands for a space.
    static func everyday(_ list: String) -> [String: String] {
        let pairs = list.lowercased().split(separator: " ").compactMap { pair -> (String, String)? in
            let sides = pair.split(separator: "=").map { String($0).replacing("_", with: " ") }
            return sides.count == 2 ? (sides[0], sides[1]) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Whether a search for a phrase found nothing: those that were chosen before stay on the page all the same.
    func foundNothing(_ view: FormView) -> Bool {
        view.elements.contains { element in
            guard case .field(let field) = element, field.name == "scope" else { return false }
            return field.options.allSatisfy { $0.isChosen && !holdsWord([$0.label], code: $0.value) }
        }
    }

    private func listed(_ path: String, _ data: JSON) -> [FieldView.Option]? {
        let district = data["district"].text ?? ""
        func named(_ rows: [ReferenceRow]) -> [FieldView.Option] {
            rows.map {
                .init(value: $0["code"], label: $0[language == .en ? "name_en" : "name_zh"], hint: nil)
            }
        }
        switch path {
        case _ where path.hasPrefix("approvals[") && path.hasSuffix("].phrase"): return approved(data)
        case "name.division":
            let forms = standards.regions.nameForms(of: district)
            return forms.isEmpty ? nil : forms.map { .init(value: $0, label: $0) }
        case "joined.seals.engraver":
            let near = engravers.filter { $0["league"].prefix(4) == district.prefix(4) }
            return named(near.isEmpty ? engravers : near)
        case "joined.bank.bank":
            let reached = Set(near(district).map { $0["bank"] })
            return named(reached.isEmpty ? banks : banks.filter { reached.contains($0["code"]) })
        case "joined.bank.branch":
            let near = near(district)
            guard let bank = data["joined"]["bank"]["bank"].text else {
                return banks.flatMap { bank in
                    let name = bank[language == .en ? "name_en" : "name_zh"]
                    return named(near.filter { $0["bank"] == bank["code"] }).map {
                        FieldView.Option(value: $0.value, label: $0.label, group: name)
                    }
                }
            }
            return named(near.filter { $0["bank"] == bank })
        default: return nil
        }
    }

    /// Branches in the league of a district.
    private func near(_ district: String) -> [ReferenceRow] {
        branches.filter { $0["region"].prefix(4) == district.prefix(4) }
    }
}

extension Offers {
    /// A branch of another bank than was chosen, on the page that asks for it: the list is that of the bank only once the
    /// page knows the bank.
    func problems(on page: FormPage, of form: FormDefinition, _ data: JSON) -> [FieldProblem] {
        let (path, asked) = ("joined.bank.branch", data["joined"]["bank"])
        let isAsked = page.fields.contains { field in
            guard field.name == "joined", case .group(let parts) = field.kind else { return false }
            return parts.contains { $0.name == "bank" }
        }
        guard isAsked, asked["choice"].text == "now", let label = form.field(at: path)?.label,
            let row = branches.first(where: { $0["code"] == asked["branch"].text }),
            row["bank"] != asked["bank"].text
        else { return [] }
        return [FieldProblem(path: path, code: "form.other-bank", label: label)]
    }
}
