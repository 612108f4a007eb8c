public import Forms
public import Kernel

/// One item of a system, ready to run: its form, rules, flow and limits in the version a case keeps.
public struct CaseDefinition: Sendable {
    public let system: String
    public let item: String
    public let version: Int
    public let procedure: Procedure
    public let module: String
    public let form: FormDefinition
    public let rules: RuleBook
    public let flow: [FlowStep]
    /// Dated numbers for a region on a day, by name: numbers, and periods as text (`3 wd`).
    public let limits: @Sendable (_ region: String, _ day: LocalDate) -> JSON

    public init(
        system: String, item: String, version: Int, procedure: Procedure, module: String, form: FormDefinition,
        rules: RuleBook, flow: [FlowStep],
        limits: @escaping @Sendable (_ region: String, _ day: LocalDate) -> JSON
    ) {
        self.system = system
        self.item = item
        self.version = version
        self.procedure = procedure
        self.module = module
        self.form = form
        self.rules = rules
        self.flow = flow
        self.limits = limits
    }
}
