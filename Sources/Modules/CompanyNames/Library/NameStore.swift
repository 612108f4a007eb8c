import Kernel
import Storage

/// The tables of the name library: SQL in, values out.
enum NameStore {
    /// What a look-up for near names needs of an entry.
    struct Candidate: Hashable {
        let id: String
        let text: String
        let scope: String
        let brand: String
        let industryClass: String
        let state: NameState
        let until: Instant?
    }

    /// Puts everybody who claims this brand in this library in line until the transaction ends.
    static func lock(scope: String, brand: String, now: Instant, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO company_name_claim (scope, brand, claimed_at) VALUES ($1, $2, $3)
            ON CONFLICT (scope, brand) DO UPDATE SET claimed_at = excluded.claimed_at
            """,
            scope,
            brand,
            now
        )
    }

    /// Of one row, and of many taken over at once.
    static let keyInsert: StaticString =
        "INSERT INTO company_name_key (name_key, industry_class, entry) VALUES ($1, $2, $3)"

    /// Adds an entry and its keys.
    /// - Returns: false when a live entry with the same key is there already.
    static func insert(
        _ entry: NameEntry,
        kin: String,
        termMonths: Int,
        sounds: [String],
        in tx: any Transaction
    ) throws -> Bool {
        let others = Array(sounds.dropFirst())
        let inserted = try tx.execute(
            """
            INSERT INTO company_name_entry (id, scope, brand, industry_class, kin, full_text, parts, subject, region,
                state, live, blocks, owner, enterprise, holder, since, until, term_months, provisional, findings,
                sound, other_sounds, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                $22, $23)
            ON CONFLICT DO NOTHING
            """,
            entry.id,
            entry.key.scope,
            entry.key.brand,
            entry.key.industryClass,
            kin,
            entry.text,
            entry.parts.json,
            entry.subject.rawValue,
            entry.region,
            entry.state.rawValue,
            entry.state.isLive,
            entry.state.blocks,
            entry.owner,
            entry.enterprise,
            entry.holder,
            entry.since,
            entry.until,
            termMonths,
            entry.isProvisional,
            entry.findings,
            sounds.first ?? "",
            others.joined(separator: " "),
            entry.version
        )
        guard inserted == 1 else { return false }
        for key in NameKeys.stored(brand: entry.key.brand, otherSounds: others) {
            try tx.send(
                keyInsert,
                key,
                entry.key.industryClass,
                entry.id
            )
        }
        return true
    }

    private static func removeKeys(of entry: NameEntry, in tx: any Transaction) throws {
        let row = try tx.first("SELECT other_sounds FROM company_name_entry WHERE id = $1", entry.id)
        let others = try row?.text(0).split(separator: " ").map(String.init) ?? []
        for key in NameKeys.stored(brand: entry.key.brand, otherSounds: others) {
            try tx.execute(
                "DELETE FROM company_name_key WHERE name_key = $1 AND industry_class = $2 AND entry = $3",
                key,
                entry.key.industryClass,
                entry.id
            )
        }
    }

    /// Writes a changed entry back.
    /// - Throws: `StorageError.stale` when somebody else changed it since it was read.
    static func update(_ entry: NameEntry, termMonths: Int, in tx: any Transaction) throws {
        let changed = try tx.execute(
            """
            UPDATE company_name_entry SET state = $3, live = $4, blocks = $5, owner = $6, enterprise = $7,
                holder = $8, until = $9, provisional = $10, term_months = $11, version = version + 1
            WHERE id = $1 AND version = $2
            """,
            entry.id,
            entry.version,
            entry.state.rawValue,
            entry.state.isLive,
            entry.state.blocks,
            entry.owner,
            entry.enterprise,
            entry.holder,
            entry.until,
            entry.isProvisional,
            termMonths
        )
        guard changed == 1 else { throw StorageError.stale }
        if !entry.state.blocks { try removeKeys(of: entry, in: tx) }
    }

    // MARK: Reading entries

    static func find(_ id: ID<NameEntry>, in reader: any Reader) throws -> (
        entry: NameEntry, termMonths: Int
    )? {
        try reader.first(
            """
            SELECT id, scope, brand, industry_class, full_text, parts, subject, region, state, owner, enterprise,
                holder, since, until, provisional, findings, version, term_months
            FROM company_name_entry WHERE id = $1
            """,
            id
        ).map(entry)
    }

    /// The same, with the row locked until the transaction ends.
    static func locked(
        _ id: ID<NameEntry>,
        in tx: any Transaction
    ) throws -> (entry: NameEntry, termMonths: Int)? {
        try tx.first(
            """
            SELECT id, scope, brand, industry_class, full_text, parts, subject, region, state, owner, enterprise,
                holder, since, until, provisional, findings, version, term_months
            FROM company_name_entry WHERE id = $1 FOR UPDATE
            """,
            id
        ).map(entry)
    }

    /// Every entry of the library with this brand that may stand in the way.
    static func blocking(
        scope: String,
        brand: String,
        in reader: any Reader
    ) throws -> [(entry: NameEntry, termMonths: Int)] {
        try reader.query(
            """
            SELECT id, scope, brand, industry_class, full_text, parts, subject, region, state, owner, enterprise,
                holder, since, until, provisional, findings, version, term_months
            FROM company_name_entry WHERE brand = $2 AND scope = $1 AND blocks = 1 ORDER BY since, id
            """,
            scope,
            brand
        ).map(entry)
    }

    static func owned(by owner: String, in reader: any Reader) throws -> [(entry: NameEntry, termMonths: Int)]
    {
        try reader.query(
            """
            SELECT id, scope, brand, industry_class, full_text, parts, subject, region, state, owner, enterprise,
                holder, since, until, provisional, findings, version, term_months
            FROM company_name_entry WHERE owner = $1 AND state IN ('reserved', 'held') ORDER BY since, id
            """,
            owner
        ).map(entry)
    }

    static func borne(by enterprise: String, in reader: any Reader) throws -> [(
        entry: NameEntry, termMonths: Int
    )] {
        try reader.query(
            """
            SELECT id, scope, brand, industry_class, full_text, parts, subject, region, state, owner, enterprise,
                holder, since, until, provisional, findings, version, term_months
            FROM company_name_entry WHERE enterprise = $1 ORDER BY since, id
            """,
            enterprise
        ).map(entry)
    }

    private static func entry(_ row: Row) throws -> (entry: NameEntry, termMonths: Int) {
        let entry = NameEntry(
            id: try row.id(0),
            key: NameKey(scope: try row.text(1), brand: try row.text(2), industryClass: try row.text(3)),
            parts: try NameParts(json: row.json(5)),
            text: try row.text(4),
            subject: try row.value(6),
            region: try row.text(7),
            state: try row.value(8),
            owner: try row.optionalText(9),
            enterprise: try row.optionalText(10),
            holder: try row.optionalText(11),
            since: try row.instant(12),
            until: try row.optionalInstant(13),
            isProvisional: try row.bool(14),
            findings: try row.json(15),
            version: try row.integer(16)
        )
        return (entry, try row.int(17))
    }
}

extension NameState {
    /// Whether nobody else may have the same key at all (the unique index).
    var isLive: Bool {
        switch self {
        case .reserved, .held, .registered: true
        case .renamed, .cancelled, .revoked, .released, .expired, .lapsed: false
        }
    }
}

extension NameParts {
    var json: JSON {
        [
            "division": .string(division), "brand": .string(brand), "trade": .string(trade),
            "form": .string(form), "place": .string(divisionPlace.rawValue),
        ]
    }

    init(json: JSON) throws {
        guard let place = json["place"].text.flatMap(DivisionPlace.init(rawValue:)) else {
            throw StorageError.unexpectedColumn(index: 5, wanted: "name parts")
        }
        self.init(
            division: json["division"].text ?? "",
            brand: json["brand"].text ?? "",
            trade: json["trade"].text ?? "",
            form: json["form"].text ?? "",
            divisionPlace: place
        )
    }
}
