public import Kernel

extension FormDefinition {
    /// The form as JSON Schema, draft 2020-12, for the API's description. Conditions between fields cannot be said
    /// there; the check says them.
    public func schema(language: String = "en") -> JSON {
        let conditional = Set(pages.filter { $0.visible != nil }.flatMap { $0.fields.map(\.name) })
        var schema = Self.objectSchema(fields, language, conditional: conditional)
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = .string(title(language))
        return schema
    }

    static func objectSchema(
        _ fields: [FormField],
        _ language: String,
        conditional: Set<String> = []
    ) -> JSON {
        var properties: [String: JSON] = [:]
        var required: [JSON] = []
        for field in fields {
            if case .signature = field.kind { continue }
            var property = field.kind.schema(language)
            property["title"] = .string(field.label(language))
            if let hint = field.hint { property["description"] = .string(hint(language)) }
            if field.computed != nil { property["readOnly"] = true }
            properties[field.name] = property
            if case .always = field.required, field.visible == nil, field.computed == nil, !field.kind.isRows,
                !conditional.contains(field.name)
            {
                required.append(.string(field.name))
            }
        }
        var schema: JSON = ["type": "object", "additionalProperties": false]
        schema["properties"] = .object(properties)
        if !required.isEmpty { schema["required"] = .array(required) }
        return schema
    }
}

extension FieldKind {
    var isRows: Bool { if case .rows = self { true } else { false } }

    func schema(_ language: String) -> JSON {
        switch self {
        case .text(let length), .name(let length), .multiline(let length):
            return [
                "type": "string", "minLength": JSON(length.lowerBound), "maxLength": JSON(length.upperBound),
            ]
        case .integer(let range):
            return ["type": "integer", "minimum": JSON(range.lowerBound), "maximum": JSON(range.upperBound)]
        case .decimal(let least, let most, _):
            var schema: JSON = ["type": "number"]
            if let least { schema["minimum"] = .number(least) }
            if let most { schema["maximum"] = .number(most) }
            return schema
        case .money: return ["type": "integer", "minimum": 0, "maximum": JSON(Int64(99_999_999_999_999))]
        case .percent: return ["type": "number", "minimum": 0, "maximum": 100]
        case .date: return ["type": "string", "format": "date"]
        case .time: return ["type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"]
        case .choice(let options):
            return ["type": "string", "enum": .array(options.map { .string($0.code) })]
        case .multichoice(let options):
            return [
                "type": "array", "uniqueItems": true,
                "items": ["type": "string", "enum": .array(options.map { .string($0.code) })],
            ]
        case .yesNo: return ["type": "boolean"]
        case .region: return ["type": "string", "pattern": "^[0-9]{6}$"]
        case .identityNumber: return ["type": "string", "minLength": 5, "maxLength": 18]
        case .phone: return ["type": "string", "pattern": "^(\\+[0-9]{7,15}|[0-9]{10,12})$"]
        case .email: return ["type": "string", "format": "email", "maxLength": 254]
        case .creditCode: return ["type": "string", "pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$"]
        case .scope(let most):
            return [
                "type": "array", "uniqueItems": true, "minItems": 1, "maxItems": JSON(most),
                "items": ["type": "string", "pattern": "^[0-9A-Za-z-]{1,32}$"],
            ]
        case .industry: return ["type": "string", "pattern": "^[0-9]{4}$"]
        case .file: return ["type": "string", "pattern": "^sm3:[0-9a-f]{64}$"]
        case .promise(let version, _): return ["const": .string(version)]
        case .signature: return [:]
        case .sameAs: return ["type": "string", "maxLength": 120]
        case .group(let fields): return FormDefinition.objectSchema(fields, language)
        case .rows(let fields, let least, let most):
            return [
                "type": "array", "minItems": JSON(least), "maxItems": JSON(most),
                "items": FormDefinition.objectSchema(fields, language),
            ]
        }
    }
}
