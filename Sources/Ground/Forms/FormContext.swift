public import Kernel
public import Rules
public import Standards

/// What a form may ask of the world while it checks: the day, the dated limits, and whether a code is in force.
public struct FormContext: Sendable {
    public let today: LocalDate
    /// Dated limits by their camelCase name, as `DatedLimits.values(region:on:)` gives them; FEEL sees `limits.name`.
    public var limits: JSON
    /// The signed-in account, the enterprise and the case as FEEL sees them (`account`, `enterprise`, `context`).
    public var given: [String: JSON]
    public var codes: FormCodes
    public var calendar: RuleCalendar?

    public init(
        today: LocalDate,
        limits: JSON = [:],
        given: [String: JSON] = [:],
        codes: FormCodes = FormCodes(),
        calendar: RuleCalendar? = nil
    ) {
        self.today = today
        self.limits = limits
        self.given = given
        self.codes = codes
        self.calendar = calendar
    }
}

/// Questions about codes that the form's owner answers: a closure that is not set accepts every well-formed code.
public struct FormCodes: Sendable {
    /// The division's level (`league`, `banner`) when the code is in force on that day; nil when it is not.
    public var region: (@Sendable (String, LocalDate) -> RegionAnswer?)?
    /// The class's words in both languages where known; nil for an unknown code.
    public var industry: (@Sendable (String) -> Words?)?
    /// The phrase's words; nil for a code that the catalogue does not hold on that day.
    public var scope: (@Sendable (String, LocalDate) -> Words?)?
    /// What is wrong with the number of a document of that kind; nil when it is well-formed.
    public var identity: (@Sendable (_ kind: String, _ number: String, LocalDate) -> IdentifierError?)?
    /// The stored file's kind and size; nil when there is no such file.
    public var file: (@Sendable (String) -> (kind: String, sizeBytes: Int)?)?

    public struct RegionAnswer: Sendable {
        public let level: String
        public let name: Words
        /// The league above a banner.
        public let parent: String?

        public init(level: String, name: Words, parent: String?) {
            self.level = level
            self.name = name
            self.parent = parent
        }
    }

    public init(
        region: (@Sendable (String, LocalDate) -> RegionAnswer?)? = nil,
        industry: (@Sendable (String) -> Words?)? = nil,
        scope: (@Sendable (String, LocalDate) -> Words?)? = nil,
        identity: (@Sendable (_ kind: String, _ number: String, LocalDate) -> IdentifierError?)? = nil,
        file: (@Sendable (String) -> (kind: String, sizeBytes: Int)?)? = nil
    ) {
        self.region = region
        self.industry = industry
        self.scope = scope
        self.identity = identity
        self.file = file
    }
}

extension FormCodes {
    /// Regions, industries and identity documents answered by the reference data; scope phrases and files have
    /// owners of their own.
    public init(_ standards: Standards) {
        self.init(
            region: { code, _ in
                guard let region = standards.regions[code], !region.isFunctionalArea, region.code == code
                else {
                    return nil
                }
                let level =
                    switch region.level {
                    case .region: "region"
                    case .league: "league"
                    case .banner: "banner"
                    }
                return RegionAnswer(
                    level: level,
                    name: Words(zh: region.name, en: region.englishName),
                    parent: region.parent
                )
            },
            industry: { code in
                guard let industry = standards.industries[code], industry.level == .class else { return nil }
                return Words(zh: industry.name, en: industry.code)
            },
            identity: { kind, number, today in
                do throws(IdentifierError) {
                    _ = try standards.identityDocument(kind: kind, number: number, on: today)
                    return nil
                } catch { return error }
            }
        )
    }
}
