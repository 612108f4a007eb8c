import CompanyNames
import Kernel
import Storage

/// The reference tables with which the engines start.
extension Engines {
    static func referenceTables(
        _ settings: PlatformSettings,
        on day: LocalDate,
        database: any Database
    ) async throws -> [String: ReferenceTable] {
        if settings.isPrepared, let read = settings.shared?.tables(on: day) { return read }
        let read = try await referenceTables(on: day, database: database)
        if settings.isPrepared { settings.shared?.keep(read, on: day) }
        return read
    }

    static func referenceTables(
        on day: LocalDate,
        database: any Database
    ) async throws -> [String: ReferenceTable] {
        try await database.read { reader in
            var tables: [String: ReferenceTable] = [:]
            for schema in ReferenceSchema.all {
                tables[schema.kind] = try ReferenceImport.table(schema.kind, on: day, in: reader)
            }
            return tables
        }
    }
}
