public import Kernel
public import Storage

/// Gives a reservation back, at its owner's wish.
public enum ReleaseName {
    @discardableResult
    public static func run(
        _ id: ID<NameEntry>, occasion: Occasion, in tx: any Transaction
    ) throws -> Reservation { throw NameError.unknown }
}

/// Keeps a reservation beyond its term while a case that uses it is decided.
public enum HoldName {
    @discardableResult
    public static func hold(
        _ id: ID<NameEntry>, for caseID: String, occasion: Occasion, in tx: any Transaction
    ) throws -> Reservation { throw NameError.unknown }

    @discardableResult
    public static func unhold(
        _ id: ID<NameEntry>, by caseID: String, under rules: NameRules, occasion: Occasion, in tx: any Transaction
    ) throws -> Reservation { throw NameError.unknown }
}

/// Turns a reservation into the name of a registered enterprise, in the transaction that registers it.
public enum ConsumeName {
    @discardableResult
    public static func run(
        _ id: ID<NameEntry>, enterprise: String, occasion: Occasion, in tx: any Transaction
    ) throws -> NameEntry { throw NameError.unknown }
}
