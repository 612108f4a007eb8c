public import Kernel
public import Storage

/// The library of names that are borne, kept or blocked.
public enum NameLibrary {
    /// Enters the name of an enterprise that was registered without a reservation (an import, a sole trader).
    @discardableResult
    public static func record(
        _ parts: NameParts, subject: NameSubject, scope: String, region: String, enterprise: String,
        under rules: NameRules, occasion: Occasion, in tx: any Transaction
    ) throws -> NameEntry { throw NameError.unknown }

    /// The enterprise was cancelled, revoked or renamed: its name stays blocked for a year.
    public static func leave(
        enterprise: String, as event: NameEvent, under rules: NameRules, occasion: Occasion, in tx: any Transaction
    ) throws -> [NameEntry] { [] }

    public static func find(_ id: ID<NameEntry>, in reader: any Reader) throws -> NameEntry? { nil }

    /// The live reservations of an account, the oldest first.
    public static func reservations(of owner: String, now: Instant, in reader: any Reader) throws -> [Reservation] { [] }
}
