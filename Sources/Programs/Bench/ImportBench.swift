import Foundation
import Kernel
import Server
import Stock
import Storage
import StorageSQLite

/// Paper licences taken over from CSV, each held against its type, compared, logged and sealed, against a bare SQLite loop
/// that inserts the very rows which that wrote.
enum ImportBench {
    /// What taking a licence over writes.
    private static let tables = ["stock_import", "stock_row", "credential_taken", "audit_entry"]

    private static let mapping = """
        kind: licence
        source: bench
        row: [number]
        fields:
          number: {column: number}
          type: {value: food-operation}
          name: {value: 食品经营许可证}
          holder: {column: holder}
          holderName: {column: name}
          issuer: {value: 青山区市场监督管理局}
          region: {value: "150203"}
          state: {value: valid}
          validFrom: {column: from}
          on.premises: {column: premises}
          on.businessKind: {value: 餐饮服务经营者}
          on.scope: {value: 热食类食品制售；冷食类食品制售}
          on.legalRepresentative: {column: person}
        """

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let folder = "\(settings.folder)/import"
        let (licences, seconds) = try await take(settings, into: folder)
        let peer = "\(settings.folder)/import-bare.sqlite"
        let empty = try SQLiteDatabase(path: peer)
        try await empty.migrate(Schema.all)
        await empty.close()
        let bare = try LoadBench.bare(
            [
                "sqlite", "\(folder)/suban.sqlite", peer, String(SQLiteSettings.filling.writerCacheKiB),
                String(SQLiteSettings.filling.checkpointPages),
            ],
            tables: tables,
            home: settings.home
        )
        let rows = Double(bare.rows) / seconds
        return [
            BenchFigure(
                "import-licences.rows",
                rows,
                "rows/s",
                peer: "bare SQLite loop",
                against: bare.perSecond,
                note:
                    "\(licences) licences of CSV, \(Int(Double(licences) / seconds)) a second, \(bare.rows) rows; the loop wrote the same, a transaction for 10,000"
            )
        ]
    }

    private static func take(_ settings: BenchSettings, into folder: String) async throws -> (Int, Double) {
        let file = "\(settings.folder)/licences.csv"
        try write(settings.importRows, to: file)
        let installation = PlatformSettings(home: settings.home, folder: folder)
        let platform = try await Platform.open(installation)
        await platform.database.close()
        let maintenance = try await Maintenance(installation, by: Operator(user: "bench"))
        let desk = try await maintenance.stock(StockFile(path: file), mapping: mapping, named: "bench.yaml")
        let start = ContinuousClock.now
        let run = try await desk.run(occasion: maintenance.stockOccasion(purpose: "bench")) { _, done, rows in
            if done % 50_000 == 0 { settings.progress("import-licences: \(done) of \(rows)") }
        }
        let seconds = Stopwatch.seconds(since: start)
        await maintenance.close()
        guard run.kept == settings.importRows else {
            throw BenchFault("\(run.kept) licences of \(settings.importRows) were taken over")
        }
        return (run.kept, seconds)
    }

    private static func write(_ count: Int, to path: String) throws {
        var text = "number,holder,name,from,premises,person\n"
        for index in 1...count {
            text += "JY\(index),91150203MA0000058M,包头市某某餐饮有限公司,2024-03-01,包头市青山区\(index)号,张三\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
