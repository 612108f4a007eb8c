/// A month of a table that is divided by its identifiers, which begin with their moment: the rows after those of the month
/// before and before `end`.
public struct TableMonth: Sendable, Equatable {
    /// Such as `2026_12`; the part's name ends with it.
    public let name: String
    /// No identifier of the month is equal to it or greater.
    public let end: String

    public init(name: String, end: String) {
        self.name = name
        self.end = end
    }
}

/// What a table's months are after they were looked after.
public struct TableMonths: Sendable, Equatable {
    /// False for a table that is in one piece.
    public var isDivided: Bool
    /// Months that were made now.
    public var made = 0

    public init(isDivided: Bool, made: Int = 0) {
        self.isDivided = isDivided
        self.made = made
    }
}
