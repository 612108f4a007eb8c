public import Kernel

/// Everything that the checks know: words, forms, divisions, limits, characters and their sounds.
///
/// A value without database or clock. Made once from the tables in force; made anew when a table is replaced.
public struct NameRules: Sendable {
    /// From the files under `Resources`.
    public init(home: Home) throws {}

    /// Takes a whole name apart.
    public func parse(_ text: String, subject: NameSubject = .limitedCompany) throws(NameError) -> NameParts {
        throw .unreadable(reason: "empty", at: 0)
    }
}
