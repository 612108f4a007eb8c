import ArchivePackages
import Cases
import Kernel
import Storage

/// The rows of archives.
enum ArchiveStore {
    static func insert(_ archive: Archive, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO archive_archive (id, number, version, case_id, case_number, item, region, applicant, closed_at,
                sealed_at, keep_until, index_bytes, seal_bytes, digest, size_bytes, package, entry, state, row_version,
                body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
            """,
            archive.id,
            archive.number,
            archive.index.version,
            archive.caseID,
            archive.index.matter.number,
            archive.index.matter.item,
            archive.region,
            archive.applicant,
            archive.index.matter.closedAt,
            archive.sealedAt,
            archive.index.retention.until?.description,
            String(decoding: archive.index.bytes, as: UTF8.self),
            String(decoding: archive.seal, as: UTF8.self),
            archive.digest,
            archive.sizeBytes,
            archive.package,
            archive.entry,
            archive.state.rawValue,
            archive.version,
            archive.body
        )
    }

    static func find(_ id: ID<Archive>, in reader: any Reader) throws -> Archive? {
        try reader.first(
            """
            SELECT id, case_id, region, applicant, sealed_at, index_bytes, seal_bytes, digest, size_bytes, package, entry,
                state, row_version, body
            FROM archive_archive WHERE id = $1
            """,
            id
        ).map(archive)
    }

    /// The same, with the row locked until the transaction ends.
    static func lock(_ id: ID<Archive>, in tx: any Transaction) throws -> Archive? {
        try tx.first(
            """
            SELECT id, case_id, region, applicant, sealed_at, index_bytes, seal_bytes, digest, size_bytes, package, entry,
                state, row_version, body
            FROM archive_archive WHERE id = $1 FOR UPDATE
            """,
            id
        ).map(archive)
    }

    /// All packages of a case, the first first.
    static func of(_ id: ID<Case>, in reader: any Reader) throws -> [Archive] {
        try reader.query(
            """
            SELECT id, case_id, region, applicant, sealed_at, index_bytes, seal_bytes, digest, size_bytes, package, entry,
                state, row_version, body
            FROM archive_archive WHERE case_id = $1 ORDER BY version
            """,
            id
        ).map(archive)
    }

    /// By the archive's number.
    static func numbered(_ number: String, in reader: any Reader) throws -> [Archive] {
        try reader.query(
            """
            SELECT id, case_id, region, applicant, sealed_at, index_bytes, seal_bytes, digest, size_bytes, package, entry,
                state, row_version, body
            FROM archive_archive WHERE number = $1 ORDER BY version LIMIT 100
            """,
            number
        ).map(archive)
    }

    /// The latest closed first.
    static func list(_ search: ArchiveSearch, limit: Int, in reader: any Reader) throws -> [Archive] {
        func newYear(_ year: Int) -> Instant? { LocalDate(year: year, month: 1, day: 1).map { Instant($0) } }
        let first = search.year.flatMap(newYear) ?? Instant(milliseconds: 0)
        let next = search.year.flatMap { newYear($0 + 1) } ?? Instant(milliseconds: .max)
        return try reader.query(
            """
            SELECT id, case_id, region, applicant, sealed_at, index_bytes, seal_bytes, digest, size_bytes, package, entry,
                state, row_version, body
            FROM archive_archive
            WHERE region >= $1 AND region < $2 AND closed_at >= $3 AND closed_at < $4 AND ($5 = '' OR item = $5)
            ORDER BY closed_at DESC, id DESC LIMIT $6
            """,
            search.low,
            search.high,
            first,
            next,
            search.item ?? "",
            limit
        ).map(archive)
    }

    /// Kept ones whose term as it was sealed ended before a day and that nothing holds, the oldest term first.
    /// - Parameter last: the last of the page before.
    static func due(
        _ day: LocalDate,
        low: String,
        high: String,
        after last: Archive?,
        limit: Int,
        in reader: any Reader
    ) throws -> [Archive] {
        try reader.query(
            """
            SELECT id, case_id, region, applicant, sealed_at, index_bytes, seal_bytes, digest, size_bytes, package, entry,
                state, row_version, body
            FROM archive_archive
            WHERE state = 'kept' AND keep_until IS NOT NULL AND keep_until < $1 AND region >= $2 AND region < $3
                AND (keep_until > $4 OR (keep_until = $4 AND id > $5))
                AND NOT EXISTS (SELECT 1 FROM archive_hold h
                    WHERE h.archive = archive_archive.id AND h.lifted_at IS NULL)
            ORDER BY keep_until, id LIMIT $6
            """,
            day.description,
            low,
            high,
            last?.index.retention.until?.description ?? "",
            last?.id.rawValue ?? "",
            limit
        ).map(archive)
    }

    /// Whether the columns by which an archive is found and falls due say what its index says.
    static func isFoundRightly(_ archive: Archive, in reader: any Reader) throws -> Bool {
        let index = archive.index
        let row = try reader.first(
            """
            SELECT number, version, case_number, item, closed_at, keep_until FROM archive_archive WHERE id = $1
            """,
            archive.id
        )
        guard let row else { return false }
        return try row.text(0) == index.number && row.int(1) == index.version
            && row.text(2) == index.matter.number && row.text(3) == index.matter.item
            && row.instant(4) == index.matter.closedAt
            && row.optionalText(5) == index.retention.until?.description
    }

    /// Takes the files' place out of the row; index, seal and digests stay.
    static func dispose(_ id: ID<Archive>, in tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE archive_archive SET state = 'disposed', package = NULL, row_version = row_version + 1
            WHERE id = $1 AND state = 'kept'
            """,
            id
        )
    }

    /// Of the columns that each statement here names first, in this order.
    static func archive(_ row: Row) throws -> Archive {
        guard let index = ArchiveIndex(bytes: Array(try row.text(5).utf8)) else { throw ArchiveError.damaged }
        return Archive(
            id: try row.id(0),
            caseID: try row.id(1),
            index: index,
            seal: Array(try row.text(6).utf8),
            region: try row.text(2),
            body: try row.text(13),
            applicant: try row.text(3),
            sealedAt: try row.instant(4),
            digest: try row.text(7),
            sizeBytes: try row.int(8),
            package: try row.optionalText(9),
            entry: try row.text(10),
            state: try row.value(11),
            version: try row.int(12)
        )
    }
}
