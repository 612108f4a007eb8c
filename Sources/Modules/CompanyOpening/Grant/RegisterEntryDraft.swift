import Cases
import CompanyNames
import Kernel
import Registers

/// What enters the register when an opening is granted: items, filings, links. Pure.
struct RegisterEntryDraft {
    let form: CompanyForm
    let line: String
    let scope: String
    let keys: PersonKeys
    let today: LocalDate

    /// The entry as it begins.
    func subject(code: String, of granted: Case, at now: Instant) -> RegisterSubject {
        RegisterSubject(
            register: form.kind == .llc ? "company" : "sole-trader",
            code: code,
            name: form.registeredName,
            state: .active,
            region: granted.region,
            agency: granted.agency,
            establishedOn: today,
            items: items,
            isLegacy: false,
            version: 1,
            updatedAt: now
        )
    }

    /// Who acts for it by law: the legal representative, of a sole trader the operator.
    var representative: JSON {
        form.data[form.kind == .llc ? "legalRepresentative" : "operator"]["name"]
    }

    /// Registered items (Regulations, article 8), all of them public. A sole trader registers the operator, the way it
    /// is run, place and scope; neither capital nor shareholders, and a name only where he uses one. His home is
    /// registered too, but kept among the confidential filings.
    var items: JSON {
        let data = form.data
        var items: JSON = [
            "type": .string(form.kind == .llc ? typeName : "个体工商户"), "address": .string(line),
            "scope": .string(scope), "scopeCodes": .array(form.scope.map(JSON.string)),
        ]
        if form.hasName { items["name"] = .string(form.registeredName) }
        if form.kind == .llc {
            items["capitalFen"] = JSON(form.capital)
            items["legalRepresentative"] = data["legalRepresentative"]["name"]
            items["shareholders"] = .array(
                data["shareholders"].elements.map { holder in
                    [
                        "name": holder["name"], "kind": .string(holder["kind"].text ?? "person"),
                        "amountFen": holder["amount"], "method": holder["method"],
                        "dueDate": holder["dueDate"],
                    ]
                }
            )
        } else {
            items["operator"] = data["operator"]["name"]
            items["operation"] = .string(data["operation"].text ?? "individual")
        }
        if form.hasName, let mongolian = data["name"]["mongolian"].text {
            items["nameMongolian"] = .string(mongolian)
        }
        return items
    }

    /// As the licence prints it (Company Law, chapters 3 and 4).
    private var typeName: String {
        let holders = form.data["shareholders"].elements
        guard holders.count == 1 else {
            return holders.allSatisfy { $0["kind"].text != "organisation" }
                ? "有限责任公司（自然人投资或控股）" : "其他有限责任公司"
        }
        return holders[0]["kind"].text == "organisation" ? "有限责任公司（法人独资）" : "有限责任公司（自然人独资）"
    }

    /// Filed items (Regulations, article 9).
    var filings: [RegisterFiling] {
        let data = form.data
        var filings: [RegisterFiling] = []
        func add(_ kind: String, _ value: JSON, confidential: Bool = false) {
            guard !value.isNull else { return }
            filings.append(
                RegisterFiling(kind: kind, value: value, isConfidential: confidential, from: today)
            )
        }
        func person(_ value: JSON) -> JSON {
            guard let name = value["name"].text else { return .null }
            var filed: JSON = ["name": .string(name)]
            if let position = value["position"].text { filed["position"] = .string(position) }
            if let number = value["idNumber"].text {
                filed["key"] = .string(
                    keys.person(idKind: value["idKind"].text ?? "resident-id", idNumber: number)
                )
            }
            return filed
        }
        for director in data["directors"].elements { add("director", person(director)) }
        for supervisor in data["supervisors"].elements { add("supervisor", person(supervisor)) }
        for role in ["manager", "financeOfficer"] { add(role, person(data[role])) }
        add("liaison", person(data["liaison"]), confidential: true)
        guard form.kind == .llc else {
            // Of a family's business the members who take part are filed (article 9, item 6); the funds are no
            // registered item and are told to nobody but the authority.
            for member in form.familyMembers { add("familyMember", person(member)) }
            add("operatorResidence", data["operator"]["residence"], confidential: true)
            add("funds", data["capital"], confidential: true)
            add("serviceAddress", data["service"], confidential: true)
            return filings
        }
        for owner in data["beneficialOwners"].elements { add("beneficialOwner", owner, confidential: true) }
        if !data["beneficial"].isNull { add("beneficialOwnerMode", data["beneficial"], confidential: true) }
        add("serviceAddress", data["service"], confidential: true)
        return filings
    }

    /// What joins the firm to people, a telephone and an address, for R16, bans and "my firms".
    var links: [(kind: String, key: String)] {
        var links: [(kind: String, key: String)] = [("address", keys.address(line))]
        if let phone = form.data["applicant"]["phone"].text { links.append(("phone", keys.phone(phone))) }
        for person in form.people {
            let key = keys.person(idKind: person.idKind, idNumber: person.idNumber)
            links.append(("person", key))
            if person.roles.contains(.applicant) { links.append(("applicant", key)) }
            if person.roles.contains(.legalRepresentative) || person.roles.contains(.operatorRole) {
                links.append(("legal-representative", key))
            }
        }
        return links
    }
}
