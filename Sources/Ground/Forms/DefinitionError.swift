public import Kernel
public import Rules

/// Why a definition file cannot be used: what is wrong, where, and what to do.
public struct DefinitionError: Refusal, Equatable, CustomStringConvertible {
    public enum Reason: String, Sendable, CaseIterable {
        /// No YAML, or more than one document. Arguments: `problem`.
        case unreadable
        /// A tag, anchor or alias. Arguments: `found`.
        case tagOrAnchor = "tag-or-anchor"
        /// Arguments: `limit`.
        case tooLarge = "too-large"
        case tooDeep = "too-deep"
        /// A text, list or mapping was expected. Arguments: `expected`, `found`.
        case wrongShape = "wrong-shape"
        /// Arguments: `key`, `allowed`.
        case unknownKey = "unknown-key"
        /// Arguments: `key`.
        case missingKey = "missing-key"
        /// Arguments: `value`, `expected`.
        case badValue = "bad-value"
        /// Arguments: `name`.
        case duplicate
        /// A name that refers to nothing. Arguments: `kind`, `name`, `known`.
        case unknownName = "unknown-name"
        /// Arguments: `expression`, `problem`.
        case badExpression = "bad-expression"
        /// Steps that wait for one another. Arguments: `steps`.
        case cycle
        /// A state or step from which nothing leads on. Arguments: `name`.
        case deadEnd = "dead-end"
        /// A limit that nothing arms, or that has no value. Arguments: `name`.
        case limitNotArmed = "limit-not-armed"
        /// A material that is asked for although it can be proven inside. Arguments: `material`, `source`.
        case provable
        /// What is paid for is granted later than it is handed in, by a step of a person; there is none. Arguments: `name`.
        case chargeWithoutReview = "charge-without-review"
        /// A file that the definition names and the folder does not hold. Arguments: `name`.
        case fileMissing = "file-missing"
    }

    public let reason: Reason
    public let position: SourcePosition
    private let details: [String: String]

    public init(_ reason: Reason, at position: SourcePosition, _ details: [String: String] = [:]) {
        self.reason = reason
        self.position = position
        self.details = details
    }

    public var code: String { "definition.\(reason.rawValue)" }

    public var arguments: [String: String] {
        var all = details
        all["position"] = position.description
        return all
    }

    public var status: RefusalStatus {
        switch reason {
        case .tooLarge, .tooDeep: .tooLarge
        case .unreadable, .tagOrAnchor, .wrongShape, .unknownKey, .missingKey, .badValue, .duplicate,
            .unknownName,
            .badExpression, .cycle, .deadEnd, .limitNotArmed, .provable, .chargeWithoutReview,
            .fileMissing:
            .unacceptable
        }
    }

    /// One English line for the command line: `file:line:column: what is wrong; what to do`.
    public var description: String { "\(position): \(problem)" }

    private var problem: String {
        func argument(_ name: String) -> String { details[name] ?? "?" }
        switch reason {
        case .unreadable: return "this is no YAML: \(argument("problem")); mend the text there"
        case .tagOrAnchor: return "\(argument("found")) is not allowed; write the value out in plain text"
        case .tooLarge: return "the file is larger than \(argument("limit")) bytes; split it"
        case .tooDeep: return "nested deeper than \(argument("limit")) levels; flatten it"
        case .wrongShape: return "\(argument("expected")) is expected here, not \(argument("found"))"
        case .unknownKey: return "unknown key \(argument("key")); allowed are \(argument("allowed"))"
        case .missingKey: return "the key \(argument("key")) is missing; add it"
        case .badValue: return "\(argument("value")) cannot stand here; write \(argument("expected"))"
        case .duplicate: return "\(argument("name")) is there twice; rename or remove one"
        case .unknownName:
            return "there is no \(argument("kind")) \(argument("name")); known are \(argument("known"))"
        case .badExpression: return "\(argument("expression")): \(argument("problem")); mend the expression"
        case .cycle: return "\(argument("steps")) wait for one another; take one out of `after`"
        case .deadEnd:
            return "nothing leads on from \(argument("name")); add a step after it or let it close the case"
        case .limitNotArmed:
            return
                "the limit \(argument("name")) has no value or nothing starts it; give it a value in limits.yaml"
        case .provable:
            return "\(argument("material")) is already proven by \(argument("source")); do not ask for it"
        case .chargeWithoutReview:
            return
                "\(argument("name")) charges, and nothing can be granted before it is paid; add a step by: staff to its flow"
        case .fileMissing:
            return "the file \(argument("name")) is not in the folder; add it or correct the name"
        }
    }
}
