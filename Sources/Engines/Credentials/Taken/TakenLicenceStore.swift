import Kernel
import Storage

/// Licences of other registers: SQL in, values out.
enum TakenLicenceStore {
    /// - Returns: false when it is there already.
    static func insert(_ licence: TakenLicence, at now: Instant, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO credential_taken (id, number, type, name, holder_kind, holder, holder_name, issuer, region,
                state, valid_from, valid_until, source, at, fields)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            ON CONFLICT (number, type, issuer) DO NOTHING
            """,
            licence.id,
            licence.number,
            licence.type,
            licence.name,
            licence.holder.kind.rawValue,
            licence.holder.code,
            licence.holder.name,
            licence.issuer,
            licence.region,
            licence.state.rawValue,
            licence.validFrom,
            licence.validUntil,
            licence.source,
            now,
            fields(of: licence)
        ) == 1
    }

    static func find(_ id: ID<TakenLicence>, in reader: any Reader) throws -> TakenLicence? {
        try reader.first(
            """
            SELECT id, number, type, name, holder_kind, holder, holder_name, issuer, region, state, valid_from,
                valid_until, source, fields
            FROM credential_taken WHERE id = $1
            """,
            id
        ).map(licence)
    }

    static func find(number: String, type: String, issuer: String, in reader: any Reader) throws
        -> TakenLicence?
    {
        try reader.first(
            """
            SELECT id, number, type, name, holder_kind, holder, holder_name, issuer, region, state, valid_from,
                valid_until, source, fields
            FROM credential_taken WHERE number = $1 AND type = $2 AND issuer = $3
            """,
            number,
            type,
            issuer
        ).map(licence)
    }

    static func ofHolder(_ code: String, in reader: any Reader) throws -> [TakenLicence] {
        try reader.query(
            """
            SELECT id, number, type, name, holder_kind, holder, holder_name, issuer, region, state, valid_from,
                valid_until, source, fields
            FROM credential_taken WHERE holder = $1 ORDER BY type, number, id
            """,
            code
        ).map(licence)
    }

    static func of(holder: String, type: String, limit: Int, in reader: any Reader) throws -> [TakenLicence] {
        try reader.query(
            """
            SELECT id, number, type, name, holder_kind, holder, holder_name, issuer, region, state, valid_from,
                valid_until, source, fields
            FROM credential_taken WHERE holder = $1 AND type = $2 ORDER BY number, id LIMIT $3
            """,
            holder,
            type,
            limit
        ).map(licence)
    }

    static func numbered(_ number: String, _ reach: LibraryReach, limit: Int, in reader: any Reader) throws
        -> [TakenLicence]
    {
        try reader.query(
            """
            SELECT id, number, type, name, holder_kind, holder, holder_name, issuer, region, state, valid_from,
                valid_until, source, fields
            FROM credential_taken
            WHERE number = $1 AND coalesce(region, '150000') >= $2 AND coalesce(region, '150000') < $3
            ORDER BY type, issuer LIMIT $4
            """,
            number,
            reach.low,
            reach.high,
            limit
        ).map(licence)
    }

    static func held(by holder: String, _ reach: LibraryReach, limit: Int, in reader: any Reader) throws
        -> [TakenLicence]
    {
        try reader.query(
            """
            SELECT id, number, type, name, holder_kind, holder, holder_name, issuer, region, state, valid_from,
                valid_until, source, fields
            FROM credential_taken
            WHERE holder = $1 AND coalesce(region, '150000') >= $2 AND coalesce(region, '150000') < $3
            ORDER BY type, number, id LIMIT $4
            """,
            holder,
            reach.low,
            reach.high,
            limit
        ).map(licence)
    }

    /// Sealed: nobody here knows what of it is a person's.
    static func fields(of licence: TakenLicence) -> PersonalText {
        PersonalText(licence.fields.members.isEmpty ? nil : licence.fields.canonical)
    }

    private static func licence(_ row: Row) throws -> TakenLicence {
        TakenLicence(
            id: try row.id(0),
            number: try row.text(1),
            type: try row.text(2),
            name: try row.text(3),
            holder: Holder(try row.value(4), code: try row.text(5), name: try row.text(6)),
            issuer: try row.text(7),
            region: try row.optionalText(8),
            state: try row.value(9),
            validFrom: try row.optionalDate(10),
            validUntil: try row.optionalDate(11),
            source: try row.text(12),
            fields: row.isNull(13) ? [:] : try row.json(13)
        )
    }
}
