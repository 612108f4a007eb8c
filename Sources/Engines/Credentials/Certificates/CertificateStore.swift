import Cryptography
import Kernel
import Storage

/// The only place that knows the tables of certificates, of their uses and of revocation.
enum CertificateStore {
    static func insert(_ one: HolderCertificate, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO certificate_holder (id, holder_kind, holder, holder_name, agent, issuer, serial, der,
                valid_from, valid_until, issued_at, replaces)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            one.id,
            one.holder.kind.rawValue,
            one.holder.code,
            one.holder.name,
            one.agent,
            one.issuer,
            one.serial,
            one.der,
            one.validFrom,
            one.validUntil,
            one.issuedAt,
            one.replaces
        )
    }

    static func find(_ id: ID<HolderCertificate>, in reader: any Reader) throws -> HolderCertificate? {
        try reader.first(
            """
            SELECT id, holder_kind, holder, holder_name, agent, issuer, serial, der, valid_from, valid_until,
                issued_at, replaces, revoked_at, reason
            FROM certificate_holder WHERE id = $1
            """,
            id
        ).map(certificate)
    }

    static func find(serial: String, in reader: any Reader) throws -> HolderCertificate? {
        try reader.first(
            """
            SELECT id, holder_kind, holder, holder_name, agent, issuer, serial, der, valid_from, valid_until,
                issued_at, replaces, revoked_at, reason
            FROM certificate_holder WHERE serial = $1
            """,
            serial
        ).map(certificate)
    }

    /// The newest first.
    static func held(by holder: String, limit: Int, in reader: any Reader) throws -> [HolderCertificate] {
        try reader.query(
            """
            SELECT id, holder_kind, holder, holder_name, agent, issuer, serial, der, valid_from, valid_until,
                issued_at, replaces, revoked_at, reason
            FROM certificate_holder WHERE holder = $1 ORDER BY id DESC LIMIT $2
            """,
            holder,
            limit
        ).map(certificate)
    }

    /// All of a holder that were not revoked and have not ended, however many there are.
    static func open(of holder: String, at now: Instant, in reader: any Reader) throws -> [HolderCertificate]
    {
        try reader.query(
            """
            SELECT id, holder_kind, holder, holder_name, agent, issuer, serial, der, valid_from, valid_until,
                issued_at, replaces, revoked_at, reason
            FROM certificate_holder WHERE holder = $1 AND revoked_at IS NULL AND valid_until > $2 ORDER BY id
            """,
            holder,
            now
        ).map(certificate)
    }

    static func isReplaced(_ id: ID<HolderCertificate>, in reader: any Reader) throws -> Bool {
        try reader.first("SELECT id FROM certificate_holder WHERE replaces = $1", id) != nil
    }

    /// Keeps the certificates of a holder as they are until the transaction ends.
    static func lock(_ holder: String, in tx: any Transaction) throws {
        _ = try tx.query("SELECT id FROM certificate_holder WHERE holder = $1 FOR UPDATE", holder)
    }

    /// - Returns: false when it was revoked before.
    static func revoke(
        _ id: ID<HolderCertificate>,
        at: Instant,
        _ reason: RevocationReason,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            "UPDATE certificate_holder SET revoked_at = $2, reason = $3 WHERE id = $1 AND revoked_at IS NULL",
            id,
            at,
            reason.rawValue
        ) == 1
    }

    private static func certificate(_ row: Row) throws -> HolderCertificate {
        HolderCertificate(
            id: try row.id(0),
            holder: Holder(try row.value(1), code: try row.text(2), name: try row.text(3)),
            agent: try row.text(4),
            issuer: try row.text(5),
            serial: try row.text(6),
            der: try row.blob(7),
            validFrom: try row.instant(8),
            validUntil: try row.instant(9),
            issuedAt: try row.instant(10),
            replaces: try row.optionalText(11).map { ID($0) },
            revokedAt: try row.optionalInstant(12),
            reason: try row.optionalInteger(13).flatMap { RevocationReason(rawValue: Int($0)) }
        )
    }

    // MARK: - Uses

    static func insert(_ use: CertificateUse, in tx: any Transaction) throws {
        try tx.send(
            "INSERT INTO certificate_use (id, certificate, digest, name, at) VALUES ($1, $2, $3, $4, $5)",
            use.id,
            use.certificate,
            use.digest,
            use.name,
            use.at
        )
    }

    static func uses(of certificate: ID<HolderCertificate>, limit: Int, in reader: any Reader) throws
        -> [CertificateUse]
    {
        try reader.query(
            """
            SELECT id, certificate, digest, name, at FROM certificate_use
            WHERE certificate = $1 ORDER BY id DESC LIMIT $2
            """,
            certificate,
            limit
        ).map { row in
            CertificateUse(
                id: try row.id(0),
                certificate: try row.id(1),
                digest: try row.text(2),
                name: try row.text(3),
                at: try row.instant(4)
            )
        }
    }

    // MARK: - Revocation

    /// - Returns: false when the list has it already.
    static func list(
        _ entry: RevokedCertificate,
        of issuer: String,
        object: String,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO certificate_revoked (issuer, serial, at, reason, object) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING
            """,
            issuer,
            Hex.encode(entry.serial),
            entry.revokedAt,
            entry.reason.rawValue,
            object
        ) == 1
    }

    static func revoked(by issuer: String, in reader: any Reader) throws -> [RevokedCertificate] {
        try reader.query(
            "SELECT serial, at, reason FROM certificate_revoked WHERE issuer = $1 ORDER BY at, serial",
            issuer
        ).map { row in
            RevokedCertificate(
                serial: Hex.decode(try row.text(0)) ?? [],
                revokedAt: try row.instant(1),
                reason: RevocationReason(rawValue: try row.int(2)) ?? .unspecified
            )
        }
    }

    static func list(of issuer: String, in reader: any Reader) throws -> PublishedList? {
        try reader.first(
            "SELECT issuer, number, der, this_update, next_update FROM certificate_list WHERE issuer = $1",
            issuer
        ).map { row in
            PublishedList(
                issuer: try row.text(0),
                number: try row.integer(1),
                der: try row.blob(2),
                thisUpdate: try row.instant(3),
                nextUpdate: try row.instant(4)
            )
        }
    }

    /// Number and period of the list that is out, without the list.
    static func period(of issuer: String, in reader: any Reader) throws -> (
        number: Int64, from: Instant, until: Instant
    )? {
        try reader.first(
            "SELECT number, this_update, next_update FROM certificate_list WHERE issuer = $1",
            issuer
        ).map { (try $0.integer(0), try $0.instant(1), try $0.instant(2)) }
    }

    /// The number of the list that is out, kept until the transaction ends.
    static func lockedNumber(of issuer: String, in tx: any Transaction) throws -> Int64? {
        try tx.first("SELECT number FROM certificate_list WHERE issuer = $1 FOR UPDATE", issuer)?.integer(0)
    }

    /// - Returns: false when another node published in the meantime.
    static func publish(_ list: PublishedList, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO certificate_list (issuer, number, der, this_update, next_update)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (issuer) DO UPDATE SET number = excluded.number, der = excluded.der,
                this_update = excluded.this_update, next_update = excluded.next_update
            WHERE certificate_list.number < excluded.number
            """,
            list.issuer,
            list.number,
            list.der,
            list.thisUpdate,
            list.nextUpdate
        ) == 1
    }
}
