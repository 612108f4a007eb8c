public import Kernel

extension FormDefinition {
    /// Values in one request; a page of fifty shareholders sends fewer than a thousand.
    public static let valueCountMax = 4_000
    public static let valueBytesMax = 65_536

    /// Puts the values of a submitted page onto the draft: typed, cleaned, settled. What cannot be typed stays as
    /// text for `check` to speak about.
    /// - Parameters:
    ///   - raw: url-encoded names such as `shareholders[0].name`; names that begin with `_` are the frame's own.
    ///   - data: the draft so far.
    ///   - page: when given, only this page's fields are accepted, and its unticked boxes are cleared.
    /// - Throws: `FormError` for anything that no page of ours sends; the draft then stays as it was.
    public func normalise(
        _ raw: [String: [String]],
        onto data: JSON,
        page: String? = nil,
        context: FormContext
    ) throws(FormError) -> JSON {
        guard raw.values.reduce(0, { $0 + $1.count }) <= Self.valueCountMax else {
            throw .tooManyValues(limit: Self.valueCountMax)
        }
        let fields = try fields(of: page)
        var next = data
        if page != nil { clear(fields, at: FormPath(), unless: raw, in: &next) }
        for (name, values) in raw.sorted(by: { FormDefinition.precedes($0.key, $1.key) }) {
            if name.hasPrefix("_") { continue }
            for value in values where value.utf8.count > Self.valueBytesMax {
                throw .valueTooLong(path: name, limit: Self.valueBytesMax)
            }
            guard let path = FormPath(parsing: name) else { throw .unknownField(path: name) }
            let field = try find(path, in: fields)
            guard field.computed == nil else { throw .computedField(path: name) }
            let value = field.kind.read(values)
            guard field.kind.isPlain(value) else { throw .wrongShape(path: name) }
            if field.prefill?.isLocked == true, !data[path].isNull, value != data[path] {
                throw .lockedField(path: name)
            }
            next[path] = value
        }
        for field in fields { next = Self.withoutEmptyRows(next, field, at: FormPath([.member(field.name)])) }
        return settled(next, context: context)
    }

    /// Accepts a whole form as typed JSON, as the API and a draft give it. Texts are cleaned like typed ones.
    public func accept(_ body: JSON, context: FormContext) throws(FormError) -> JSON {
        guard case .object = body else { throw .wrongShape(path: "") }
        return settled(try accept(body, try fields(of: nil), at: FormPath()), context: context)
    }

    private func fields(of page: String?) throws(FormError) -> [FormField] {
        guard let page else { return self.fields }
        guard let found = self.page(page) else { throw .unknownPage(page) }
        return found.fields
    }

    private func find(_ path: FormPath, in fields: [FormField]) throws(FormError) -> FormField {
        var fields = fields
        var steps = path.steps[...]
        while case .member(let name)? = steps.first, let field = fields.first(where: { $0.name == name }) {
            steps = steps.dropFirst()
            switch field.kind {
            case .group(let children):
                guard !steps.isEmpty, field.computed == nil else { break }
                fields = children
                continue
            case .rows(let children, _, let most):
                guard case .index(let index)? = steps.first else { break }
                guard index < most else { throw .tooManyRows(path: path.description, limit: most) }
                steps = steps.dropFirst()
                fields = children
                continue
            case .signature: break
            default: if steps.isEmpty { return field }
            }
            break
        }
        throw .unknownField(path: path.description)
    }

    /// Boxes that are not ticked are not sent: on a submitted page their absence is an answer.
    private func clear(
        _ fields: [FormField],
        at path: FormPath,
        unless raw: [String: [String]],
        in data: inout JSON
    ) {
        for field in fields where field.computed == nil {
            let place = path.member(field.name)
            switch field.kind {
            case .multichoice, .promise, .scope:
                if raw[place.description] == nil, !data[place].isNull { data[place] = .null }
            case .group(let children): clear(children, at: place, unless: raw, in: &data)
            default: break
            }
        }
    }

