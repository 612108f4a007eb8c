public import Kernel
public import Storage

/// Runs every check of a name in the order of the law and tells everything that was found.
public enum NameCheck {
    /// Reads only; costs a bounded number of indexed look-ups whatever the size of the library.
    public static func run(
        _ proposal: NameProposal, under rules: NameRules, now: Instant, in reader: any Reader
    ) throws -> NameReport {
        throw NameError.dataMissing("name-check")
    }
}
