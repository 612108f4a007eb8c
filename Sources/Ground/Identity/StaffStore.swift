import Kernel
import Storage

/// Staff, posts and changes of authority.
enum StaffStore {
    static func insert(_ staff: Staff, in tx: any Transaction) throws {
        try tx.send(
            "INSERT INTO identity_staff (id, name, version) VALUES ($1, $2, 1)",
            staff.id,
            staff.name
        )
    }

    static func find(_ id: ID<Staff>, in reader: any Reader) throws -> Staff? {
        try reader.first("SELECT id, name, version FROM identity_staff WHERE id = $1", id).map { row in
            Staff(id: try row.id(0), name: try row.text(1), version: try row.int(2))
        }
    }

    /// Serialises changes to one member's posts.
    static func lock(_ id: ID<Staff>, in tx: any Transaction) throws -> Bool {
        try tx.first("SELECT id FROM identity_staff WHERE id = $1 FOR UPDATE", id) != nil
    }

    static func insert(_ post: Post, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO identity_post (id, staff, agency, region, role, from_day, until_day, basis)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            post.id,
            post.staff,
            post.agency,
            post.region,
            post.role.rawValue,
            post.from,
            post.until,
            post.basis
        )
    }

    static func end(_ id: ID<Post>, on day: LocalDate, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE identity_post SET until_day = $1 WHERE id = $2 AND (until_day IS NULL OR until_day > $1)",
            day,
            id
        ) == 1
    }

    static func post(_ id: ID<Post>, in reader: any Reader) throws -> Post? {
        try reader.first(
            "SELECT id, staff, agency, region, role, from_day, until_day, basis FROM identity_post WHERE id = $1",
            id
        ).map(post)
    }

    static func posts(of staff: ID<Staff>, in reader: any Reader) throws -> [Post] {
        try reader.query(
            """
            SELECT id, staff, agency, region, role, from_day, until_day, basis FROM identity_post
            WHERE staff = $1 ORDER BY from_day, id
            """,
            staff
        ).map(post)
    }

    static func holders(
        agency: String,
        region: String,
        role: StaffRole,
        on day: LocalDate,
        in reader: any Reader
    ) throws -> [Post] {
        try reader.query(
            """
            SELECT id, staff, agency, region, role, from_day, until_day, basis FROM identity_post
            WHERE agency = $1 AND region = $2 AND role = $3 AND from_day <= $4
                AND (until_day IS NULL OR until_day >= $4) ORDER BY id LIMIT 500
            """,
            agency,
            region,
            role.rawValue,
            day
        ).map(post)
    }

    static func insert(_ change: AuthorityChange, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO identity_authority (id, kind, matter, agency, region_prefix, to_agency, to_region, from_day,
                until_day, basis) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            change.id,
            change.kind.rawValue,
            change.matter,
            change.agency,
            change.regionPrefix,
            change.toAgency,
            change.toRegion,
            change.from,
            change.until,
            change.basis
        )
    }

    static func endChange(_ id: String, on day: LocalDate, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE identity_authority SET until_day = $1 WHERE id = $2 AND (until_day IS NULL OR until_day > $1)",
            day,
            id
        ) == 1
    }

    static func changes(in reader: any Reader) throws -> [AuthorityChange] {
        try reader.query(
            """
            SELECT id, kind, matter, agency, region_prefix, to_agency, to_region, from_day, until_day, basis
            FROM identity_authority ORDER BY from_day, id LIMIT 10000
            """
        ).map { row in
            AuthorityChange(
                id: try row.text(0),
                kind: try row.value(1),
                matter: try row.text(2),
                agency: try row.text(3),
                regionPrefix: try row.text(4),
                toAgency: try row.text(5),
                toRegion: try row.text(6),
                from: try row.date(7),
                until: try row.optionalDate(8),
                basis: try row.text(9)
            )
        }
    }

    private static func post(_ row: Row) throws -> Post {
        Post(
            id: try row.id(0),
            staff: try row.id(1),
            agency: try row.text(2),
            region: try row.text(3),
            role: try row.value(4),
            from: try row.date(5),
            until: try row.optionalDate(6),
            basis: try row.text(7)
        )
    }
}
