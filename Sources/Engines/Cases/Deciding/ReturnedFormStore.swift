public import Kernel
public import Storage

/// A form as it was when it was handed back: whoever examines the case again sees what was changed since.
public enum ReturnedFormStore {
    static let migrations = [
        Migration(
            "case-returned-form",
            1,
            """
            CREATE TABLE case_returned_form (
                case_id TEXT NOT NULL, decision TEXT NOT NULL, returned_at BIGINT NOT NULL, form TEXT NOT NULL,
                PRIMARY KEY (case_id, decision))
            """
        )
    ]

    /// Keeps the form that the case's last decision hands back.
    static func keep(_ subject: Case, at: Instant, in tx: any Transaction) throws {
        guard let decision = try DecisionStore.of(subject.id, in: tx).last else { return }
        try tx.send(
            "INSERT INTO case_returned_form (case_id, decision, returned_at, form) VALUES ($1, $2, $3, $4)",
            subject.id,
            decision.id,
            at,
            PersonalText(subject.data)
        )
    }

    /// The form that a decision handed back.
    public static func of(_ decision: ID<Decision>, in reader: any Reader) throws -> JSON? {
        try reader.first("SELECT form FROM case_returned_form WHERE decision = $1", decision)?.json(0)
    }

    static func forget(_ id: ID<Case>, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM case_returned_form WHERE case_id = $1", id)
    }
}
