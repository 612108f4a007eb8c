public import Storage

public enum ChargeMigrations {
    public static let all: [Migration] = [
        .additive(
            "charge",
            1,
            """
            CREATE TABLE charge_bill (
                id TEXT NOT NULL PRIMARY KEY, number TEXT NOT NULL, object TEXT NOT NULL, case_number TEXT NOT NULL,
                payer TEXT NOT NULL, payee TEXT NOT NULL, payee_name TEXT NOT NULL, region TEXT NOT NULL,
                state TEXT NOT NULL, total BIGINT NOT NULL, raised_at BIGINT NOT NULL, due_at BIGINT,
                settled_at BIGINT, version BIGINT NOT NULL)
            """,
            "CREATE UNIQUE INDEX charge_bill_number ON charge_bill (number)",
            "CREATE INDEX charge_bill_object ON charge_bill (object)",
            """
            CREATE TABLE charge_line (
                bill TEXT NOT NULL REFERENCES charge_bill (id), place BIGINT NOT NULL, code TEXT NOT NULL,
                name TEXT NOT NULL, law TEXT NOT NULL, fen BIGINT NOT NULL, reduction BIGINT NOT NULL,
                reduced_for TEXT, PRIMARY KEY (bill, place))
            """,
            // `transaction` is a word of SQL.
            """
            CREATE TABLE charge_payment (
                provider TEXT NOT NULL, transaction_id TEXT NOT NULL, direction TEXT NOT NULL, number TEXT NOT NULL,
                fen BIGINT NOT NULL, moved_at BIGINT NOT NULL, bill TEXT REFERENCES charge_bill (id),
                taken_at BIGINT NOT NULL, PRIMARY KEY (provider, transaction_id))
            """,
            "CREATE INDEX charge_payment_moved ON charge_payment (provider, moved_at)",
            // One payment settles a bill, and one gives it back.
            "CREATE UNIQUE INDEX charge_payment_bill ON charge_payment (bill, direction)",
            """
            CREATE TABLE charge_refund (
                id TEXT NOT NULL PRIMARY KEY, bill TEXT REFERENCES charge_bill (id), provider TEXT NOT NULL,
                transaction_id TEXT NOT NULL, fen BIGINT NOT NULL, reason TEXT NOT NULL, asked_by TEXT NOT NULL,
                asked_at BIGINT NOT NULL, released_by TEXT, released_at BIGINT, given_by TEXT, state TEXT NOT NULL,
                region TEXT NOT NULL)
            """,
            "CREATE INDEX charge_refund_state ON charge_refund (state, id)",
            // Money goes back once, however many differences are closed about it.
            """
            CREATE UNIQUE INDEX charge_refund_once ON charge_refund (provider, transaction_id)
            WHERE state <> 'failed'
            """,
            // Two rows for each movement, which sum to nothing.
            """
            CREATE TABLE charge_entry (
                id TEXT NOT NULL, account TEXT NOT NULL, fen BIGINT NOT NULL, reason TEXT NOT NULL,
                bill TEXT REFERENCES charge_bill (id), at BIGINT NOT NULL, PRIMARY KEY (id, account))
            """,
            "CREATE INDEX charge_entry_account ON charge_entry (account)",
            """
            CREATE TABLE charge_difference (
                id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, provider TEXT NOT NULL,
                transaction_id TEXT NOT NULL, number TEXT NOT NULL, ours BIGINT, theirs BIGINT,
                opened_at BIGINT NOT NULL, closed_at BIGINT, closed_by TEXT, reason TEXT, region TEXT NOT NULL)
            """,
            "CREATE UNIQUE INDEX charge_difference_once ON charge_difference (provider, transaction_id, kind)",
            "CREATE INDEX charge_difference_open ON charge_difference (id) WHERE closed_at IS NULL",
            """
            CREATE TABLE charge_day (
                provider TEXT NOT NULL, day TEXT NOT NULL, ours BIGINT NOT NULL, theirs BIGINT NOT NULL,
                count_ours BIGINT NOT NULL, count_theirs BIGINT NOT NULL, differences BIGINT NOT NULL,
                at BIGINT NOT NULL, PRIMARY KEY (provider, day))
            """
        ),
        .additive(
            "charge",
            2,
            // Of bills from before it is empty: every desk settles them.
            "ALTER TABLE charge_bill ADD COLUMN agency TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE charge_line ADD COLUMN name_en TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE charge_line ADD COLUMN law_en TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE charge_line ADD COLUMN reduced_for_en TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE charge_line ADD COLUMN paid_before BIGINT NOT NULL DEFAULT 0",
            // A payment may go back in parts: what is left of it is part 0.
            "ALTER TABLE charge_refund ADD COLUMN part BIGINT NOT NULL DEFAULT 0",
            "DROP INDEX charge_refund_once",
            """
            CREATE UNIQUE INDEX charge_refund_part ON charge_refund (part, provider, transaction_id)
            WHERE state <> 'failed'
            """,
            "CREATE INDEX charge_refund_bill ON charge_refund (bill, part)",
            "DROP INDEX charge_payment_bill",
            // One payment settles a bill, because its state says so; several give it back.
            "CREATE INDEX charge_payment_settling ON charge_payment (bill, direction)"
        ),
    ]
}
