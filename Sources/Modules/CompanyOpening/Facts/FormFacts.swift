import Kernel

/// Facts that follow from the form and the day alone. Pure.
struct FormFacts {
    let form: CompanyForm
    let today: LocalDate
    /// Dated numbers by name, as the tables see them.
    let limits: JSON

    private func limit(_ name: String) -> Int64 {
        limits[name].int ?? 0
    }

    // MARK: capital (R11)

    private static let inKind: Set<String> = [
        "goods", "intellectualProperty", "landUse", "equity", "claims", "data",
    ]
    private static let forbidden: Set<String> = [
        "labour", "credit", "personalName", "goodwill", "franchise", "encumbered",
    ]

    var capital: JSON {
        let shareholders = form.data["shareholders"].elements
        let sum = shareholders.reduce(Int64(0)) { $0 + ($1["amount"].int ?? 0) }
        let methods = shareholders.compactMap { $0["method"].text }
        let dueDates = shareholders.compactMap { $0["dueDate"].text.flatMap { LocalDate(parsing: $0) } }
        let dueLimit = today.adding(months: Int(limit("capitalYears")) * 12)
        return [
            "total": JSON(form.capital), "sum": JSON(sum),
            "totalText": .string(Money(fen: form.capital).tenThousandYuanText),
            "sumText": .string(Money(fen: sum).tenThousandYuanText),
            "latestDue": .string((dueDates.max() ?? today).description),
            "dueLimit": .string(dueLimit.description),
            "inKind": JSON(methods.count { Self.inKind.contains($0) }),
            "forbidden": JSON(methods.count { Self.forbidden.contains($0) }),
        ]
    }

    // MARK: structure (R12)

    var structure: JSON {
        let data = form.data
        let directors = data["directors"].elements
        let supervisors = data["supervisors"].elements
        let supervisorIDs = Set(supervisors.compactMap { $0["idNumber"].text })
        var executives: [(String, String)] = directors.compactMap { entry in
            entry["idNumber"].text.map { ($0, entry["name"].text ?? "") }
        }
        for role in ["manager", "financeOfficer"] {
            if let number = data[role]["idNumber"].text {
                executives.append((number, data[role]["name"].text ?? ""))
            }
        }
        let doubles = executives.filter { supervisorIDs.contains($0.0) }.map { PersonMask.name($0.1) }
        let legal = data["legalRepresentative"]
        let legalNumber = legal["idNumber"].text
        let holders: [String?] =
            legal["position"].text == "manager"
            ? [data["manager"]["idNumber"].text] : directors.map { $0["idNumber"].text }
        let board = data["governance"]["board"].text == "board"
        let audit = directors.count { $0["auditCommittee"].bool == true }
        let staff = supervisors.count { $0["staffRepresentative"].bool == true }
        return [
            "shareholders": JSON(data["shareholders"].elements.count), "board": .bool(board),
            "directors": JSON(directors.count), "supervisors": JSON(supervisors.count),
            "supervision": .string(data["governance"]["supervision"].text ?? "none"),
            "noSupervisorConsent": .bool(data["governance"]["noSupervisorConsent"].bool ?? false),
            "doubleRoles": .array(Array(Set(doubles)).sorted().map(JSON.string)),
            "legalRepresentativeHolds": .bool(legalNumber != nil && holders.contains(legalNumber)),
            "auditMembers": JSON(audit), "ownArticles": .bool(data["governance"]["articles"].text == "own"),
            "staffShareEnough": .bool(staff * 3 >= supervisors.count),
        ]
    }

    // MARK: investors from abroad (R14)

    private static let hongKongMacaoTaiwan: Set<String> = ["HKG", "MAC", "TWN"]

    var foreign: JSON {
        func isForeign(_ value: JSON) -> Bool {
            let nationality = value["nationality"].text ?? "CHN"
            return nationality != "CHN"
                || [
                    "residence-permit-hmt", "mainland-permit-hm", "mainland-permit-tw", "passport",
                    "permanent-resident", "permanent-resident-old",
                ].contains(value["idKind"].text ?? "resident-id")
        }
        let investors = form.data["shareholders"].elements.filter { $0["kind"].text != "organisation" }
        let trader = form.data["operator"]
        let isHMT =
            Self.hongKongMacaoTaiwan.contains(trader["nationality"].text ?? "CHN")
            || ["residence-permit-hmt", "mainland-permit-hm", "mainland-permit-tw"].contains(
                trader["idKind"].text ?? ""
            )
        let present = form.kind == .soleTrader && !trader.isNull
        return [
            "count": JSON(form.kind == .llc ? investors.count(where: isForeign) : 0),
            "hmtOperator": .bool(present && isHMT),
            "operator": .bool(present && !isHMT && isForeign(trader)),
        ]
    }

    // MARK: beneficial owners (R15)

    /// The exemption: capital up to the limit, shareholders all natural persons, nobody else in control
    /// (Measures for the Administration of Beneficial Owner Information, see company-opening §2 G).
    var owners: JSON {
        let shareholders = form.data["shareholders"].elements
        let allPersons = shareholders.allSatisfy { $0["kind"].text != "organisation" }
        let exempt = form.capital <= limit("beneficialExemptCapital") && allPersons
        let declared = form.data["beneficialOwners"].elements
        let declaredIDs = Set(declared.compactMap { $0["idNumber"].text })
        let threshold = limit("beneficialSharePercent")
        let large = shareholders.filter { holder in
            holder["kind"].text != "organisation" && form.capital > 0
                && (holder["amount"].int ?? 0) * 100 >= threshold * form.capital
        }
        let missing = large.filter { !declaredIDs.contains($0["idNumber"].text ?? "") }
        return [
            "mode": .string(form.data["beneficial"]["mode"].text ?? "later"), "exemptionFits": .bool(exempt),
            "count": JSON(declared.count), "missing": JSON(missing.count),
            "missingWho": .string(
                missing.compactMap { $0["name"].text }.map(PersonMask.name).joined(separator: "、")
            ),
            "complex": .bool(form.data["beneficial"]["mode"].text == "declared" && !allPersons),
            "limitText": .string(Money(fen: limit("beneficialExemptCapital")).tenThousandYuanText),
        ]
    }
}
