import ArchivePackages
import Kernel
import Storage

/// The rows of renewed time stamps, and where the last stamp of each archive stands.
enum RenewalStore {
    /// The renewals of an archive, the first first.
    static func of(_ archive: ID<Archive>, in reader: any Reader) throws -> [KeptRenewal] {
        try reader.query(
            """
            SELECT number, stamped_at, ends_at, maker, renewal_bytes, entry FROM archive_renewal
            WHERE archive = $1 ORDER BY number
            """,
            archive
        ).map { row in
            guard let renewal = ArchiveRenewal(bytes: Array(try row.text(4).utf8)) else {
                throw ArchiveError.damaged
            }
            return KeptRenewal(
                archive: archive,
                number: try row.int(0),
                stampedAt: try row.instant(1),
                ends: try row.instant(2),
                maker: try row.text(3),
                renewal: renewal,
                entry: try row.text(5)
            )
        }
    }

    static func insert(_ renewal: KeptRenewal, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO archive_renewal (archive, number, stamped_at, ends_at, maker, renewal_bytes, entry)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            renewal.archive,
            renewal.number,
            renewal.stampedAt,
            renewal.ends,
            renewal.maker,
            String(decoding: renewal.renewal.bytes, as: UTF8.self),
            renewal.entry
        )
        try setStanding(of: renewal.archive, (renewal.maker, renewal.ends), in: tx)
    }

    static func setStanding(
        of id: ID<Archive>,
        _ standing: (maker: String, limit: Instant),
        in tx: any Transaction
    ) throws {
        try tx.send(
            "UPDATE archive_archive SET stamp_ends = $2, stamp_maker = $3 WHERE id = $1",
            id,
            standing.limit,
            standing.maker
        )
    }

    static func standing(of id: ID<Archive>, in reader: any Reader) throws -> (maker: String, limit: Instant)?
    {
        let row = try reader.first(
            "SELECT stamp_ends, stamp_maker FROM archive_archive WHERE id = $1 AND stamp_ends IS NOT NULL",
            id
        )
        return try row.map { (try $0.text(1), try $0.instant(0)) }
    }

    /// Kept ones of which nobody has looked yet where their stamp stands.
    static func unknown(limit: Int, in reader: any Reader) throws -> [Archive] {
        try reader.query(
            """
            SELECT id, case_id, region, applicant, sealed_at, index_bytes, seal_bytes, digest, size_bytes, package, entry,
                state, row_version, body
            FROM archive_archive WHERE state = 'kept' AND stamp_ends IS NULL ORDER BY id LIMIT $1
            """,
            limit
        ).map(ArchiveStore.archive)
    }

    /// Where a walk over archives goes on: behind this maker, or end, and this archive.
    struct Place: Hashable, Sendable {
        var maker = ""
        var end = Instant(milliseconds: .min)
        var id = ""
    }

    /// Kept ones whose last stamp was given by makers from that of the place on and before another.
    static func makers(
        from place: Place,
        before end: String,
        limit: Int,
        in reader: any Reader
    ) throws -> [(Archive, Place)] {
        try reader.query(
            """
            SELECT id, case_id, region, applicant, sealed_at, index_bytes, seal_bytes, digest, size_bytes, package, entry,
                state, row_version, body, stamp_maker
            FROM archive_archive
            WHERE state = 'kept' AND stamp_maker >= $1 AND stamp_maker < $2 AND (stamp_maker > $1 OR id > $3)
            ORDER BY stamp_maker, id LIMIT $4
            """,
            place.maker,
            end,
            place.id,
            limit
        ).map { row in
            let archive = try ArchiveStore.archive(row)
            return (archive, Place(maker: try row.text(14), id: archive.id.rawValue))
        }
    }

    /// Kept ones whose last stamp ends before a moment, the first end first.
    static func ending(
        from place: Place,
        before end: Instant,
        limit: Int,
        in reader: any Reader
    ) throws -> [(Archive, Place)] {
        try reader.query(
            """
            SELECT id, case_id, region, applicant, sealed_at, index_bytes, seal_bytes, digest, size_bytes, package, entry,
                state, row_version, body, stamp_ends
            FROM archive_archive
            WHERE state = 'kept' AND stamp_ends >= $1 AND stamp_ends < $2 AND (stamp_ends > $1 OR id > $3)
            ORDER BY stamp_ends, id LIMIT $4
            """,
            place.end,
            end,
            place.id,
            limit
        ).map { row in
            let archive = try ArchiveStore.archive(row)
            return (archive, Place(end: try row.instant(14), id: archive.id.rawValue))
        }
    }

    /// How many kept ones wait for another stamp, at most `limit`: those of other makers than the present one, and
    /// those that end before a moment.
    static func countDue(
        otherThan maker: String,
        endingBefore end: Instant,
        limit: Int,
        in reader: any Reader
    ) throws -> Int {
        let row = try reader.first(
            """
            SELECT COUNT(*) FROM (
                SELECT id FROM archive_archive WHERE state = 'kept' AND stamp_ends IS NULL
                UNION SELECT id FROM archive_archive WHERE state = 'kept' AND stamp_maker < $1
                UNION SELECT id FROM archive_archive WHERE state = 'kept' AND stamp_maker > $1
                UNION SELECT id FROM archive_archive WHERE state = 'kept' AND stamp_ends < $2
                LIMIT $3) AS due
            """,
            maker,
            end,
            limit
        )
        return try row?.int(0) ?? 0
    }

    static func count(since moment: Instant, in reader: any Reader) throws -> Int {
        try reader.first("SELECT COUNT(*) FROM archive_renewal WHERE stamped_at >= $1", moment)?.int(0) ?? 0
    }
}
