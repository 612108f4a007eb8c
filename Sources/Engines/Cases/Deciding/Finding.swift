public import Kernel

/// What one rule says about a case. The order is the order of weight: the heaviest finding decides.
public enum RuleOutcome: String, Sendable, CaseIterable, Codable, Comparable {
    case pass
    /// A person must look; also whenever something is unknown.
    case person
    /// Handed back to the applicant, who can mend it.
    case `return`
    /// Another authority's business.
    case transfer
    case refuse

    private var weight: Int {
        switch self {
        case .pass: 0
        case .person: 1
        case .return: 2
        case .transfer: 3
        case .refuse: 4
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.weight < right.weight }
}

/// The result of one rule, with everything that is needed to read it again years later.
public struct Finding: Sendable, Equatable {
    /// The rule's number, such as `R06`.
    public let rule: String
    public let outcome: RuleOutcome
    /// Message key of the reason, `rule.<reason>`; empty for a pass.
    public let reason: String
    public let arguments: [String: String]
    /// The rows of the table that hit, by their ids.
    public let rows: [String]
    /// Which of several it is about: the label that the facts give the person or firm, such as `李** (监事)`.
    public let subject: String?
    /// The inputs the table saw.
    public let inputs: JSON
    /// When the data that the rule read were true, by source.
    public let dataTimes: [String: Instant]

    public init(
        rule: String,
        outcome: RuleOutcome,
        reason: String,
        arguments: [String: String],
        rows: [String],
        subject: String?,
        inputs: JSON,
        dataTimes: [String: Instant]
    ) {
        self.rule = rule
        self.outcome = outcome
        self.reason = reason
        self.arguments = arguments
        self.rows = rows
        self.subject = subject
        self.inputs = inputs
        self.dataTimes = dataTimes
    }

    /// Nobody answered what the rule asked: tables name such a row's reason `unknown`, or let it end so.
    public var isUnanswered: Bool { outcome == .person && reason.hasSuffix("unknown") }

    public var json: JSON {
        [
            "rule": .string(rule), "outcome": .string(outcome.rawValue), "reason": .string(reason),
            "arguments": .object(arguments.mapValues(JSON.string)), "rows": .array(rows.map(JSON.string)),
            "subject": JSON(subject), "inputs": inputs,
            "dataTimes": .object(dataTimes.mapValues { .string($0.description) }),
        ]
    }

    public init?(json: JSON) {
        guard let rule = json["rule"].text,
            let outcome = json["outcome"].text.flatMap(RuleOutcome.init(rawValue:)),
            let reason = json["reason"].text
        else { return nil }
        self.init(
            rule: rule,
            outcome: outcome,
            reason: reason,
            arguments: json["arguments"].members.compactMapValues(\.text),
            rows: json["rows"].elements.compactMap(\.text),
            subject: json["subject"].text,
            inputs: json["inputs"],
            dataTimes: json["dataTimes"].members.compactMapValues { $0.text.flatMap { Instant(parsing: $0) } }
        )
    }
}

extension Sequence<Finding> {
    /// The heaviest outcome; a case passes only when every rule does.
    public var verdict: RuleOutcome { map(\.outcome).max() ?? .person }

    /// Those that stand in the way, heaviest first.
    public var obstacles: [Finding] {
        filter { $0.outcome != .pass }.sorted { ($1.outcome, $0.rule) < ($0.outcome, $1.rule) }
    }
}
