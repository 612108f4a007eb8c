public import Kernel
public import Storage

/// The rows of `CaseTimes`.
public enum CaseTimesStore {
    static let migrations = [
        Migration(
            "case-times",
            1,
            """
            CREATE TABLE case_times (
                case_id TEXT PRIMARY KEY REFERENCES case_case (id), handed_in BIGINT NOT NULL, promised BIGINT,
                office BIGINT NOT NULL)
            """,
            "CREATE INDEX case_times_handed_in ON case_times (handed_in)",
            """
            INSERT INTO case_times (case_id, handed_in, office)
            SELECT id, submitted_at, COALESCE(decided_at - submitted_at, 0) FROM case_case
            WHERE submitted_at IS NOT NULL
            """
        ),
        .additive(
            "case-times",
            2,
            // Where the form says that the matter lies; empty for cases from before.
            "ALTER TABLE case_times ADD COLUMN banner TEXT NOT NULL DEFAULT ''"
        ),
    ]

    public static func of(_ subject: ID<Case>, in reader: any Reader) throws -> CaseTimes? {
        try reader.first("SELECT handed_in, promised, office FROM case_times WHERE case_id = $1", subject).map
        {
            CaseTimes(
                handedIn: try $0.instant(0),
                promised: try $0.optionalInstant(1),
                office: try $0.integer(2)
            )
        }
    }

    /// Begins the times of a case; handing in again changes nothing but where its form says that the matter lies.
    /// - Parameter banner: six digits.
    static func begin(
        _ subject: Case,
        promised: Instant?,
        banner: String,
        at now: Instant,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO case_times (case_id, handed_in, promised, office, banner) VALUES ($1, $2, $3, 0, $4)
            ON CONFLICT (case_id) DO UPDATE SET banner = excluded.banner
            """,
            subject.id,
            now,
            promised,
            banner
        )
    }

    /// The authority gives the case out of its hands: with a decision, a return, or because it is withdrawn. What
    /// signers needed after the handing in is not the authority's.
    static func officeDone(_ subject: Case, at now: Instant, in tx: any Transaction) throws {
        guard let handedIn = subject.submittedAt else { return }
        let begun = max(handedIn, subject.signedAt ?? handedIn)
        try tx.execute(
            "UPDATE case_times SET office = office + $2 WHERE case_id = $1",
            subject.id,
            max(0, now - begun)
        )
    }
}
