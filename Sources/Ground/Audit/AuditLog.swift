public import Kernel
public import Storage

/// The log of every act (design rule 2): one small insert inside the transaction that does the thing.
/// The entry has no place in the tree yet; the sealer gives it one in commit order.
public enum AuditLog {
    /// Writes down that `act` (lower-case words, `case.submitted`) was done to `object` (kind and identifier,
    /// `case:01J…`, never a name or an identity number). Of `before` and `after` only salted digests are kept in
    /// the tree. The entry is given back for a receipt once the transaction is committed.
    @discardableResult
    public static func append(
        _ act: String,
        object: String,
        before: JSON? = nil,
        after: JSON? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> AuditEntry {
        try write(
            act,
            object: object,
            outcome: .done,
            subject: nil,
            before: before,
            after: after,
            occasion: occasion,
            in: tx
        )
    }

    /// Writes down that a known actor asked for `act` and was refused. In a transaction of its own, because the
    /// refused one is undone.
    @discardableResult
    public static func refused(
        _ act: String,
        object: String,
        refusal: any Refusal,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> AuditEntry {
        try write(
            act,
            object: object,
            outcome: .refused(code: refusal.code),
            subject: nil,
            before: nil,
            after: nil,
            occasion: occasion,
            in: tx
        )
    }

    /// Writes down that somebody looked at another's personal data. `subject` is the identifier of the
    /// person whose data they are, by which `whoRead` answers; the occasion's `purpose` says why. `after` is what the look
    /// left behind, such as a line for the person.
    @discardableResult
    public static func read(
        _ act: String,
        object: String,
        of subject: String,
        after: JSON? = nil,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> AuditEntry {
        try write(
            act,
            object: object,
            outcome: .read,
            subject: subject,
            before: nil,
            after: after,
            occasion: occasion,
            in: tx
        )
    }

    private static func write(
        _ act: String,
        object: String,
        outcome: AuditEntry.Outcome,
        subject: String?,
        before: JSON?,
        after: JSON?,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> AuditEntry {
        let salt = before == nil && after == nil ? nil : occasion.entropy.bytes(16)
        func digest(_ content: JSON?) -> String? {
            guard let content, let salt else { return nil }
            return AuditEntry.digest(of: content, salt: salt)
        }
        let entry = AuditEntry(
            id: occasion.newID(),
            at: occasion.now,
            actor: occasion.actor,
            act: act,
            object: object,
            outcome: outcome,
            subject: subject,
            purpose: occasion.purpose.map(plain),
            before: digest(before),
            after: digest(after),
            request: plain(occasion.request)
        )
        try AuditStore.insert(entry, salt: salt, in: tx)
        return entry
    }

    /// At most 200 characters and none that steers a terminal, so that every reader of the bytes agrees.
    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }).prefix(
                200
            )
        )
    }
}
