import Documents
import Forms
import Kernel
import Standards

/// What stands on the sheet of a licence, by the names that its template asks for.
struct LicenceContent {
    let record: CredentialRecord
    let type: LicenceType
    /// Where the QR code leads.
    let link: String

    var sheet: SheetContent {
        switch type.template {
        case .businessLicence: businessLicence
        case .licence, .certificate: general
        }
    }

    /// Every field that has a value, label and words, after the holder's name.
    private var general: SheetContent {
        var rows = [["label": holderLabel, "value": record.holder.name]]
        for field in type.fields where field.catalogue != LicenceField.numberName {
            guard let words = words(field.key), words != record.holder.name else { continue }
            rows.append(["label": field.name.zh, "value": words])
        }
        return SheetContent(
            texts: [
                "title": type.name.zh, "number": number, "identifier": record.identifier.description,
                "issuer": record.issuer.name, "issued": record.issuedAt.date.chineseText, "valid": validity,
                "link": link, "holder": record.holder.name,
                "body": "兹证明\(record.holder.name)持有本\(type.name.zh)，所载事项如下：",
            ],
            lists: ["fields": rows]
        )
    }

    private var holderLabel: String { record.holder.kind == .enterprise ? "持证主体" : "持证人" }

    private var businessLicence: SheetContent {
        var texts = [
            "code": record.holder.code, "name": record.holder.name, "type": words("type") ?? "",
            "scope": words("scope") ?? "", "authority": words("authority") ?? record.issuer.name,
            "registered": record.issuedAt.date.chineseText, "link": link,
        ]
        // A sole trader has an operator and premises where a company has a representative and a domicile.
        let optional = [
            ("title-mn", "nameMongolian"), ("legal-representative", "legalRepresentative"),
            ("operator", "operator"), ("capital", "capitalText"), ("founded", "establishedOn"),
            ("composition", "operation"),
            (words("operator") == nil ? "address" : "premises", "address"),
        ]
        for (name, field) in optional {
            if let words = words(field) { texts[name] = words }
        }
        return SheetContent(texts: texts)
    }

    private var number: String { type.number(in: record.fields) ?? record.identifier.serial }

    private var validity: String {
        guard let last = record.validUntil else { return "长期" }
        return "\(record.validFrom.chineseText)至\(last.chineseText)"
    }

    /// A field as it is printed; nil when it has no value.
    private func words(_ key: String) -> String? {
        guard let field = type.field(key), let words = field.words(of: record.fields[key]), !words.isEmpty
        else {
            return nil
        }
        guard field.kind == .date, let day = LocalDate(parsing: words) else { return words }
        return day.chineseText
    }
}
