public import Kernel
public import Storage

/// A body's decision about a licence that stands: to suspend it, to take it away.
public struct LicenceDecision: Sendable {
    /// Such as `包市监扣〔2026〕1号`.
    public let number: String
    /// In words, without personal text.
    public let reason: String
    /// From when it holds in law; nil is now.
    public let effective: Instant?

    /// The longest number of a decision and the longest reason (the reason of the shared calls, at most 200 characters).
    private static let lengthMax = 200

    /// - Throws: `LicenceError.decision` without a number, `CredentialError.reason` without a reason.
    public init(number: String, reason: String, effective: Instant? = nil) throws {
        guard (1...Self.lengthMax).contains(number.count) else { throw LicenceError.decision }
        guard (1...Self.lengthMax).contains(reason.count) else { throw CredentialError.reason }
        self.number = number
        self.reason = reason
        self.effective = effective
    }
}

extension Credentials {
    /// Carries a decision out: who, why, by which decision and from when are kept with the step and logged.
    @discardableResult
    public static func carryOut(
        _ decision: LicenceDecision,
        _ event: CredentialEvent,
        on id: ID<Credential>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Credential {
        try apply(
            event,
            to: id,
            reason: decision.reason,
            decision: decision.number,
            effective: decision.effective,
            occasion: occasion,
            in: tx
        )
    }
}
