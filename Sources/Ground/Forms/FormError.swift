public import Kernel

/// What a form refuses as a whole: an input that no page of ours sends.
public enum FormError: Refusal, Equatable {
    /// A name that the form, or this page of it, does not have.
    case unknownField(path: String)
    /// A computed value was sent.
    case computedField(path: String)
    /// A locked prefilled value was changed.
    case lockedField(path: String)
    case tooManyRows(path: String, limit: Int)
    case tooManyValues(limit: Int)
    case valueTooLong(path: String, limit: Int)
    case tooDeep
    case unknownPage(String)
    /// A JSON body whose shape differs from the form's.
    case wrongShape(path: String)

    public var code: String {
        switch self {
        case .unknownField: "form.unknown-field"
        case .computedField: "form.computed-field"
        case .lockedField: "form.locked-field"
        case .tooManyRows: "form.too-many-rows"
        case .tooManyValues: "form.too-many-values"
        case .valueTooLong: "form.value-too-long"
        case .tooDeep: "form.too-deep"
        case .unknownPage: "form.unknown-page"
        case .wrongShape: "form.wrong-shape"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unknownField(let path), .computedField(let path), .lockedField(let path), .wrongShape(let path):
            ["path": String(path.prefix(120))]
        case .tooManyRows(let path, let limit), .valueTooLong(let path, let limit):
            ["path": String(path.prefix(120)), "limit": String(limit)]
        case .tooManyValues(let limit): ["limit": String(limit)]
        case .tooDeep: [:]
        case .unknownPage(let page): ["page": String(page.prefix(60))]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknownField, .computedField, .lockedField, .tooManyRows, .wrongShape: .unacceptable
        case .tooManyValues, .valueTooLong, .tooDeep: .tooLarge
        case .unknownPage: .notFound
        }
    }
}

/// One thing to mend, beside one field.
public struct FieldProblem: Hashable, Sendable {
    /// `shareholders[0].amount`; a page's own rule stands at its first field.
    public let path: String
    /// `form.required`, or a rule's own code.
    public let code: String
    public let arguments: [String: String]
    /// A rule's own words, filled; nil when the catalogue's `problem.<code>` speaks.
    public let message: Words?
    public let label: Words

    public init(
        path: String,
        code: String,
        arguments: [String: String] = [:],
        message: Words? = nil,
        label: Words
    ) {
        self.path = path
        self.code = code
        self.arguments = arguments
        self.message = message
        self.label = label
    }
}
