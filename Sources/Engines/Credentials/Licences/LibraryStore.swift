import Kernel
import Storage

/// Lists of the library: SQL in, values out. A licence from before regions were kept counts as one of the whole region.
enum LibraryStore {
    struct Found: Sendable {
        let record: CredentialRecord
        let state: CredentialState
        let number: String?
        let region: String?
    }

    /// Six digits; nil for one that bears none.
    static func region(of id: ID<Credential>, in reader: any Reader) throws -> String? {
        try reader.first("SELECT region FROM credential_record WHERE id = $1", id).flatMap {
            try $0.optionalText(0)
        }
    }

    /// All versions of a licence: those of one type, issuer and serial (GB/T 36904).
    static func versions(from low: String, below high: String, in reader: any Reader) throws -> [Found] {
        try reader.query(
            """
            SELECT record, state, number, region FROM credential_record
            WHERE identifier >= $1 AND identifier < $2 ORDER BY identifier
            """,
            low,
            high
        ).map(found)
    }

    static func ofType(
        _ type: String,
        in state: CredentialState?,
        _ reach: LibraryReach,
        after mark: LicenceLine.Mark?,
        limit: Int,
        in reader: any Reader
    ) throws -> [Found] {
        try reader.query(
            """
            SELECT record, state, number, region FROM credential_record
            WHERE type = $1 AND seal_code IS NULL AND region >= $2 AND region < $3 AND (region, id) > ($4, $5)
                AND (state = $6 OR $6 = '')
            ORDER BY region, id LIMIT $7
            """,
            type,
            reach.low,
            reach.high,
            mark?.region ?? "",
            mark?.id ?? "",
            state?.rawValue ?? "",
            limit
        ).map(found)
    }

    static func numbered(_ number: String, _ reach: LibraryReach, limit: Int, in reader: any Reader) throws
        -> [Found]
    {
        try reader.query(
            """
            SELECT record, state, number, region FROM credential_record
            WHERE number = $1 AND coalesce(region, '150000') >= $2 AND coalesce(region, '150000') < $3
            ORDER BY id LIMIT $4
            """,
            number,
            reach.low,
            reach.high,
            limit
        ).map(found)
    }

    static func held(by holder: String, _ reach: LibraryReach, limit: Int, in reader: any Reader) throws
        -> [Found]
    {
        try reader.query(
            """
            SELECT record, state, number, region FROM credential_record
            WHERE holder = $1 AND seal_code IS NULL AND coalesce(region, '150000') >= $2
                AND coalesce(region, '150000') < $3
            ORDER BY id LIMIT $4
            """,
            holder,
            reach.low,
            reach.high,
            limit
        ).map(found)
    }

    static func identified(_ identifier: String, _ reach: LibraryReach, in reader: any Reader) throws
        -> [Found]
    {
        try reader.query(
            """
            SELECT record, state, number, region FROM credential_record
            WHERE identifier = $1 AND coalesce(region, '150000') >= $2 AND coalesce(region, '150000') < $3
            """,
            identifier,
            reach.low,
            reach.high
        ).map(found)
    }

    static func ended(
        _ state: CredentialState,
        _ reach: LibraryReach,
        after mark: LicenceLine.Mark?,
        limit: Int,
        in reader: any Reader
    ) throws -> [Found] {
        // The words of the index stand there too, so that both engines know that it holds all of them.
        try reader.query(
            """
            SELECT record, state, number, region FROM credential_record
            WHERE state = $1 AND state <> 'valid' AND region >= $2 AND region < $3 AND (region, id) > ($4, $5)
            ORDER BY region, id LIMIT $6
            """,
            state.rawValue,
            reach.low,
            reach.high,
            mark?.region ?? "",
            mark?.id ?? "",
            limit
        ).map(found)
    }

    private static func found(_ row: Row) throws -> Found {
        guard let record = CredentialRecord(bytes: Array(try row.text(0).utf8)) else {
            throw StorageError.unexpectedColumn(index: 0, wanted: "credential record")
        }
        return Found(
            record: record,
            state: try row.value(1),
            number: try row.optionalText(2),
            region: try row.optionalText(3)
        )
    }
}
