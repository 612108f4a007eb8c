public import Cases
import CompanyNames
public import Kernel
import Registers
public import Storage

extension CompanyOpening {
    /// What steps of the flow send: the least fields that each party needs, by the party's own names.
    public func messages(
        for steps: [String],
        of subject: Case,
        in reader: any Reader
    ) throws -> [String: [PartyOrder]] {
        guard !steps.isEmpty else { return [:] }
        let form = CompanyForm(subject.data)
        let code = subject.result ?? ""
        let writer = PartyMessage(form: form, code: code, line: form.addressLine { regionName($0) })
        // Several parties get the public part of the register entry: it is read once.
        var record: JSON = [:]
        if !Self.stepsWithRecord.isDisjoint(with: steps) {
            record = try RegisterStore.find(code, in: reader)?.publicRecord ?? [:]
        }
        var messages: [String: [PartyOrder]] = [:]
        for step in steps {
            guard step != "permitNotice" else {
                messages[step] = permitNotices(writer, of: subject)
                continue
            }
            let fields = try message(writer, for: step, of: subject, record: record, in: reader)
            messages[step] = [PartyOrder(fields: fields)]
        }
        return messages
    }

    private func permitNotices(_ writer: PartyMessage, of subject: Case) -> [PartyOrder] {
        let groups = ScopeFacts.permitsAfter(writer.form, book: book, on: subject.createdAt.date)
        return groups.keys.sorted().map { department in
            PartyOrder(
                part: department,
                fields: writer.permitNotice(
                    department: department,
                    phrases: (groups[department] ?? []).map { .string($0["text_zh"]) }
                )
            )
        }
    }

    public func context(for subject: Case) -> JSON {
        let form = CompanyForm(subject.data)
        return [
            "permitsAfter": .bool(
                !ScopeFacts.permitsAfter(form, book: book, on: subject.createdAt.date).isEmpty
            )
        ]
    }

    private static let stepsWithRecord: Set<String> = ["publicity", "collection", "eLicence"]

    private func message(
        _ writer: PartyMessage,
        for step: String,
        of subject: Case,
        record: JSON,
        in reader: any Reader
    ) throws -> JSON {
        switch step {
        case "sealFiling": return writer.sealFiling
        case "engraving":
            return writer.engraving(sealCodes: try sealCodes(of: writer.code, case: subject.id, in: reader))
        case "tax":
            return try writer.tax(
                scope: scopeTexts(writer.form, on: subject.createdAt.date)
                    + FreeScope.accepted(of: subject, in: reader).map(JSON.string)
            )
        case "socialInsurance": return writer.insurance(kinds: true)
        case "medicalInsurance": return writer.insurance(kinds: false)
        case "housingFund": return writer.housingFund
        case "bank": return writer.bank
        case "publicity", "collection":
            return ["creditCode": .string(writer.code), "record": record, "kind": "establish"]
        case "eLicence":
            // A licence names neither shareholders nor the catalogue's codes.
            let words = record.members.filter { !["shareholders", "scopeCodes"].contains($0.key) }
            return ["creditCode": .string(writer.code), "licence": .object(words)]
        case "beneficialOwners": return writer.beneficialOwners
        case "paperLicence": return writer.paperLicence
        default: throw CaseError.unknownStep(step)
        }
    }

    private func scopeTexts(_ form: CompanyForm, on date: LocalDate) -> [JSON] {
        form.scope.compactMap { book.phrase($0, on: date) }.map { .string($0["text_zh"]) }
    }

}

/// The messages of one opening, by party. Pure.
struct PartyMessage {
    let form: CompanyForm
    let code: String
    let line: String

    private var representative: JSON {
        form.kind == .llc ? form.data["legalRepresentative"] : form.data["operator"]
    }

    private func contact(_ person: JSON) -> JSON {
        var contact: JSON = [
            "name": .string(person["name"].text ?? ""),
            "idKind": .string(person["idKind"].text ?? "resident-id"),
            "idNumber": .string(person["idNumber"].text ?? ""),
        ]
        if let phone = person["phone"].text { contact["phone"] = .string(phone) }
        return contact
    }

    private var base: JSON {
        ["name": .string(form.registeredName), "creditCode": .string(code)]
    }

    private func adding(_ members: [String: JSON]) -> JSON {
        var message = base
        for (key, value) in members where !value.isNull { message[key] = value }
        return message
    }

