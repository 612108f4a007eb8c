import Kernel
import Storage

/// Uses of licences: SQL in, values out.
enum LicenceUseStore {
    static func insert(_ use: LicenceUse, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO licence_use (id, licence, type, holder, way, organisation, operator, purpose, reason, item,
                item_code, case_number, fields, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            use.id,
            use.licence,
            use.type,
            use.holder,
            use.way.rawValue,
            use.organisation,
            use.operatorName,
            use.purpose,
            use.reason,
            use.item,
            use.itemCode,
            use.caseNumber,
            use.fields.joined(separator: " "),
            use.at
        )
    }

    static func find(_ id: ID<LicenceUse>, in reader: any Reader) throws -> LicenceUse? {
        try reader.first(
            """
            SELECT id, licence, type, holder, way, organisation, operator, purpose, reason, item, item_code,
                case_number, fields, at
            FROM licence_use WHERE id = $1
            """,
            id
        ).map(use)
    }

    /// Greater than every identifier: where a list begins.
    private static let end = "~"

    static func of(holder: String, before: ID<LicenceUse>?, limit: Int, in reader: any Reader) throws
        -> [LicenceUse]
    {
        try reader.query(
            """
            SELECT id, licence, type, holder, way, organisation, operator, purpose, reason, item, item_code,
                case_number, fields, at
            FROM licence_use WHERE holder = $1 AND id < $2 ORDER BY id DESC LIMIT $3
            """,
            holder,
            before?.rawValue ?? end,
            limit
        ).map(use)
    }

    static func of(licence: String, before: ID<LicenceUse>?, limit: Int, in reader: any Reader) throws
        -> [LicenceUse]
    {
        try reader.query(
            """
            SELECT id, licence, type, holder, way, organisation, operator, purpose, reason, item, item_code,
                case_number, fields, at
            FROM licence_use WHERE licence = $1 AND id < $2 ORDER BY id DESC LIMIT $3
            """,
            licence,
            before?.rawValue ?? end,
            limit
        ).map(use)
    }

    private static func use(_ row: Row) throws -> LicenceUse {
        LicenceUse(
            id: try row.id(0),
            licence: try row.text(1),
            type: try row.text(2),
            holder: try row.text(3),
            way: try row.value(4),
            organisation: try row.text(5),
            operatorName: try row.text(6),
            purpose: try row.text(7),
            reason: try row.optionalText(8),
            item: try row.optionalText(9),
            itemCode: try row.optionalText(10),
            caseNumber: try row.optionalText(11),
            fields: try row.text(12).split(separator: " ").map(String.init),
            at: try row.instant(13)
        )
    }
}
