/// What a bureau's own stock can be taken over as.
public enum StockKind: String, Sendable, CaseIterable {
    case person, enterprise, licence

    /// What the mapping may name.
    public var fields: [StockField] {
        switch self {
        case .person:
            [
                StockField("name", .personName, isRequired: true),
                StockField("documentKind", .documentKind),
                StockField("document", .document, isRequired: true),
                StockField("birth", .date), StockField("phone", .phone),
            ]
        case .enterprise:
            [
                StockField("code", .creditCode, isRequired: true), StockField("oldNumber", .text),
                StockField("register", .choice(["company", "sole-trader"]), isRequired: true),
                StockField("name", .text, isRequired: true),
                StockField(
                    "state",
                    .choice(["active", "dormant", "revoked", "withdrawn", "cancelled"]),
                    isRequired: true
                ),
                StockField("region", .region, isRequired: true), StockField("agency", .agency),
                StockField("established", .date, isRequired: true), StockField("type", .text),
                StockField("capital", .money), StockField("legalRepresentative", .personName),
                StockField("representativeDocument", .document), StockField("address", .text),
                StockField("scope", .text), StockField("termUntil", .date),
            ]
        case .licence:
            [
                StockField("number", .text, isRequired: true), StockField("type", .text, isRequired: true),
                StockField("name", .text, isRequired: true), StockField("holder", .holder, isRequired: true),
                StockField("holderName", .text, isRequired: true),
                StockField("issuer", .text, isRequired: true), StockField("region", .region),
                StockField(
                    "state",
                    .choice(["valid", "suspended", "cancelled", "withdrawn", "revoked"]),
                    isRequired: true
                ),
                StockField("validFrom", .date), StockField("validUntil", .date),
            ]
        }
    }

    /// - Parameter name: of a field, or `on.` and the key of what stands on a licence.
    public func field(_ name: String) -> StockField? {
        if self == .licence, name.hasPrefix(StockField.onLicence) { return StockField(name, .onLicence) }
        return fields.first { $0.name == name }
    }
}

/// One field of a kind.
public struct StockField: Sendable {
    public enum Content: Sendable, Equatable {
        case personName, documentKind, document, phone, text, creditCode, date, region, agency
        /// In fen; the mapping says in what unit the source counts.
        case money
        /// A credit code of an enterprise or the number of a person's document.
        case holder
        /// What stands on a licence: read as its type has it.
        case onLicence
        case choice([String])

        /// Values of it stand in no message and no file that is handed on.
        public var isPersonal: Bool {
            switch self {
            case .document, .phone, .holder, .onLicence: true
            case .personName, .documentKind, .text, .creditCode, .date, .region, .agency, .money, .choice:
                false
            }
        }
    }

    /// How fields are called that stand on a licence: `on.scope`.
    static let onLicence = "on."

    public let name: String
    public let content: Content
    public let isRequired: Bool

    init(_ name: String, _ content: Content, isRequired: Bool = false) {
        self.name = name
        self.content = content
        self.isRequired = isRequired
    }
}
