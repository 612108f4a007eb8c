import Cryptography
import Exchange
import Kernel

/// What each party knows and makes: plausible artefacts, the same for the same letter whenever it is asked.
struct Conduct {
    enum Outcome {
        case done(JSON)
        /// With what stands nevertheless, such as the seals that were filed.
        case returned(String, JSON)
        case person(String)
    }

    let party: String
    let letter: Letter
    let facts: [JSON]
    let now: Instant

    private var fields: JSON { letter.fields }

    static func answersAtOnce(party: String, operation: String) -> Bool {
        switch party {
        case "sms", "post", "publicity", "national-collection": true
        case "bank": ["book", "registration-changed"].contains(operation)
        case "tax", "social-insurance": ["account-report", "registration-changed"].contains(operation)
        default: operation == "registration-changed"
        }
    }

    func outcome(isPartial: Bool) -> Outcome {
        if letter.operation == "registration-changed" {
            return .done(["receipt": .string("C" + digits("receipt", 12))])
        }
        return switch party {
        case "police-id": identity()
        case "police-face": face()
        case "court-list": court()
        case "agent-register": agent()
        case "company-query": company()
        case "police-seal" where letter.operation == "file-electronic":
            .done([
                "receipt": .string("YD" + digits("receipt", 10)),
                "filing": .string(region + digits("filing", 7)),
            ])
        case "police-seal": seals(isPartial: isPartial)
        case "engraver": engraver()
        case "tax":
            letter.operation == "register" ? tax() : .done(["receipt": .string("T" + digits("receipt", 12))])
        case "social-insurance":
            letter.operation == "register"
                ? insurance(isPartial: isPartial) : .done(["receipt": .string("S" + digits("receipt", 12))])
        case "medical-insurance":
            .done(["unitNumber": .string(region + digits("unit", 6)), "office": .string("\(place)医疗保险服务中心")])
        case "housing-fund": housing(isPartial: isPartial)
        case "bank" where letter.operation != "book": account()
        case "bank":
            .done([
                "bookingNumber": .string("Y" + digits("booking", 10)), "branch": fields["branch"],
                "visitAt": fields["visitAt"].isNull
                    ? .string("\(now.date.adding(days: 1)) 10:00") : fields["visitAt"],
            ])
        case "publicity":
            .done(["receipt": .string("G" + digits("receipt", 14)), "publishedAt": .string(now.description)])
        case "national-collection": .done(["receipt": .string("N" + digits("receipt", 14))])
        case "permit-department":
            fact("department")["notOurs"] == true
                ? .returned("not-ours", [:])
                : .done([
                    "claimedBy": fields["department"], "contact": .string("0471-" + digits("contact", 7)),
                ])
        case "sms":
            fact("phone")["refused"] == true
                ? .returned("refused", [:]) : .done(["delivered": true, "at": .string(now.description)])
        case "payment": payment(isPartial: isPartial)
        case "post":
            fact("address")["unknown"] == true
                ? .returned("address-not-found", [:])
                : .done(["tracking": .string("EMS" + digits("parcel", 10))])
        default: .returned("unnamed", [:])
        }
    }

    private func identity() -> Outcome {
        let known = fact("idNumber")
        let name = known["name"].text ?? fields["name"].text
        let matches = known["matches"].bool ?? (name == fields["name"].text)
        let near = !matches && Self.plain(name ?? "") == Self.plain(fields["name"].text ?? "")
        return .done([
            "matches": .bool(matches), "alive": known["alive"].isNull ? true : known["alive"],
            "nearName": .bool(near),
        ])
    }

    /// The demo's camera sends `score:870`; anything else is a good picture.
    private func face() -> Outcome {
        let known = fact("idNumber")
        let capture = fields["capture"].text ?? ""
        let shown = capture.hasPrefix("score:") ? Int64(capture.dropFirst(6)) : nil
        let score = known["score"].int ?? shown ?? 940 + Int64(digits("face", 2)).map { $0 % 55 }.orZero
        return .done([
            "score": JSON(min(1_000, max(0, score))),
            "live": known["live"].isNull ? .bool(capture != "photo") : known["live"],
        ])
    }

    private func court() -> Outcome {
        if letter.operation == "disputes" {
            let subjects = Set(fields["subjects"].elements.compactMap(\.text))
            let notices = facts.filter { $0["dispute"].text.map(subjects.contains) == true }
            return .done(["open": .bool(!notices.isEmpty), "notices": .array(notices)])
        }
        let known = fact("idNumber")
        let named = facts.last {
            $0["idNumber"].isNull && $0["nameOnly"] == true && $0["name"] == fields["name"]
        }
        return .done([
            "dishonest": known["dishonest"].isNull ? .bool(named != nil) : known["dishonest"],
            "nameOnly": .bool(named != nil && known["dishonest"].isNull),
            "entries": .array(known["entries"].elements), "bars": .array(known["bars"].elements),
        ])
    }

    private func agent() -> Outcome {
        let known = fields["idNumber"].isNull ? fact("creditCode") : fact("idNumber")
        let declared = known["declared"] == true
        return .done([
            "declared": .bool(declared),
            "number": declared ? .string(known["number"].text ?? "D" + digits("agent", 9)) : nil,
            "since": known["since"],
        ])
    }

    private func company() -> Outcome {
        let known = fact("creditCode")
        guard !known["state"].isNull else { return .done(["found": false]) }
        if letter.operation == "representative" {
            guard known["name"] == fields["name"] else { return .done(["found": false]) }
            let isHe =
                known["legalRepresentative"] == fields["representative"]
                && known["representativeNumber"] == fields["idNumber"]
            return .done(["found": true, "state": known["state"], "matches": .bool(isHe)])
        }
        return .done([
            "found": true, "state": known["state"], "name": known["name"],
            "legalRepresentative": known["legalRepresentative"], "region": known["region"],
            "kind": known["kind"],
        ])
    }

