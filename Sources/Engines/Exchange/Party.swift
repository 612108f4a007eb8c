public import Kernel

/// An outside party: an agency, a bank, a company, a national system, a carrier. The platform knows of it an
/// address, a public key and what `Resources/parties/<id>.yaml` says.
public struct Party: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case agency, court, bank, company, national, carrier
    }

    public let id: String
    public let name: Names
    public let kind: Kind
    /// The name of the setting that holds the party's address.
    public let addressSetting: String
    /// Whose list the party's work items stand in.
    public let queue: String
    /// By date of effect, oldest first.
    public let terms: [Dated<Terms>]
    public let operations: [PartyOperation]

    public func operation(_ name: String) -> PartyOperation? { operations.first { $0.id == name } }

    /// The terms that hold on `date`; the earliest for a date before all of them.
    public func terms(on date: LocalDate) -> Terms { terms.inEffect(on: date) }
}

public struct Names: Hashable, Sendable {
    public let zh: String
    public let en: String

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }
}

/// A value of a policy from a date on.
public struct Dated<Value: Hashable & Sendable>: Hashable, Sendable {
    public let from: LocalDate
    public let value: Value
}

extension [Dated<Terms>] {
    func inEffect(on date: LocalDate) -> Terms { (last { $0.from <= date } ?? self[0]).value }
}

extension [Dated<Int64>] {
    func inEffect(on date: LocalDate) -> Int64? { (last { $0.from <= date } ?? first)?.value }
}

/// How a party is spoken to.
public struct Terms: Hashable, Sendable {
    /// How long an answer is waited for, in milliseconds; after that it is unknown.
    public let answerWithin: Int64
    /// The pause before the first repetition, in milliseconds.
    public let pauseFirst: Int64
    /// By how much each pause is longer than the one before, 1...10.
    public let pauseFactor: Int64
    /// No pause is longer.
    public let pauseMost: Int64
    /// Milliseconds after local midnight in which the party's system answers; `0..<86,400,000` is always.
    public let hours: Range<Int64>

    /// The pause after `attempt` failures, 1 or more.
    public func pause(after attempt: Int64) -> Int64 {
        var pause = pauseFirst
        for _ in 1..<max(2, min(attempt, 64)) where pause < pauseMost { pause *= pauseFactor }
        return attempt <= 1 ? min(pauseFirst, pauseMost) : min(pause, pauseMost)
    }

    /// `moment` itself when the party is open, else when it opens next.
    public func open(from moment: Instant) -> Instant {
        let time = moment.timeOfDay
        if hours.contains(time) { return moment }
        let opening = Instant(moment.date) + hours.lowerBound
        return time < hours.lowerBound ? opening : opening + Instant.day
    }
}

/// One thing that a party does or knows.
public struct PartyOperation: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Asked and answered at once.
        case question
        /// Ordered and reported on later.
        case line
        /// Never sent: a line that opens by itself when another is done, and waits for the party's report.
        case report
    }

    /// What `fields` and answers may hold.
    public struct Field: Hashable, Sendable {
        public enum Shape: String, Sendable, CaseIterable { case text, bool, number, list, object, any }
        public let name: String
        public let shape: Shape
        public let required: Bool
    }

    /// A reason the party is known to give.
    public struct Reason: Hashable, Sendable {
        public let code: String
        public let text: Names
        /// What the founder can do.
        public let next: Names
        /// It passes by itself, so the platform asks again instead of returning the line to the founder.
        public let passes: Bool
    }

    /// A line that opens when this one is done.
    public struct Follower: Hashable, Sendable {
        public let party: String
        public let operation: String
        public let counts: Bool
    }

    public let id: String
    public let name: Names
    public let kind: Kind
    public let asks: [Field]
    public let gives: [Field]
    /// The time the party has before the line is overdue, in milliseconds, by date of effect; empty for questions.
    public let overdueAfter: [Dated<Int64>]
    /// The statute behind the time, as text.
    public let law: String?
    public let reasons: [Reason]
    public let followers: [Follower]

    public func reason(_ code: String) -> Reason? { reasons.first { $0.code == code } }
}

/// All parties, by identifier.
public struct Parties: Sendable {
    public let all: [Party]
    /// Limits of the envelope, from `Resources/parties/envelope.yaml`.
    public let limits: EnvelopeLimits
    private let byID: [String: Party]

    public init(_ all: [Party], limits: EnvelopeLimits) {
        self.all = all.sorted { $0.id < $1.id }
        self.limits = limits
        byID = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }
    }

    public func party(_ id: String) throws(ExchangeError) -> Party {
        guard let party = byID[id] else { throw .unknownParty(id) }
        return party
    }

    public func operation(_ name: String, of id: String) throws(ExchangeError) -> PartyOperation {
        guard let operation = try party(id).operation(name) else {
            throw .unknownOperation(party: id, operation: name)
        }
        return operation
    }
}

/// What a signed message may be.
public struct EnvelopeLimits: Hashable, Sendable {
    /// How far the sender's clock may be off, in milliseconds, on either side.
    public let skewMost: Int64
    /// The largest body, in bytes.
    public let bodyBytesMax: Int

    public init(skewMost: Int64, bodyBytesMax: Int) {
        self.skewMost = skewMost
        self.bodyBytesMax = bodyBytesMax
    }
}

extension PartyOperation {
    /// Checks that `fields` hold nothing the party may not have and, when they have to be whole, all that it
    /// needs, each in its shape.
    func check(fields: JSON, of party: String, isWhole: Bool = true) throws(ExchangeError) {
        guard case .object(let members) = fields else { throw .fieldMissing(party: party, field: "fields") }
        for name in members.keys.sorted() where !asks.contains(where: { $0.name == name }) {
            throw .fieldNotAllowed(party: party, field: name)
        }
        if isWhole, let field = asks.first(where: { !$0.accepts(members[$0.name]) }) {
            throw .fieldMissing(party: party, field: field.name)
        }
    }

    /// Whether an answer holds everything that it must, in its shape. Fields beyond are kept, not judged.
    func accepts(answer: JSON) -> Bool {
        guard case .object(let members) = answer else {
            return gives.allSatisfy { !$0.required } && answer.isNull
        }
        return gives.allSatisfy { $0.accepts(members[$0.name]) }
    }
}

extension PartyOperation.Field {
    func accepts(_ value: JSON?) -> Bool {
        guard let value, !value.isNull else { return !required }
        return switch (shape, value) {
        case (.text, .string(let text)): !text.isEmpty || !required
        case (.bool, .bool), (.number, .number), (.list, .array), (.object, .object), (.any, _): true
        case (.text, _), (.bool, _), (.number, _), (.list, _), (.object, _): false
        }
    }
}
