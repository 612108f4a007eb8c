import Forms
public import Kernel
import Standards

/// What shall be issued as a licence. It is checked against its type before anything is signed.
public struct LicenceDraft: Sendable {
    /// The key of the type.
    public let type: String
    public let holder: Holder
    public let issuer: IssuingBody
    /// Six digits.
    public let region: String
    /// By the fields' keys: texts, days as `YYYY-MM-DD`, amounts in fen, lists of texts.
    public let fields: JSON
    public let validFrom: LocalDate?
    /// Only where the type leaves it to the decision.
    public let validUntil: LocalDate?

    public init(
        type: String,
        holder: Holder,
        issuer: IssuingBody,
        region: String,
        fields: JSON,
        validFrom: LocalDate? = nil,
        validUntil: LocalDate? = nil
    ) {
        self.type = type
        self.holder = holder
        self.issuer = issuer
        self.region = region
        self.fields = fields
        self.validFrom = validFrom
        self.validUntil = validUntil
    }
}

extension LicenceDraft {
    var json: JSON {
        [
            "type": .string(type), "kind": .string(holder.kind.rawValue), "code": .string(holder.code),
            "name": .string(holder.name), "issuer": .string(issuer.code), "issuerName": .string(issuer.name),
            "region": .string(region), "fields": fields, "from": JSON(validFrom?.description),
            "until": JSON(validUntil?.description),
        ]
    }

    init?(_ json: JSON) {
        guard let type = json["type"].text, let kind = json["kind"].text.flatMap(Holder.Kind.init(rawValue:)),
            let code = json["code"].text, let name = json["name"].text, let issuer = json["issuer"].text,
            let issuerName = json["issuerName"].text, let region = json["region"].text
        else { return nil }
        self.init(
            type: type,
            holder: Holder(kind, code: code, name: name),
            issuer: IssuingBody(code: issuer, name: issuerName),
            region: region,
            fields: json["fields"],
            validFrom: json["from"].text.flatMap { LocalDate(parsing: $0) },
            validUntil: json["until"].text.flatMap { LocalDate(parsing: $0) }
        )
    }
}

/// What is wrong with one field of a licence.
public struct LicenceFieldProblem: Hashable, Sendable {
    public enum What: String, Sendable, CaseIterable {
        case missing
        /// The type has no such field.
        case unknown
        case text, date, code, amount, list
        case long
    }

    /// The field's key.
    public let field: String
    /// Its Chinese name; the key where the type has no such field.
    public let name: String
    public let what: What
}

extension LicenceType {
    /// Everything that keeps fields from standing on a licence of this type, in the order of the type; empty when nothing
    /// does.
    public func problems(of fields: JSON) -> [LicenceFieldProblem] {
        let members = fields.members
        var found: [LicenceFieldProblem] = []
        for field in self.fields {
            let value = members[field.key] ?? .null
            let what = value.isNull ? (field.isRequired ? .missing : nil) : field.problem(of: value)
            if let what {
                found.append(LicenceFieldProblem(field: field.key, name: field.name.zh, what: what))
            }
        }
        let known = Set(self.fields.map(\.key))
        return found
            + members.keys.filter { !known.contains($0) }.sorted().map {
                LicenceFieldProblem(field: $0, name: $0, what: .unknown)
            }
    }

    /// The last day of a licence; nil is without end.
    func lastDay(from: LocalDate, told: LocalDate?, fields: JSON) throws(LicenceError) -> LocalDate? {
        switch validity {
        case .open:
            guard told == nil else { throw .endGiven(type: name.zh) }
            return nil
        case .years(let years):
            guard told == nil else { throw .endGiven(type: name.zh) }
            return from.adding(months: years * 12).adding(days: -1)
        case .until(let field):
            return fields[field].text.flatMap { LocalDate(parsing: $0) }
        case .dated:
            guard let told else { throw .endMissing(type: name.zh) }
            return told
        }
    }

    /// The number that is printed on a licence with these fields.
    func number(in fields: JSON) -> String? { numberField.flatMap { fields[$0.key].text } }
}

extension LicenceField {
    /// What is wrong with a value that is there; nil: nothing.
    func problem(of value: JSON) -> LicenceFieldProblem.What? {
        switch kind {
        case .text:
            guard let text = value.text, Self.isLine(text) else { return .text }
            return text.count > lengthMax ? .long : nil
        case .code:
            guard let text = value.text, !text.isEmpty, Self.isLine(text),
                !text.unicodeScalars.contains(where: \.properties.isWhitespace)
            else { return .code }
            return text.count > lengthMax ? .long : nil
        case .date: return value.text.flatMap { LocalDate(parsing: $0) } == nil ? .date : nil
        case .amount: return value.int.map { $0 >= 0 } == true ? nil : .amount
        case .list:
            guard !value.elements.isEmpty else { return .list }
            for element in value.elements {
                guard let text = element.text, Self.isLine(text) else { return .list }
                if text.count > lengthMax { return .long }
            }
            return nil
        }
    }

    /// Something to read, without what steers a terminal or a printer.
    private static func isLine(_ text: String) -> Bool {
        var isBlank = true
        for scalar in text.unicodeScalars {
            // What nearly all texts are made of needs no look into the tables of Unicode.
            if (0x21...0x7E).contains(scalar.value) || (0x4E00...0x9FFF).contains(scalar.value) {
                isBlank = false
                continue
            }
            if scalar.properties.generalCategory == .control, scalar != "\n" { return false }
            if !scalar.properties.isWhitespace { isBlank = false }
        }
        return !isBlank
    }
}

extension CredentialAuthority {
    /// Checks a draft against its type, reserves its number and signs it. Call it before the transaction and give its
    /// answer to `Credentials.store`.
    public func prepare(_ draft: LicenceDraft, occasion: Occasion) async throws -> PreparedCredential {
        try await prepare(checked(draft, on: occasion.now.date), occasion: occasion)
    }

    /// Prepares the next version of a licence.
    public func prepareChange(
        of old: Credential,
        to draft: LicenceDraft,
        occasion: Occasion
    ) async throws -> PreparedCredential {
        try await prepareChange(of: old, to: checked(draft, on: occasion.now.date), occasion: occasion)
    }

    func checked(_ draft: LicenceDraft, on today: LocalDate) throws -> CredentialDraft {
        guard let type = types.licences[draft.type] else { throw CredentialError.unknownType(draft.type) }
        guard draft.holder.kind == type.holder else {
            throw LicenceError.holderKind(type: type.name.zh, wanted: type.holder)
        }
        if let problem = type.problems(of: draft.fields).first { throw LicenceError.field(problem) }
        let from = draft.validFrom ?? today
        let last = try type.lastDay(from: from, told: draft.validUntil, fields: draft.fields)
        if let last, last < from { throw LicenceError.endsBeforeStart }
        return CredentialDraft(
            type: draft.type,
            holder: draft.holder,
            issuer: draft.issuer,
            region: draft.region,
            fields: .object(draft.fields.members.filter { !$0.value.isNull }),
            validFrom: from,
            validUntil: last
        )
    }
}
