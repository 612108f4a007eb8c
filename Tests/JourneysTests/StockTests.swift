import Audit
import CompanyNames
import Credentials
import Foundation
import Identity
import Kernel
import Registers
import Stock
import Storage
import TestSupport
import Testing

@testable import Server

/// A bureau's own stock: tried, taken over, taken up again after a kill, and counted against its source.
@Suite("stock of another register")
struct StockTests {
    private static let examples = "demo/stock"

    private struct Sample {
        let desk: StockDesk
        let maintenance: Maintenance
        let town: DemoTown

        func run() async throws -> StockRun {
            try await desk.run(occasion: maintenance.stockOccasion(purpose: "包府办〔2026〕1号"))
        }

        func reconcile() async throws -> StockReconciliation {
            try await desk.reconcile(occasion: maintenance.stockOccasion(purpose: "包府办〔2026〕2号"))
        }

        /// What a trial finds, as `line code`.
        func found() async throws -> [String] {
            var found: [String] = []
            _ = try await desk.trial(sink: { _, findings in
                found += findings.map { "\($0.line) \($0.code)" }
            })
            return found
        }
    }

    /// A desk over rows that a test writes, on each engine.
    private func each(
        _ bytes: [UInt8],
        mapping: String,
        _ body: @Sendable (Sample) async throws -> Void
    ) async throws {
        try await eachMaintained { town, maintenance, folder in
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/rows"))
            let file = try StockFile(path: "\(folder)/rows")
            let desk = try await maintenance.stock(file, mapping: mapping, named: "mapping.yaml")
            try await body(Sample(desk: desk, maintenance: maintenance, town: town))
        }
    }

    private func each(example: String, _ body: @Sendable (Sample) async throws -> Void) async throws {
        let home = try Home.find()
        let ending = example == "licences" ? "jsonl" : "csv"
        let rows = try Data(
            contentsOf: URL(fileURLWithPath: home.resource("\(Self.examples)/\(example).\(ending)"))
        )
        let yaml = try String(
            contentsOfFile: home.resource("\(Self.examples)/\(example).yaml"),
            encoding: .utf8
        )
        try await each(Array(rows), mapping: yaml, body)
    }

    private static let people = """
        kind: person
        source: 原人口库
        row: [编号]
        unknown: ["1900-01-01"]
        fields:
          name: {column: 姓名}
          document: {column: 身份证号}
          birth: {column: 出生日期, dates: [yyyy-MM-dd, yyyyMMdd]}
        """

    @Test("enterprises in GBK: kept with their source, not as our grant, and equal to it at the end")
    func enterprises() async throws {
        try await each(example: "enterprises") { sample in
            #expect(sample.desk.encoding == .gbk)
            let found = try await sample.found()
            #expect(found == ["3 stock.converted"])
            let run = try await sample.run()
            #expect((run.kept, run.there, run.leftOut) == (5, 0, 0))
            let (entries, subject, enterprise) = try await sample.town.platform.database.read { reader in
                let code = "91150203MA00000158"
                return (
                    try RegisterStore.entries(of: code, in: reader),
                    try #require(try RegisterStore.find(code, in: reader)),
                    try #require(try Enterprises.find(code, in: reader))
                )
            }
            #expect(entries.map(\.act) == [.takeOver])
            #expect(entries.first?.caseID == "import:\(run.id)")
            #expect(subject.items["source"].text == "包头市原登记系统 2026-10-31 导出")
            #expect(subject.items["oldNumber"].text == "150203000000001")
            #expect(subject.items["capitalFen"].int == 100_000_000)
            #expect(subject.establishedOn.description == "2003-11-06")
            #expect(enterprise.state == .active && enterprise.name == subject.name)
            let reconciliation = try await sample.reconcile()
            #expect(reconciliation.isEqual)
            try await staysWhole(sample.town)
        }
    }

