import Kernel
import Storage

/// The table of people.
enum PersonStore {
    struct Sealed {
        let documentKey: [UInt8]
        let documentSealed: [UInt8]
        let phoneKey: [UInt8]?
        let phoneSealed: [UInt8]?
    }

    /// - Returns: false when the document belongs to somebody already.
    static func insert(_ person: Person, _ sealed: Sealed, at: Instant, in tx: any Transaction) throws -> Bool
    {
        try tx.execute(
            """
            INSERT INTO identity_person (id, name, document_kind, document_masked, document_key, document_sealed, birth,
                phone_masked, phone_key, phone_sealed, level, face_score, face_at, face_reference, created, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, NULL, NULL, $12, 1)
            ON CONFLICT (document_key) DO NOTHING
            """,
            person.id,
            person.name,
            person.documentKind,
            person.documentMasked,
            sealed.documentKey,
            sealed.documentSealed,
            person.birth,
            person.phoneMasked,
            sealed.phoneKey,
            sealed.phoneSealed,
            person.level.rawValue,
            at
        ) == 1
    }

    static func find(_ id: ID<Person>, in reader: any Reader) throws -> Person? {
        try reader.first(
            """
            SELECT id, name, document_kind, document_masked, birth, phone_masked, level, face_score, face_at,
                face_reference, version FROM identity_person WHERE id = $1
            """,
            id
        ).map(person)
    }

    static func find(documentKey: [UInt8], in reader: any Reader) throws -> Person? {
        try reader.first(
            """
            SELECT id, name, document_kind, document_masked, birth, phone_masked, level, face_score, face_at,
                face_reference, version FROM identity_person WHERE document_key = $1
            """,
            documentKey
        ).map(person)
    }

    static func count(name: String, birth: LocalDate, in reader: any Reader) throws -> Int {
        Int(
            try reader.number(
                "SELECT COUNT(*) FROM identity_person WHERE name = $1 AND birth = $2",
                name,
                birth
            )
        )
    }

    static func named(_ name: String, limit: Int, in reader: any Reader) throws -> [ID<Person>] {
        try reader.query("SELECT id FROM identity_person WHERE name = $1 ORDER BY id LIMIT $2", name, limit)
            .map { try $0.id(0) }
    }

    static func count(phoneKey: [UInt8], in reader: any Reader) throws -> Int {
        Int(try reader.number("SELECT COUNT(*) FROM identity_person WHERE phone_key = $1", phoneKey))
    }

    static func setLevel(
        _ level: RealNameLevel,
        score: Int?,
        at: Instant,
        reference: String,
        of person: Person,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE identity_person SET level = $1, face_score = COALESCE($2, face_score),
                face_at = CASE WHEN $2 IS NULL THEN face_at ELSE $3 END, face_reference = $4, version = version + 1
            WHERE id = $5 AND version = $6
            """,
            level.rawValue,
            score,
            at,
            reference,
            person.id,
            person.version
        ) == 1
    }

    static func setPhone(
        masked: String,
        key: [UInt8],
        sealed: [UInt8],
        of person: Person,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE identity_person SET phone_masked = $1, phone_key = $2, phone_sealed = $3, version = version + 1
            WHERE id = $4 AND version = $5
            """,
            masked,
            key,
            sealed,
            person.id,
            person.version
        ) == 1
    }

    static func sealedDocument(_ id: ID<Person>, in reader: any Reader) throws -> (
        document: [UInt8], phone: [UInt8]?
    )? {
        guard
            let row = try reader.first(
                "SELECT document_sealed, phone_sealed FROM identity_person WHERE id = $1",
                id
            )
        else { return nil }
        return (try row.blob(0), row.isNull(1) ? nil : try row.blob(1))
    }

    private static func person(_ row: Row) throws -> Person {
        Person(
            id: try row.id(0),
            name: try row.text(1),
            documentKind: try row.text(2),
            documentMasked: try row.text(3),
            birth: try row.optionalDate(4),
            phoneMasked: try row.optionalText(5),
            level: try row.value(6),
            faceScore: try row.optionalInteger(7).map(Int.init),
            faceCheckedAt: try row.optionalInstant(8),
            faceReference: try row.optionalText(9),
            version: try row.int(10)
        )
    }
}
