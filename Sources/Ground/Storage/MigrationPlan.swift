/// What is still to be done to a schema: the migrations of the program compared with those the database knows.
package struct MigrationPlan {
    /// The table in which a database remembers its migrations. The statements are kept as they were applied: two
    /// texts are compared, not two digests, so that what was edited can be seen.
    package static let table: StaticString = """
        CREATE TABLE IF NOT EXISTS suban_migration (
            target TEXT NOT NULL, number BIGINT NOT NULL, statements TEXT NOT NULL, PRIMARY KEY (target, number))
        """
    package static let applied: StaticString = "SELECT target, number, statements FROM suban_migration"
    package static let record: StaticString =
        "INSERT INTO suban_migration (target, number, statements) VALUES ($1, $2, $3)"

    /// Not applied yet, in the order in which they have to run.
    package let missing: [Migration]

    /// Compares with `applied`, the rows of `MigrationPlan.applied`.
    /// - Throws: `schema`, in one line, when numbers have a gap, when an applied migration has another text now,
    ///   or when a newer program changed the database in a way that this one cannot live with.
    package init(_ migrations: [Migration], applied: [Row]) throws(StorageError) {
        var known: [String: [Int: String]] = [:]
        var breaking: [String: Int] = [:]
        for row in applied {
            let (target, number) = (try row.text(0), try row.int(1))
            let isAdditive = target.hasSuffix(Migration.additiveMark)
            known[isAdditive ? String(target.dropLast()) : target, default: [:]][number] = try row.text(2)
            if !isAdditive { breaking[target] = max(number, breaking[target, default: 0]) }
        }
        var latest: [String: Int] = [:]
        var missing: [Migration] = []
        for migration in migrations {
            let (target, number) = (migration.target, migration.number)
            guard number == latest[target, default: 0] + 1 else {
                throw .schema(
                    "migration \(number) of \(target) does not follow \(latest[target, default: 0])"
                )
            }
            latest[target] = number
            guard let text = known[target]?[number] else {
                missing.append(migration)
                continue
            }
            guard text == migration.text else {
                throw .schema(
                    "migration \(number) of \(target) was changed after it had been applied; "
                        + "put its text back and write a new migration"
                )
            }
        }
        for (target, number) in latest.sorted(by: { $0.key < $1.key }) {
            guard let newest = breaking[target], newest > number else { continue }
            throw .schema(
                "the database has migration \(newest) of \(target), this program knows \(number); "
                    + "start the newer program, or restore a backup made by this one"
            )
        }
        self.missing = missing
    }
}

extension Migration {
    /// Ends the target under which an additive step is remembered. Programs from before there were such steps look for
    /// targets that they know, and pass it by.
    fileprivate static let additiveMark = "+"

    /// The target under which the step is remembered.
    package var remembered: String { isAdditive ? target + Self.additiveMark : target }

    /// All statements as one text, as it is remembered.
    package var text: String { statements.map(\.description).joined(separator: ";\n") }
}
