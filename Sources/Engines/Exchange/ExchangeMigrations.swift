public import Storage

/// The tables of the exchange.
public enum ExchangeMigrations {
    public static let all: [Migration] = tables + indexes

    /// What clerks look at: the lines and items that are open, oldest first.
    private static let indexes = [
        Migration(
            "exchange-index",
            1,
            """
            CREATE INDEX exchange_line_open ON exchange_line (changed_at, id) WHERE state NOT IN ('done', 'notNeeded')
            """,
            "CREATE INDEX exchange_line_changed ON exchange_line (state, changed_at, id)",
            "CREATE INDEX exchange_item_open ON exchange_item (opened_at, id) WHERE closed_at IS NULL"
        )
    ]

    private static let tables = [
        Migration(
            "exchange",
            1,
            """
            CREATE TABLE exchange_line (
                id TEXT PRIMARY KEY, line_key TEXT NOT NULL UNIQUE, party TEXT NOT NULL, operation TEXT NOT NULL,
                case_id TEXT NOT NULL, case_number TEXT NOT NULL, credit_code TEXT NOT NULL,
                purpose TEXT NOT NULL, consent TEXT NOT NULL, fields TEXT NOT NULL, counts BIGINT NOT NULL,
                opened_as TEXT NOT NULL, parent TEXT, state TEXT NOT NULL, version BIGINT NOT NULL,
                round BIGINT NOT NULL, attempts BIGINT NOT NULL, answer TEXT NOT NULL, reason_code TEXT,
                reason_text TEXT, opened_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, due_at BIGINT,
                ended_at BIGINT)
            """,
            "CREATE INDEX exchange_line_case ON exchange_line (case_id, opened_at, id)",
            "CREATE INDEX exchange_line_state ON exchange_line (party, state, due_at)",
            "CREATE INDEX exchange_line_parent ON exchange_line (parent)",
            """
            CREATE TABLE exchange_change (
                line TEXT NOT NULL REFERENCES exchange_line (id), number BIGINT NOT NULL, at BIGINT NOT NULL,
                event TEXT NOT NULL, state_from TEXT NOT NULL, state_to TEXT NOT NULL, stayed TEXT, note TEXT,
                PRIMARY KEY (line, number))
            """,
            """
            CREATE TABLE exchange_message (
                id TEXT PRIMARY KEY, message TEXT NOT NULL, kind TEXT NOT NULL, party TEXT NOT NULL,
                operation TEXT NOT NULL, line TEXT, case_number TEXT NOT NULL, at BIGINT NOT NULL,
                key_id TEXT NOT NULL, bytes BLOB NOT NULL, outcome TEXT NOT NULL)
            """,
            "CREATE INDEX exchange_message_message ON exchange_message (message)",
            "CREATE INDEX exchange_message_line ON exchange_message (line, at)",
            "CREATE INDEX exchange_message_party ON exchange_message (party, at)",
            """
            CREATE TABLE exchange_nonce (
                key_id TEXT NOT NULL, nonce TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (key_id, nonce))
            """,
            "CREATE INDEX exchange_nonce_at ON exchange_nonce (at)",
            """
            CREATE TABLE exchange_key (
                key_id TEXT PRIMARY KEY, owner TEXT NOT NULL, pem TEXT NOT NULL, valid_from BIGINT NOT NULL,
                valid_until BIGINT, revoked_at BIGINT)
            """,
            """
            CREATE TABLE exchange_item (
                id TEXT PRIMARY KEY, line TEXT, party TEXT NOT NULL, operation TEXT NOT NULL,
                case_number TEXT NOT NULL, queue TEXT NOT NULL, why TEXT NOT NULL, opened_at BIGINT NOT NULL,
                closed_at BIGINT, closed_by TEXT, note TEXT)
            """,
            "CREATE INDEX exchange_item_queue ON exchange_item (queue, closed_at, opened_at)",
            "CREATE INDEX exchange_item_line ON exchange_item (line, why)"
        ),
        // What the founder may put off or drop; nothing on lines that were opened before.
        Migration(
            "exchange",
            2,
            "ALTER TABLE exchange_line ADD COLUMN founder_may TEXT NOT NULL DEFAULT ''"
        ),
        // Who of the staff did it; of changes before nobody.
        Migration("exchange", 3, "ALTER TABLE exchange_change ADD COLUMN staff TEXT"),
        // What parties did for an enterprise before, such as an account that is to be closed.
        Migration.additive(
            "exchange",
            4,
            "CREATE INDEX exchange_line_done ON exchange_line (credit_code, party, operation) WHERE state = 'done'"
        ),
    ]
}
