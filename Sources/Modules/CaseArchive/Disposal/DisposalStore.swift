import Kernel
import Storage

/// The rows of holds and of proposals to dispose.
enum DisposalStore {
    static func holds(of archive: ID<Archive>, in reader: any Reader) throws -> [ArchiveHold] {
        try reader.query(
            """
            SELECT id, reason, placed_by, placed_at, lifted_by, lifted_at, lift_reason FROM archive_hold
            WHERE archive = $1 ORDER BY placed_at, id
            """,
            archive
        ).map { row in
            ArchiveHold(
                id: try row.id(0),
                reason: try row.text(1),
                by: try row.text(2),
                at: try row.instant(3),
                liftedBy: try row.optionalText(4),
                liftedAt: try row.optionalInstant(5),
                liftReason: try row.optionalText(6)
            )
        }
    }

    static func hold(_ hold: ArchiveHold, _ archive: ID<Archive>, in tx: any Transaction) throws {
        try tx.send(
            "INSERT INTO archive_hold (id, archive, reason, placed_by, placed_at) VALUES ($1, $2, $3, $4, $5)",
            hold.id,
            archive,
            hold.reason,
            hold.by,
            hold.at
        )
    }

    /// Lifts every hold that stands.
    /// - Returns: how many.
    static func lift(
        _ archive: ID<Archive>,
        reason: String,
        by person: String,
        at: Instant,
        in tx: any Transaction
    ) throws -> Int {
        try tx.execute(
            """
            UPDATE archive_hold SET lifted_by = $2, lifted_at = $3, lift_reason = $4
            WHERE archive = $1 AND lifted_at IS NULL
            """,
            archive,
            person,
            at,
            reason
        )
    }

    static func proposals(of archive: ID<Archive>, in reader: any Reader) throws -> [ArchiveDisposal] {
        try reader.query(
            """
            SELECT id, archive, reason, proposed_by, proposed_at, decided_by, decided_at, words, outcome
            FROM archive_disposal WHERE archive = $1 ORDER BY proposed_at, id
            """,
            archive
        ).map { row in
            ArchiveDisposal(
                id: try row.id(0),
                archive: try row.id(1),
                reason: try row.text(2),
                proposedBy: try row.text(3),
                proposedAt: try row.instant(4),
                decidedBy: try row.optionalText(5),
                decidedAt: try row.optionalInstant(6),
                words: try row.optionalText(7),
                outcome: try row.value(8)
            )
        }
    }

    static func propose(_ proposal: ArchiveDisposal, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO archive_disposal (id, archive, reason, proposed_by, proposed_at, outcome)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            proposal.id,
            proposal.archive,
            proposal.reason,
            proposal.proposedBy,
            proposal.proposedAt,
            proposal.outcome.rawValue
        )
    }

    static func decide(
        _ id: ID<ArchiveDisposal>,
        _ outcome: ArchiveDisposal.Outcome,
        words: String,
        by person: String,
        at: Instant,
        in tx: any Transaction
    ) throws {
        try tx.execute(
            """
            UPDATE archive_disposal SET outcome = $2, words = $3, decided_by = $4, decided_at = $5
            WHERE id = $1 AND outcome = 'proposed'
            """,
            id,
            outcome.rawValue,
            words,
            person,
            at
        )
    }
}
