import CompanyNames
import Credentials
public import Kernel
import Standards
public import Stock
import Storage

/// A bureau's own stock from the command line.
extension Maintenance {
    /// What a file holds, and how sources call the fields that it may become.
    public static func profile(_ file: StockFile, home: Home, on day: LocalDate) throws -> StockProfile {
        StockProfile(file, standards: try Standards(home: home), today: day)
    }

    /// How sources call the fields of a kind, the usual name first.
    public static func columnNames(of kind: StockKind, home: Home) throws -> [String: [String]] {
        let table = try TabTable("stock-columns.tsv", home: home, columns: ["kind", "field", "name"])
        let rows = try table.map { (row: TabRow) throws(StandardsError) in
            (kind: row.text("kind"), field: row.text("field"), name: row.text("name"))
        }
        return Dictionary(grouping: rows.filter { $0.kind == kind.rawValue }, by: \.field)
            .mapValues { $0.map(\.name) }
    }

    /// Where a file is tried, taken over and compared.
    /// - Parameter yaml: the mapping, from the file that is called `mappingFile`.
    /// - Throws: `InstallationError.neverServed`, and what `StockDesk` refuses.
    public func stock(_ file: StockFile, mapping yaml: String, named mappingFile: String) async throws
        -> StockDesk
    {
        let day = settings.clock.now.date
        let tables = try await Engines.referenceTables(on: day, database: database)
        return try stockDesk(file, mapping: yaml, named: mappingFile, tables: tables, on: day)
    }

    /// By itself: inside an asynchronous function the optimiser of Swift 6.3.1 ends with a fault of its own.
    @inline(never)
    private func stockDesk(
        _ file: StockFile,
        mapping yaml: String,
        named mappingFile: String,
        tables: [String: ReferenceTable],
        on day: LocalDate
    ) throws -> StockDesk {
        try StockDesk(
            file,
            mapping: yaml,
            named: mappingFile,
            database: database,
            standards: standards,
            types: LicenceTypes(home: settings.home),
            keys: identityKeys(),
            names: NameRules(
                tables: tables,
                standards: standards,
                language: Language(home: settings.home),
                terms: Engines.nameTerms(settings)
            ),
            jurisdiction: Jurisdiction(
                tables["jurisdiction"] ?? ReferenceTable(kind: "jurisdiction", rows: [])
            ),
            agency: settings.authority,
            batch: OperatingLimits(home: settings.home).value(.stockBatch, on: day),
            today: day
        )
    }

    /// In whose name and to what purpose stock is taken over.
    public func stockOccasion(purpose: String) -> Occasion { occasion("stock", purpose: purpose) }
}
