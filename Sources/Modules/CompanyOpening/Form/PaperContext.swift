import CompanyNames
import Kernel

/// Everything the founders' papers may ask for, by the templates' field names.
struct PaperContext {
    let form: CompanyForm
    let line: String
    let scope: String
    let scopeTexts: [String]
    let number: String
    let agencyName: String
    /// The versions of the promises that were ticked, with their texts.
    let promises: [String]

    /// The fields that a template asks for; a name with `?` may stay out.
    func fields(_ asked: [String]) -> JSON {
        let all = all
        var fields: JSON = [:]
        for name in asked {
            let bare = name.hasSuffix("?") ? String(name.dropLast()) : name
            if !all[bare].isNull { fields[bare] = all[bare] }
        }
        return fields
    }

    private func text(_ value: String) -> JSON { ["text": .string(value)] }

    private var all: JSON {
        let data = form.data
        let governance = data["governance"]
        let supervision = governance["supervision"].text ?? "none"
        let board = governance["board"].text == "board"
        let directors = data["directors"].elements
        let isCompany = form.kind == .llc
        var all: JSON = [
            "companyName": form.hasName ? .string(form.registeredName) : .null,
            "type": .string(isCompany ? "有限责任公司" : "个体工商户"), "agencyName": .string(agencyName),
            "address": .string(line), "capital": isCompany ? JSON(form.capital) : data["capital"],
            "shareholders": .array(shareholders), "officers": .array(officers),
            "agent": .string(data["applicant"]["name"].text ?? ""), "caseNumber": .string(number),
            "person": .string(
                data["legalRepresentative"]["name"].text ?? data["operator"]["name"].text ?? ""
            ),
            "promises": .array(promises.map(text)), "version": .string(promiseVersion),
            "appointments": .array(appointments),
            "articlesAdopted": .bool(governance["articles"].text != "own"),
            "noSupervisor": .bool(supervision == "none"), "board": .bool(board),
            "boardSize": board ? JSON(directors.count) : .null,
            "directorTerm": JSON(directors.compactMap { $0["termYears"].int }.max() ?? 3),
            "manager": .bool(!data["manager"].isNull), "supervisor": .bool(supervision == "single"),
            "auditCommittee": .bool(supervision == "auditCommittee"),
            "representativeOffice": .string(
                data["legalRepresentative"]["position"].text == "manager" ? "经理" : "董事"
            ),
            "decider": .string(shareholders.count == 1 ? "股东" : "股东会"),
            "appointedBy": .string(shareholders.count == 1 ? "股东" : "股东会"),
        ]
        all["operator"] = data["operator"]["name"]
        all["operatorForm"] =
            data["operator"].isNull ? .null : data["operation"].text == "family" ? "家庭经营" : "个人经营"
        all["family"] = .array(form.familyMembers.map { ["name": $0["name"]] })
        let copies = data["joined"]["paperLicence"]["duplicates"]
        if !copies.isNull { all["licenceCopies"] = copies }
        return all
    }

    /// The scope is a list in the application and running text in the articles.
    func scopeField(asList: Bool) -> JSON { asList ? .array(scopeTexts.map(text)) : .string(scope) }

    private var promiseVersion: String {
        form.data["promises"].members.values.compactMap(\.text).max() ?? ""
    }

    /// Names, amounts, ways and days; the share is computed, 100.00 % by the largest remainder.
    private var shareholders: [JSON] {
        let holders = form.data["shareholders"].elements
        let shares = Shares.percentages(holders.map { $0["amount"].int ?? 0 })
        return zip(holders, shares).map { holder, share in
            [
                "name": .string(holder["name"].text ?? ""),
                "amount": .string("\(Money(fen: holder["amount"].int ?? 0).tenThousandYuanText)万元"),
                "form": .string(Self.methods[holder["method"].text ?? ""] ?? "货币"),
                "date": .string(
                    holder["dueDate"].text.flatMap { LocalDate(parsing: $0)?.chineseText } ?? ""
                ),
                "percent": .string(share),
            ]
        }
    }

    private static let methods = [
        "cash": "货币", "goods": "实物", "intellectualProperty": "知识产权", "landUse": "土地使用权", "equity": "股权",
        "claims": "债权", "data": "数据",
    ]

    private var officers: [JSON] {
        form.people.filter { $0.isOfficer || $0.roles.contains(.liaison) }.map { person in
            [
                "name": .string(person.name),
                "role": .string(person.roles.map(\.chinese).joined(separator: "、")),
            ]
        }
    }

    private var appointments: [JSON] {
        form.people.filter(\.isOfficer).map { person in
            let offices = person.roles.filter(\.isOfficer)
            var entry: JSON = [
                "name": .string(person.name), "role": .string(offices.map(\.chinese).joined(separator: "、")),
            ]
            let term = form.data["directors"].elements.first { $0["idNumber"].text == person.idNumber }?[
                "termYears"
            ].int
            if let term { entry["term"] = JSON(term) }
            return entry
        }
    }
}

/// Shares of the capital as they are shown: two decimals that add up to 100.00 by the largest remainder.
public enum Shares {
    /// - Parameter amounts: fen, not negative. All zero gives zeros.
    public static func percentages(_ amounts: [Int64]) -> [String] {
        let total = amounts.reduce(0, +)
        guard total > 0 else { return amounts.map { _ in "0.00" } }
        let wide = amounts.map { $0.multipliedFullWidth(by: 10_000) }
        let divided = wide.map { total.dividingFullWidth($0) }
        var basis = divided.map(\.quotient)
        let short = Int(10_000 - basis.reduce(0, +))
        let order = amounts.indices.sorted {
            (divided[$1].remainder, $0) < (divided[$0].remainder, $1)
        }
        for index in order.prefix(short) { basis[index] += 1 }
        return basis.map { points in
            let fraction = points % 100
            return "\(points / 100).\(fraction < 10 ? "0" : "")\(fraction)"
        }
    }
}