    private var staff: JSON {
        .array(
            form.data["joined"]["staff"]["list"].elements.map { entry in
                [
                    "name": .string(entry["name"].text ?? ""),
                    "idNumber": .string(entry["idNumber"].text ?? ""),
                    "startDate": entry["startDate"], "wage": entry["wage"],
                ]
            }
        )
    }

    private var noStaff: JSON { .bool(form.data["joined"]["staff"]["none"].bool ?? true) }

    var sealFiling: JSON {
        let seals = form.data["joined"]["seals"]
        return adding([
            "nameMongolian": form.data["name"]["mongolian"], "legalRepresentative": representative["name"],
            "seals": seals["kinds"], "engraver": seals["engraver"], "region": .string(form.district),
        ])
    }

    func engraving(sealCodes: JSON) -> JSON {
        let seals = form.data["joined"]["seals"]
        return adding([
            "engraver": seals["engraver"], "nameMongolian": form.data["name"]["mongolian"],
            "seals": sealCodes,
            "payer": seals["payer"],
            "delivery": seals["delivery"], "receiver": form.data["applicant"]["name"],
            "phone": form.data["applicant"]["phone"], "address": seals["deliveryAddress"],
        ])
    }

    func tax(scope: [JSON]) -> JSON {
        let tax = form.data["joined"]["tax"]
        return adding([
            "kind": .string(form.kind.rawValue), "legalRepresentative": contact(representative),
            "financeOfficer": form.data["financeOfficer"].isNull
                ? .null : contact(form.data["financeOfficer"]),
            "taxOfficer": form.data["taxOfficer"].isNull ? .null : contact(form.data["taxOfficer"]),
            "address": .string(line), "region": .string(form.district), "scope": .array(scope),
            "capitalFen": form.kind == .llc ? JSON(form.capital) : .null,
            "employees": JSON(form.data["joined"]["staff"]["list"].elements.count),
            "bookkeeping": tax["accounting"],
            "accountingSystem": tax["accountingSystem"], "taxpayerKind": tax["taxpayer"],
            "invoices": tax["invoices"],
        ])
    }

    func insurance(kinds: Bool) -> JSON {
        adding([
            "legalRepresentative": contact(representative), "address": .string(line),
            "region": .string(form.district), "employees": staff, "noEmployees": noStaff,
        ])
    }

    var housingFund: JSON {
        let fund = form.data["joined"]["housingFund"]
        return adding([
            "legalRepresentative": contact(representative), "address": .string(line),
            "region": .string(form.district), "employees": staff, "ratioPercent": fund["ratio"],
            "firstMonth": .string(String((fund["firstMonth"].text ?? "").prefix(7))),
        ])
    }

    var bank: JSON {
        let bank = form.data["joined"]["bank"]
        let visit = [bank["date"].text, bank["time"].text].compactMap { $0 }.joined(separator: " ")
        return adding([
            "legalRepresentative": contact(representative), "bank": bank["bank"], "branch": bank["branch"],
            "visitAt": visit.isEmpty ? .null : .string(visit), "accountKind": bank["account"],
            "phone": form.data["applicant"]["phone"],
        ])
    }

    var beneficialOwners: JSON {
        [
            "creditCode": .string(code), "owners": .array(form.data["beneficialOwners"].elements),
            "exempt": .bool(form.data["beneficial"]["mode"].text == "exempt"),
        ]
    }

    func permitNotice(department: String, phrases: [JSON]) -> JSON {
        adding([
            "address": .string(line), "region": .string(form.district), "department": .string(department),
            "phrases": .array(phrases),
        ])
    }

    var paperLicence: JSON {
        let applicant = form.data["applicant"]
        return [
            "receiver": applicant["name"], "phone": applicant["phone"],
            "address": .string(form.data["joined"]["paperLicence"]["mailAddress"].text ?? line),
            "content": .string("营业执照 \(code)"),
        ]
    }
}

extension RegisterSubject {
    /// The entry as parties and the publicity system see it.
    var publicRecord: JSON {
        var record = items
        // A sole trader without a name goes by the operator's.
        if record["name"].isNull { record["name"] = .string(name) }
        record["establishedOn"] = .string(establishedOn.description)
        record["state"] = .string(state.rawValue)
        record["region"] = .string(region)
        return record
    }
}