    private static func withoutEmptyRows(_ data: JSON, _ field: FormField, at path: FormPath) -> JSON {
        var data = data
        switch field.kind {
        case .group(let children):
            for child in children { data = withoutEmptyRows(data, child, at: path.member(child.name)) }
        case .rows:
            let elements = data[path].elements
            let filled = elements.filter { $0 != .object([:]) && !$0.isNull }
            if filled.count != elements.count { data[path] = filled.isEmpty ? .null : .array(filled) }
        default: break
        }
        return data
    }

    /// Rows in the order of their numbers, so that row 10 follows row 9.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        if left.utf8.count != right.utf8.count { return left.utf8.count < right.utf8.count }
        return left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private func accept(_ value: JSON, _ fields: [FormField], at path: FormPath) throws(FormError) -> JSON {
        guard case .object(let members) = value else { throw .wrongShape(path: path.description) }
        var accepted: [String: JSON] = [:]
        for (name, value) in members {
            let place = path.member(name)
            guard let field = fields.first(where: { $0.name == name }) else {
                throw .unknownField(path: place.description)
            }
            if field.computed != nil || value.isNull { continue }
            switch field.kind {
            case .signature: throw .unknownField(path: place.description)
            case .group(let children): accepted[name] = try accept(value, children, at: place)
            case .rows(let children, _, let most):
                guard case .array(let elements) = value else { throw .wrongShape(path: place.description) }
                guard elements.count <= most else { throw .tooManyRows(path: place.description, limit: most) }
                var rows: [JSON] = []
                for (index, element) in elements.enumerated() {
                    rows.append(try accept(element, children, at: place.index(index)))
                }
                if !rows.isEmpty { accepted[name] = .array(rows) }
            default:
                let clean = try field.kind.accept(value, at: place)
                guard field.kind.isPlain(clean) else { throw .wrongShape(path: place.description) }
                if !clean.isNull { accepted[name] = clean }
            }
        }
        return .object(accepted)
    }
}

extension FieldKind {
    /// Whether an answer that is picked from a list can be a code at all, also when the question is not asked now and
    /// nobody checks it: a hundred characters, no control character, no markup.
    func isPlain(_ value: JSON) -> Bool {
        switch self {
        case .choice, .multichoice, .region, .industry, .scope, .sameAs, .promise:
            let codes = value.text.map { [$0] } ?? value.elements.compactMap(\.text)
            return codes.allSatisfy { code in
                code.utf8.count <= 100
                    && !code.unicodeScalars.contains { $0.value < 0x20 || "<>".unicodeScalars.contains($0) }
            }
        default: return true
        }
    }

    /// All values sent under one name.
    func read(_ values: [String]) -> JSON {
        switch self {
        case .multichoice, .scope:
            var codes: [JSON] = []
            for value in values {
                for code in read(value).elements where code != .string("") && !codes.contains(code) {
                    codes.append(code)
                }
            }
            return codes.isEmpty ? .null : .array(codes)
        default:
            return read(values.last { !$0.isEmpty } ?? "")
        }
    }

    /// A typed JSON value; texts are cleaned. A number, flag or list that does not belong here is kept for `check`.
    func accept(_ value: JSON, at path: FormPath) throws(FormError) -> JSON {
        switch value {
        case .object: throw .wrongShape(path: path.description)
        case .string(let text):
            guard text.utf8.count <= FormDefinition.valueBytesMax else {
                throw .valueTooLong(path: path.description, limit: FormDefinition.valueBytesMax)
            }
            // Money in JSON is whole fen; a text there would be read as 万元 and mean something else.
            if case .money = self { return value }
            return read([text])
        case .array(let elements):
            guard elements.count <= FormDefinition.valueCountMax else {
                throw .tooManyValues(limit: FormDefinition.valueCountMax)
            }
            switch self {
            case .multichoice, .scope:
                for element in elements {
                    guard case .string = element else { throw .wrongShape(path: path.description) }
                }
                return read(elements.compactMap(\.text))
            default: throw .wrongShape(path: path.description)
            }
        case .number(let digits):
            return Decimals.canonical(digits).map { .number($0) } ?? value
        case .null, .bool: return value
        }
    }
}
