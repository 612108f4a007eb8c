public import Kernel

/// One change of a clock: what was done, by which rule, and what it did to the due date.
public struct JournalStep: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case started, paused, resumed, extended, ended
        /// A calendar was published or changed.
        case projected
    }

    public let version: Int
    public let at: Instant
    public let kind: Kind
    public let rule: String
    /// `Due.description`; nil at the start.
    public let dueBefore: String?
    public let dueAfter: String
    /// Identifier of who did it.
    public let actor: String
}
