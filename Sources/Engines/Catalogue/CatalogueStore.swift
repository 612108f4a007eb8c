import Audit
import Jobs
public import Kernel
public import Storage

/// Published versions: their rows and their files.
public enum CatalogueStore {
    /// Publishes a folder as the next version of its system, with its log entry and the event
    /// `catalogue.published`. Read and check the definition before (`PublishedSystems.prepare`): parsing has no place in
    /// a transaction.
    /// - Parameters:
    ///   - region: where it holds; the whole region when not named.
    ///   - effective: not before today.
    /// - Throws: `CatalogueError.unchanged` when the newest version there has the same files and already holds then.
    public static func publish(
        _ folder: SystemFolder,
        system: String,
        region: String = "150000",
        effective: LocalDate,
        note: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> CatalogueVersion {
        guard effective >= occasion.now.date else { throw CatalogueError.effectiveInThePast(effective) }
        let newest = try versions(of: system, in: tx).first
        let digest = folder.digest
        if let newest, newest.digest == digest, newest.region == region, newest.withdrawnAt == nil,
            newest.effective <= effective
        {
            throw CatalogueError.unchanged(system: system, number: newest.number)
        }
        let version = CatalogueVersion(
            id: occasion.newID(),
            system: system,
            number: (newest?.number ?? 0) + 1,
            region: region,
            effective: effective,
            digest: digest,
            note: note,
            publishedAt: occasion.now,
            publishedBy: occasion.actor.id,
            withdrawnAt: nil,
            withdrawnWhy: nil
        )
        try tx.send(
            """
            INSERT INTO catalogue_version
                (id, system, number, region, effective, digest, note, published_at, published_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            version.id,
            system,
            version.number,
            region,
            effective,
            digest,
            note,
            occasion.now,
            occasion.actor.id
        )
        for path in folder.paths {
            let content = folder.files[path] ?? []
            let fileDigest = SystemFolder.digest(of: content)
            try tx.send(
                "INSERT INTO catalogue_blob (digest, content) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
                fileDigest,
                content
            )
            try tx.send(
                "INSERT INTO catalogue_file (version, path, digest) VALUES ($1, $2, $3)",
                version.id,
                path,
                fileDigest
            )
        }
        try record("catalogue.published", version, occasion, tx)
        return version
    }

    /// Takes a version out of use: new cases then start with the one before it. Running cases keep it.
    public static func withdraw(
        _ id: ID<CatalogueVersion>,
        why: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> CatalogueVersion {
        guard !why.isEmpty else { throw CatalogueError.reasonMissing }
        guard let version = try find(id, in: tx) else { throw CatalogueError.noSuchVersion }
        let changed = try tx.execute(
            """
            UPDATE catalogue_version SET withdrawn_at = $2, withdrawn_by = $3, withdrawn_why = $4
            WHERE id = $1 AND withdrawn_at IS NULL
            """,
            id,
            occasion.now,
            occasion.actor.id,
            why
        )
        guard changed == 1 else { throw CatalogueError.alreadyWithdrawn(number: version.number) }
        try record("catalogue.withdrawn", version, occasion, tx)
        return try find(id, in: tx) ?? version
    }

    private static func record(
        _ act: String,
        _ version: CatalogueVersion,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        let facts: JSON = [
            "system": .string(version.system), "version": .string(version.id.rawValue),
            "number": JSON(version.number), "region": .string(version.region),
            "effective": .string(version.effective.description), "digest": .string(version.digest),
        ]
        try AuditLog.append(act, object: "system:\(version.system)", after: facts, occasion: occasion, in: tx)
        try Outbox.emit(act, object: "system:\(version.system)", payload: facts, occasion: occasion, in: tx)
    }

    /// All versions of a system, newest first, at most a thousand.
    public static func versions(of system: String, in reader: any Reader) throws -> [CatalogueVersion] {
        try reader.query(
            """
            SELECT id, system, number, region, effective, digest, note, published_at, published_by, withdrawn_at,
                withdrawn_why
            FROM catalogue_version WHERE system = $1 ORDER BY number DESC LIMIT 1000
            """,
            system
        ).map(version)
    }

    public static func find(_ id: ID<CatalogueVersion>, in reader: any Reader) throws -> CatalogueVersion? {
        try reader.first(
            """
            SELECT id, system, number, region, effective, digest, note, published_at, published_by, withdrawn_at,
                withdrawn_why
            FROM catalogue_version WHERE id = $1
            """,
            id
        ).map(version)
    }

    /// The version with which a case starts in a region on a day: of the nearest region that has one (banner, league,
    /// region) the one that took effect last.
    public static func current(
        _ system: String,
        region: String = "150000",
        on date: LocalDate,
        in reader: any Reader
    ) throws -> CatalogueVersion? {
        for code in DatedLimits.chain(region) {
            let row = try reader.first(
                """
                SELECT id, system, number, region, effective, digest, note, published_at, published_by, withdrawn_at,
                    withdrawn_why
                FROM catalogue_version
                WHERE system = $1 AND region = $2 AND effective <= $3 AND withdrawn_at IS NULL
                ORDER BY effective DESC, number DESC LIMIT 1
                """,
                system,
                code,
                date
            )
            if let row { return try version(row) }
        }
        return nil
    }

    /// Systems that have a version in force on a day, by identifier.
    public static func published(on date: LocalDate, in reader: any Reader) throws -> [String] {
        try reader.query(
            """
            SELECT DISTINCT system FROM catalogue_version
            WHERE effective <= $1 AND withdrawn_at IS NULL ORDER BY system
            """,
            date
        ).map { try $0.text(0) }
    }

    /// The files of a version, as published.
    /// - Throws: `CatalogueError.damaged` when stored bytes do not match their digest.
    public static func folder(of id: ID<CatalogueVersion>, in reader: any Reader) throws -> SystemFolder {
        var files: [String: [UInt8]] = [:]
        let rows = try reader.query(
            """
            SELECT f.path, f.digest, b.content FROM catalogue_file f
            JOIN catalogue_blob b ON b.digest = f.digest WHERE f.version = $1
            """,
            id
        )
        for row in rows {
            let path = try row.text(0)
            let content = try row.blob(2)
            guard SystemFolder.digest(of: content) == (try row.text(1)) else {
                throw CatalogueError.damaged(path: path)
            }
            files[path] = content
        }
        guard !files.isEmpty else { throw CatalogueError.noSuchVersion }
        return SystemFolder(files: files)
    }

    private static func version(_ row: Row) throws -> CatalogueVersion {
        CatalogueVersion(
            id: try row.id(0),
            system: try row.text(1),
            number: try row.int(2),
            region: try row.text(3),
            effective: try row.date(4),
            digest: try row.text(5),
            note: try row.text(6),
            publishedAt: try row.instant(7),
            publishedBy: try row.text(8),
            withdrawnAt: try row.optionalInstant(9),
            withdrawnWhy: try row.optionalText(10)
        )
    }
}