    /// Thirteen digits a seal: six of the region, seven in order.
    private func seals(isPartial: Bool) -> Outcome {
        if fact("engraver")["state"] == "not-listed" { return .returned("engraver-not-listed", [:]) }
        if (fields["name"].text ?? "").count > 40 { return .returned("name-too-long", [:]) }
        var rows: [JSON] = []
        let wanted = fields["seals"].elements
        for (index, seal) in wanted.enumerated() {
            var row: JSON = seal.text.map { ["kind": .string($0)] } ?? seal
            if isPartial, index == wanted.count - 1 {
                row["state"] = "failed"
            } else {
                row["state"] = "filed"
                row["code"] = .string(region + digits("seal-\(seal.canonical)", 7))
            }
            rows.append(row)
        }
        let answer: JSON = ["receipt": .string("YZ" + digits("receipt", 10)), "seals": .array(rows)]
        return isPartial ? .returned("seal-failed", answer) : .done(answer)
    }

    private func engraver() -> Outcome {
        if fact("engraver")["state"] == "out-of-service" { return .returned("out-of-service", [:]) }
        return .done([
            "orderNumber": .string("K" + digits("order", 9)),
            "pickup": fields["delivery"] == "courier" ? "已寄出" : "可自取", "seals": fields["seals"],
        ])
    }

    private func tax() -> Outcome {
        let representative = facts.last { $0["idNumber"] == fields["legalRepresentative"]["idNumber"] }
        if representative?["abnormalHousehold"] == true { return .person("abnormal-household") }
        let asked = fields["invoiceCeilingFen"].int ?? 75_000_000
        let ceiling = representative?["risk"] == "high" ? min(asked, 10_000_000) : asked
        return .done([
            "taxOffice": .string("国家税务总局\(place)税务局第一税务所"),
            "taxKinds": [
                "增值税", "城市维护建设税", fields["kind"] == "llc" ? "企业所得税" : "个人所得税（经营所得）", "印花税",
            ],
            "taxpayerKind": fields["taxpayerKind"].isNull ? "小规模纳税人" : fields["taxpayerKind"],
            "invoiceCeilingFen": JSON(ceiling), "invoiceKinds": ["数电发票"],
        ])
    }

    private func insurance(isPartial: Bool) -> Outcome {
        let employees = fields["employees"].elements
        let elsewhere = employees.filter { employee in
            facts.contains { $0["idNumber"] == employee["idNumber"] && $0["insuredElsewhere"] == true }
        }
        let rejected = isPartial ? Array(employees.prefix(1)) : elsewhere
        return .done([
            "unitNumber": .string(region + digits("unit", 8)), "insurances": ["养老", "失业", "工伤"],
            "office": .string("\(place)社会保险事业服务中心"),
            "rejectedRows": .array(rejected.map { ["row": $0["row"], "reasonCode": "insured-elsewhere"] }),
        ])
    }

    private func housing(isPartial: Bool) -> Outcome {
        let rejected = isPartial ? Array(fields["employees"].elements.prefix(1)) : []
        return .done([
            "unitAccount": .string("0" + digits("fund", 11)), "office": .string("\(place)住房公积金中心"),
            "rejectedRows": .array(
                rejected.map { ["row": $0["row"], "reasonCode": "account-sealed-elsewhere"] }
            ),
        ])
    }

    /// `partial`: a fen less arrives than was asked for.
    private func payment(isPartial: Bool) -> Outcome {
        if letter.operation == "statement" {
            return .done(["entries": .array(facts.filter { $0["day"] == fields["day"] })])
        }
        return .done([
            "transaction": .string("P" + digits(letter.operation, 18)),
            "amountFen": JSON((fields["amountFen"].int ?? 0) - (isPartial ? 1 : 0)),
            "paidAt": .string(now.description),
        ])
    }

    /// An account under the enterprise's seal: the bank wants the seal's code and the digest of the sealed file.
    private func account() -> Outcome {
        guard let digest = fields["application"].text, digest.utf8.count == 64,
            fields["sealCode"].text?.isEmpty == false
        else { return .returned("seal-not-proven", [:]) }
        if letter.operation == "open-account" {
            return .done(["accountNumber": .string("6214" + digits("account", 15)), "bank": fields["bank"]])
        }
        return .done([
            "receipt": .string("B" + digits("receipt", 12)), "accountNumber": fields["accountNumber"],
        ])
    }

    // MARK: shared

    private var region: String { fields["region"].text.map { String($0.prefix(6)) } ?? "150000" }

    /// League and banner at the head of the address, as offices are named.
    private var place: String {
        let address = (fields["address"].text ?? "").replacing("内蒙古自治区", with: "")
        var seen = 0
        for index in address.indices where "市盟区旗县".contains(address[index]) {
            seen += 1
            if seen == 2 { return String(address[...index]) }
        }
        return ""
    }

    /// The last fact about the subject that a field names.
    private func fact(_ key: String) -> JSON {
        guard let value = fields[key].text else { return .null }
        return facts.last { $0[key].text == value } ?? .null
    }

    /// Digits that are always the same for this letter and salt.
    func digits(_ salt: String, _ count: Int) -> String {
        let digest = SM3.digest(Array("\(party)|\(letter.creditCode)|\(letter.key)|\(salt)".utf8))
        return String(digest.prefix(count).map { Character(String($0 % 10)) })
    }

    /// A name without middle dots and spaces.
    private static func plain(_ name: String) -> String {
        name.filter { !"·•・‧．. ".contains($0) }
    }
}

extension Int64? {
    fileprivate var orZero: Int64 { self ?? 0 }
}
