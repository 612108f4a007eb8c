public import Kernel

/// What an expression may see: values by name, today, and the working calendar.
///
/// Nothing is read from the machine: `now` and `today` are values, so that a decision can be repeated.
public struct RuleContext: Sendable {
    public var values: [String: RuleValue]
    /// Answers `today()`; null with a warning when absent.
    public var today: LocalDate?
    /// Answers `now()`; null with a warning when absent.
    public var now: Instant?
    public var calendar: RuleCalendar?
    public var limits: RuleLimits

    public init(
        _ values: [String: RuleValue] = [:],
        today: LocalDate? = nil,
        now: Instant? = nil,
        calendar: RuleCalendar? = nil,
        limits: RuleLimits = .standard
    ) {
        self.values = values
        self.today = today
        self.now = now
        self.calendar = calendar
        self.limits = limits
    }

    /// Each member of a JSON object becomes a value of that name; any other JSON gives an empty context.
    public init(
        json: JSON,
        today: LocalDate? = nil,
        now: Instant? = nil,
        calendar: RuleCalendar? = nil,
        limits: RuleLimits = .standard
    ) {
        self.init(
            json.members.mapValues { RuleValue($0) },
            today: today,
            now: now,
            calendar: calendar,
            limits: limits
        )
    }

    public subscript(name: String) -> RuleValue {
        get { values[name] ?? .null }
        set { values[name] = newValue }
    }
}

/// The working calendar as expressions see it. Each closure answers nil beyond the published calendar; the
/// expression then is null with a warning.
public struct RuleCalendar: Sendable {
    public var isWorkingDay: @Sendable (LocalDate) -> Bool?
    /// The day `count` working days after (before, when negative) the given one, which itself does not count.
    public var adding: @Sendable (_ count: Int, LocalDate) -> LocalDate?
    /// Working days after the first day up to and including the second; negative when the second is earlier.
    public var workingDays: @Sendable (LocalDate, LocalDate) -> Int?

    public init(
        isWorkingDay: @escaping @Sendable (LocalDate) -> Bool?,
        adding: @escaping @Sendable (_ count: Int, LocalDate) -> LocalDate?,
        workingDays: @escaping @Sendable (LocalDate, LocalDate) -> Int?
    ) {
        self.isWorkingDay = isWorkingDay
        self.adding = adding
        self.workingDays = workingDays
    }
}

/// Bounds on one evaluation, so that no expression can hold the machine.
public struct RuleLimits: Sendable, Equatable {
    /// Nodes evaluated, list elements built and pieces of text made.
    public var steps: Int
    /// Calls of functions inside functions.
    public var depth: Int

    public init(steps: Int, depth: Int) {
        self.steps = steps
        self.depth = depth
    }

    public static let standard = RuleLimits(steps: 1_000_000, depth: 64)
}

/// Something a reader of the result should know: why a value is null, or which part was passed over.
public struct RuleWarning: Sendable, Hashable, CustomStringConvertible {
    public let position: SourcePosition
    /// English, one line.
    public let message: String

    public init(position: SourcePosition, message: String) {
        self.position = position
        self.message = message
    }

    public var description: String { "\(position): \(message)" }
}

/// What an expression came to.
public struct Evaluation: Sendable {
    /// Null when the standard says so, and when the evaluation was stopped.
    public let value: RuleValue
    public let warnings: [RuleWarning]
    /// Set when a limit was reached or a feature is not built; `value` then is null and must not be used.
    public let refusal: RuleError?

    public init(value: RuleValue, warnings: [RuleWarning], refusal: RuleError? = nil) {
        self.value = value
        self.warnings = warnings
        self.refusal = refusal
    }

    /// True only when the value is the boolean true: null and every other value is not.
    public var isTrue: Bool {
        if case .boolean(true) = value { true } else { false }
    }
}
