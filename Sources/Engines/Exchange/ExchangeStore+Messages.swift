public import Kernel
public import Storage

/// A message as it travelled.
public struct KeptMessage: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// Ours, and answered at once.
        case question
        /// Ours, for a line.
        case order
        /// The party's answer to either.
        case answer
        /// The party's, later.
        case report
        /// Our answer to a report.
        case receipt
    }

    public let id: ID<KeptMessage>
    /// The message's own identifier: a question and its answer share it.
    public let message: String
    public let kind: Kind
    public let party: String
    public let operation: String
    public let line: ID<PartyLine>?
    public let caseNumber: String
    public let at: Instant
    public let keyID: String
    /// `WireRequest.bytes` or `WireResponse.bytes`.
    public let bytes: [UInt8]
    /// What became of it: a status, or the reason why it did not count.
    public let outcome: String
}

extension ExchangeStore {
    /// What was exchanged under a message identifier, oldest first.
    public static func messages(_ message: String, in reader: any Reader) throws -> [KeptMessage] {
        try reader.query(
            """
            SELECT id, message, kind, party, operation, line, case_number, at, key_id, bytes, outcome
            FROM exchange_message WHERE message = $1 ORDER BY at, id LIMIT 200
            """,
            message
        ).map(kept)
    }

    /// The latest messages with a party, newest first.
    public static func messages(party: String, limit: Int = 50, in reader: any Reader) throws -> [KeptMessage]
    {
        try reader.query(
            """
            SELECT id, message, kind, party, operation, line, case_number, at, key_id, bytes, outcome
            FROM exchange_message WHERE party = $1 ORDER BY at DESC, id DESC LIMIT $2
            """,
            party,
            min(limit, 500)
        ).map(kept)
    }

    /// What was exchanged for a line, oldest first.
    public static func messages(line: ID<PartyLine>, in reader: any Reader) throws -> [KeptMessage] {
        try reader.query(
            """
            SELECT id, message, kind, party, operation, line, case_number, at, key_id, bytes, outcome
            FROM exchange_message WHERE line = $1 ORDER BY at, id LIMIT 500
            """,
            line
        ).map(kept)
    }

    static func keep(_ message: KeptMessage, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO exchange_message (id, message, kind, party, operation, line, case_number, at, key_id, bytes,
                outcome)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            message.id,
            message.message,
            message.kind.rawValue,
            message.party,
            message.operation,
            message.line,
            message.caseNumber,
            message.at,
            message.keyID,
            PersonalBytes(message.bytes),
            message.outcome
        )
    }

    private static func kept(_ row: Row) throws -> KeptMessage {
        KeptMessage(
            id: try row.id(0),
            message: try row.text(1),
            kind: try row.value(2),
            party: try row.text(3),
            operation: try row.text(4),
            line: try row.optionalText(5).map { ID($0) },
            caseNumber: try row.text(6),
            at: try row.instant(7),
            keyID: try row.text(8),
            bytes: try row.blob(9),
            outcome: try row.text(10)
        )
    }

    /// False when the nonce was used with that key before. Nonces older than `before` are forgotten: a message
    /// of that age is refused by its time.
    static func use(
        nonce: String,
        keyID: String,
        at: Instant,
        forgetting before: Instant,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute("DELETE FROM exchange_nonce WHERE at < $1", before)
        return try tx.execute(
            "INSERT INTO exchange_nonce (key_id, nonce, at) VALUES ($1, $2, $3) ON CONFLICT (key_id, nonce) DO NOTHING",
            keyID,
            nonce,
            at
        ) == 1
    }

    static func key(_ keyID: String, in reader: any Reader) throws -> KeptKey? {
        try reader.first(
            "SELECT key_id, owner, pem, valid_from, valid_until, revoked_at FROM exchange_key WHERE key_id = $1",
            keyID
        ).map { row in
            KeptKey(
                keyID: try row.text(0),
                owner: try row.text(1),
                pem: try row.text(2),
                validFrom: try row.instant(3),
                validUntil: try row.optionalInstant(4),
                revokedAt: try row.optionalInstant(5)
            )
        }
    }

    static func keysInForce(of owner: String, in reader: any Reader) throws -> [String] {
        try reader.query(
            "SELECT key_id FROM exchange_key WHERE owner = $1 AND revoked_at IS NULL ORDER BY key_id",
            owner
        ).map { try $0.text(0) }
    }

    /// Takes the contents out of a line and its messages, once nobody needs them any more: what stays is that it
    /// happened, when, and how it ended.
    static func forgetContents(of line: ID<PartyLine>, in tx: any Transaction) throws {
        try tx.execute("UPDATE exchange_line SET fields = '{}' WHERE id = $1", line)
        try tx.execute("UPDATE exchange_message SET bytes = $2 WHERE line = $1", line, [UInt8]())
    }

    static func put(_ key: KeptKey, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO exchange_key (key_id, owner, pem, valid_from, valid_until, revoked_at)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key_id) DO NOTHING
            """,
            key.keyID,
            key.owner,
            key.pem,
            key.validFrom,
            key.validUntil,
            key.revokedAt
        )
    }

    /// How many keys were revoked, 0 or 1.
    static func revoke(key keyID: String, at: Instant, in tx: any Transaction) throws -> Int {
        try tx.execute(
            "UPDATE exchange_key SET revoked_at = $2 WHERE key_id = $1 AND revoked_at IS NULL",
            keyID,
            at
        )
    }
}