    @Test("a file that is written to, or changed for another, after it was tried is taken over no further")
    func changed() async throws {
        try await eachMaintained { town, maintenance, folder in
            let path = "\(folder)/rows"
            let rows = "编号,姓名,身份证号,出生日期\n1,张大山,150203197501031236,1975-01-03\n"
            func desk() async throws -> StockDesk {
                try Data(rows.utf8).write(to: URL(fileURLWithPath: path))
                return try await maintenance.stock(
                    StockFile(path: path),
                    mapping: Self.people,
                    named: "mapping.yaml"
                )
            }
            let written = try await desk()
            let trial = try await written.trial()
            #expect(trial.rows == 1)
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data("2,李四,150203197501031244,1975-01-03\n".utf8))
            try handle.close()
            let occasion = maintenance.stockOccasion(purpose: "1号")
            await #expect(throws: StockError.changed(file: "rows")) {
                try await written.run(occasion: occasion)
            }
            let replaced = try await desk()
            try FileManager.default.removeItem(atPath: path)
            await #expect(throws: StockError.changed(file: "rows")) { try await replaced.trial() }
            await #expect(throws: StockError.changed(file: "rows")) {
                try await replaced.run(occasion: occasion)
            }
            let begun = try await town.platform.database.read {
                try $0.number("SELECT COUNT(*) FROM stock_import")
            }
            #expect(begun == 0)
            let same = try await desk().run(occasion: occasion)
            #expect(same.kept + same.leftOut == 1)
        }
    }

    @Test("a name that was taken over is nobody else's any more, and one that was cancelled is free")
    func names() async throws {
        try await each(example: "enterprises") { sample in
            _ = try await sample.run()
            let names = try await sample.town.platform.database.read { reader in
                try ["91150203MA00000158", "91150203MA000004XM"].map {
                    try NameLibrary.names(of: $0, in: reader).map(\.text)
                }
            }
            #expect(names == [["包头市青穹软件有限公司"], []])
        }
    }

    @Test("people: a number of 15 digits is made one of 18, an unknown day stays unknown")
    func persons() async throws {
        try await each(example: "persons") { sample in
            let found = try await sample.found()
            #expect(found == ["3 stock.converted"])
            let run = try await sample.run()
            #expect(run.kept == 3)
            let reconciliation = try await sample.reconcile()
            #expect(reconciliation.isEqual)
            try await staysWhole(sample.town)
        }
        let passport = """
            编号,姓名,证件类型,号码,出生日期
            1,张三,passport,E12345678,1900-01-01

            """
        let mapping = Self.people.replacing("身份证号}", with: "号码}\n  documentKind: {column: 证件类型}")
        try await each(Array(passport.utf8), mapping: mapping) { sample in
            _ = try await sample.run()
            let unknown = try await sample.town.platform.database.read {
                try $0.number("SELECT COUNT(*) FROM identity_person WHERE name = '张三' AND birth IS NULL")
            }
            #expect(unknown == 1)
        }
    }

    @Test("licences: kept with their issuer and unsigned, in the log")
    func licences() async throws {
        try await each(example: "licences") { sample in
            let found = try await sample.found()
            #expect(found == ["1 stock.no-holder", "2 stock.no-holder"])
            let run = try await sample.run()
            #expect(run.kept == 2)
            let kept = try await sample.town.platform.database.read { reader in
                try TakenLicences.find(
                    number: "食经许〔2019〕0002",
                    type: "food",
                    issuer: "青山区市场监督管理局",
                    in: reader
                )
            }
            let licence = try #require(kept)
            #expect(licence.state == .cancelled && licence.validUntil == nil)
            #expect(licence.source == "青山区原许可系统 2026-10-31 导出")
            let reconciliation = try await sample.reconcile()
            #expect(reconciliation.isEqual)
            try await staysWhole(sample.town)
        }
    }

    @Test("a draft names rows by a column of distinct values, and leaves a real day in doubt to the official")
    func draft() async throws {
        try await withTemporaryFolder { folder in
            let people = "姓名,编号,出生日期\n张丽华,1,1970-01-01\n张丽华,2,1900-01-01\n"
            try Data(people.utf8).write(to: URL(fileURLWithPath: "\(folder)/people.csv"))
            let home = try Home.find()
            let day = try #require(LocalDate(parsing: "2026-03-02"))
            let file = try StockFile(path: "\(folder)/people.csv")
            let profile = try Maintenance.profile(file, home: home, on: day)
            let names = try Maintenance.columnNames(of: .person, home: home)
            let draft = profile.draft(of: .person, names: names)
            #expect(draft.contains("row: [\"编号\"]"), "\(draft)")
            #expect(
                draft.contains("unknown: [\"1900-01-01\"]") && draft.contains("# ? \"1970-01-01\""),
                "\(draft)"
            )
        }
    }

    @Test("what is wrong with people is told apart")
    func wrongPeople() async throws {
        let rows = """
            编号,姓名,身份证号,出生日期
            1,王小敏,150203198001010016,
            2,王小明,150203198001010016,
            3,张丽华,150203199005050029,
            4,张丽华,15020319900505002,
            5,,150203199005050028,
            6,赵志强,150203750101123,
            7,赵志强,150203750101131,
            8,孙美玲,150203198506150030,20001301
            9,孙美玲,150203198506150030,
            10,孙美玲,150203198506150030
            11,钱多多,150203199505050024,2999-01-01
            12,孙美玲,150203198506150030,
            13,钱多多,150203199005050028,1990-05-06

            """
        try await each(Array(rows.utf8), mapping: Self.people) { sample in
            let found = try await sample.found()
            #expect(
                found == [
                    "2 stock.same-document", "3 stock.same-document", "4 citizen-id.check",
                    "5 citizen-id.length",
                    "6 stock.missing", "7 stock.converted", "7 stock.suspect", "8 stock.converted",
                    "8 stock.suspect", "9 stock.bad-date", "11 stock.row-width",
                    "12 stock.future-date", "13 stock.repeated-person",
                    "14 stock.birth-differs",
                ]
            )
            let run = try await sample.run()
            // The two of one name and one birth date are both kept; who is twice in the file is kept once.
            #expect((run.kept, run.leftOut) == (3, 10))
            let reconciliation = try await sample.reconcile()
            #expect(!reconciliation.isEqual && reconciliation.groups.allSatisfy(\.isEqual))
            #expect(reconciliation.groups.map(\.leftOut).reduce(0, +) == 10)
            // Who is in the file twice lacks nothing.
            #expect(reconciliation.leftOut.values.flatMap(\.self).sorted() == [2, 3, 4, 5, 6, 9, 11, 12, 14])
            #expect(reconciliation.leftOut["stock.same-document"] == [2, 3])
        }
    }

    @Test("conflicting codes and numbers of enterprises are errors")
    func conflicts() async throws {
        let mapping = """
            kind: enterprise
            source: 原登记系统
            row: [注册号]
            fields:
              code: {column: 代码}
              oldNumber: {column: 注册号}
              register: {value: company}
              name: {column: 名称}
              state: {column: 状态, codes: {在业: active}}
              region: {value: "150203"}
              established: {column: 成立}
              capital: {column: 资本, unit: wan}
            """
        let rows = """
            注册号,代码,名称,状态,成立,资本
            1,91150203MA00000158,包头市甲有限公司,在业,2001-01-01,10
            2,91150203MA00000158,包头市乙有限公司,在业,2001-01-01,10
            3,91150203MA00000233,包头市丙有限公司,在业,2001-01-01,10
            3,91150203MA0000031X,包头市丁有限公司,在业,2001-01-01,10
            5,91150203MA0000058N,包头市戊有限公司,在业,2001-01-01,10
            6,91150203MA0000058,包头市己有限公司,在业,2001-01-01,10
            7,91150203MA0000066G,包头市庚有限公司,迁出,2001-01-01,1.2345678
            8,91150203MA0000074B,包头市辛有限公司,在业,,10
            9,91150203MA00000826,包头市壬有限公司,在业,2001-01-01,0.5

            """
        try await each(Array(rows.utf8), mapping: mapping) { sample in
            let found = try await sample.found()
            #expect(
                found == [
                    "2 stock.same-code", "3 stock.same-code", "4 stock.same-old-number",
                    "5 stock.same-old-number", "6 credit-code.check", "7 credit-code.length",
                    "8 stock.unknown-code", "8 stock.bad-number", "9 stock.missing",
                ]
            )
            let run = try await sample.run()
            #expect(run.kept == 1)
        }
    }

    @Test("run again it doubles nothing, and another file with the same rows finds them there")
    func again() async throws {
        try await each(example: "persons") { sample in
            _ = try await sample.run()
            let second = try await sample.run()
            #expect((second.kept, second.there) == (3, 0))
            let found = try await sample.found()
            #expect(found.filter { $0.hasSuffix("stock.there") }.count == 3)
        }
    }

    @Test("two runs at once double nothing: one of them stops, or finds it done")
    func together() async throws {
        try await each(example: "enterprises") { sample in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do { _ = try await sample.run() } catch {
                            #expect(error as? StockError == .otherRun, "\(error)")
                        }
                    }
                }
            }
            let run = try await sample.run()
            #expect((run.kept, run.there) == (5, 0))
            let reconciliation = try await sample.reconcile()
            #expect(reconciliation.isEqual)
        }
    }

    /// Another file at the same town.
    private func found(in rows: String, mapping: String, beside sample: Sample, folder: String) async throws
        -> [String]
    {
        let path = "\(folder)/\(UUID().uuidString)"
        try Data(rows.utf8).write(to: URL(fileURLWithPath: path))
        let desk = try await sample.maintenance.stock(
            StockFile(path: path),
            mapping: mapping,
            named: "mapping.yaml"
        )
        return try await Sample(desk: desk, maintenance: sample.maintenance, town: sample.town).found()
    }

    @Test("what is here of somebody else is told, of whatever kind it is")
    func conflictsWithKept() async throws {
        try await each(example: "enterprises") { sample in
            try await withTemporaryFolder { folder in
                _ = try await sample.run()
                let enterprise = """
                    kind: enterprise
                    source: 另一系统
                    row: [代码]
                    fields:
                      code: {column: 代码, legacy: accept}
                      oldNumber: {column: 注册号}
                      register: {value: company}
                      name: {column: 名称}
                      state: {value: active}
                      region: {value: "150203"}
                      established: {value: "2001-01-01"}
                    """
                let rows = """
                    代码,注册号,名称
                    91150203MA00000158,1,包头市改名有限公司
                    91150203MA00000233,,包头市云帆商贸有限公司
                    91150203MA0000066G,150203000000001,包头市庚有限公司
                    91150203MA0000074C,9,包头市辛有限公司

                    """
                let found = try await found(in: rows, mapping: enterprise, beside: sample, folder: folder)
                #expect(
                    found == [
                        "2 stock.code-kept", "3 stock.there", "4 stock.old-number-kept",
                        "5 stock.legacy-code",
                    ]
                )
            }
        }
        try await each(example: "persons") { sample in
            try await withTemporaryFolder { folder in
                _ = try await sample.run()
                let rows = """
                    编号,姓名,身份证号,出生日期
                    1,王大敏,150203198001010016,
                    2,王小敏,15020219800101001X,

                    """
                let found = try await found(in: rows, mapping: Self.people, beside: sample, folder: folder)
                #expect(found == ["2 stock.document-kept", "3 stock.suspect-kept"])
            }
        }
        try await each(example: "licences") { sample in
            try await withTemporaryFolder { folder in
                _ = try await sample.run()
                let licence = """
                    kind: licence
                    source: 另一系统
                    row: [number]
                    fields:
                      number: {column: number}
                      type: {value: food}
                      name: {value: 食品经营许可证}
                      holder: {column: holder}
                      holderName: {column: holderName}
                      issuer: {value: 青山区市场监督管理局}
                      state: {value: valid}
                    """
                let rows = """
                    number,holder,holderName
                    食经许〔2019〕0001,91150203MA00000158,包头市青穹软件有限公司

                    """
                let found = try await found(in: rows, mapping: licence, beside: sample, folder: folder)
                #expect(found == ["2 stock.number-kept"])
            }
        }
    }

    @Test("what the source said is sealed while it is kept, and goes after its time")
    func forgotten() async throws {
        try await each(example: "persons") { sample in
            _ = try await sample.run()
            let database = sample.town.platform.database
            let kept = try await database.read { reader -> [String] in
                let statement: StaticString = "SELECT source FROM stock_row WHERE line = 2"
                let rows = try reader.query(statement, []) + reader.unopened.query(statement, [])
                return try rows.map { try $0.text(0) }
            }
            #expect(kept.map { $0.contains("150203198001010016") } == [true, false])
            sample.town.clock.set(sample.town.platform.clock.now + 1_200 * Instant.day)
            let gone = try await sample.town.platform.housekeeping.run()
            #expect(gone["stock"] == 3)
            let left = try await database.read {
                try $0.number("SELECT COUNT(*) FROM stock_row WHERE source <> ''")
            }
            #expect(left == 0)
            let still = try await sample.reconcile()
            #expect(still.isEqual, "what became of the rows is still known")
        }
    }

    /// The log bears out everything that was taken over, and the server is ready.
    private func staysWhole(_ town: DemoTown) async throws {
        try await town.platform.keeper.round()
        let tables = try await TableComparison(of: town.platform.database, max: 100)
        #expect(tables.altered.map(\.subject) == [])
    }
}
