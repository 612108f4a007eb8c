public import Kernel
public import Storage

/// What became of the wish to reserve a name.
public enum ReserveOutcome: Hashable, Sendable {
    case reserved(Reservation)
    case taken(TakenName)
}

/// Somebody was first. Nothing tells who.
public struct TakenName: Hashable, Sendable {
    public let text: String
    public let state: NameState
    /// When the other's entry was made.
    public let since: Instant
    /// The day from which the name is free again, when that is known.
    public let freeFrom: LocalDate?
    /// Up to three names that were free a moment ago.
    public let proposals: [NameParts]
}

/// Keeps a name for an applicant for two months, or a year (名称规定, article 18).
public enum ReserveName {
    /// Of several who press at once exactly one gets the name; the others get `taken`.
    /// - Parameters:
    ///   - report: what `NameCheck.run` said a moment ago; the same-name check is made anew.
    ///   - promised: the applicant promised to bear the consequences of an infringement.
    /// - Throws: `NameError` when the report refuses, the promise is missing, or the person holds too many names.
    public static func run(
        _ report: NameReport, promised: Bool, under rules: NameRules, occasion: Occasion, in tx: any Transaction
    ) throws -> ReserveOutcome {
        throw NameError.dataMissing("reserve")
    }
}
