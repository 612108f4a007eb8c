import Credentials
import Foundation
import Kernel
import Stock
import Storage
import TestSupport
import Testing

@testable import Server

/// Paper licences of every type: from CSV, JSON lines and an array, each row held against its type.
@Suite("paper licences")
struct LicenceStockTests {
    private static let mapping = """
        kind: licence
        source: 原许可系统
        row: [编号]
        unknown: [不详]
        fields:
          number: {column: 编号}
          type: {column: 类型, codes: {食品: food-operation, 劳务: labour-dispatch}}
          name: {column: 名称}
          holder: {column: 主体}
          holderName: {column: 主体名称}
          issuer: {value: 青山区市场监督管理局}
          region: {value: "150203"}
          state: {value: valid}
          validFrom: {column: 起, dates: [yyyy年M月d日, yyyy-MM-dd]}
          on.premises: {column: 地址}
          on.address: {column: 住所}
          on.businessKind: {column: 业态}
          on.scope: {column: 项目}
          on.legalRepresentative: {column: 法人}
          on.capital: {column: 资本, unit: wan}
          on.matters: {column: 事项}
        """

    private static let header = "编号,类型,名称,主体,主体名称,起,地址,住所,业态,项目,法人,资本,事项\n"
    private static let food = "JY1,食品,食品经营许可证,91150203MA0000058M,某小吃店,2019年3月1日,青山区1号,,餐饮,热食；冷食,张三,,\n"
    private static let labour =
        "LW1,劳务,劳务派遣经营许可证,91150203MA00000158,某公司,2020-01-02,,昆区2号,,,李四,200,劳务派遣\n"

    private struct Sample {
        let desk: StockDesk
        let town: DemoTown
        let occasion: Occasion
    }

    private func each(
        _ text: String,
        mapping: String = mapping,
        _ body: @Sendable (Sample) async throws -> Void
    ) async throws {
        try await eachMaintained { town, maintenance, folder in
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/rows"))
            let desk = try await maintenance.stock(
                StockFile(path: "\(folder)/rows"),
                mapping: mapping,
                named: "m.yaml"
            )
            try await body(Sample(desk: desk, town: town, occasion: maintenance.stockOccasion(purpose: "1号")))
        }
    }

    private func found(_ sample: Sample) async throws -> [String] {
        var found: [String] = []
        _ = try await sample.desk.trial(sink: { _, findings in
            found += findings.filter { $0.code != "stock.no-holder" }.map {
                "\($0.line) \($0.column) \($0.code)"
            }
        })
        return found
    }

    @Test("rows of two types in one file are taken over with what stands on them, as their types have it")
    func kept() async throws {
        try await each(Self.header + Self.food + Self.labour) { sample in
            #expect(try await found(sample) == [])
            let run = try await sample.desk.run(occasion: sample.occasion)
            #expect((run.kept, run.leftOut) == (2, 0))
            let (food, labour) = try await sample.town.platform.database.read { reader in
                (
                    try TakenLicences.held(by: "91150203MA0000058M", in: reader).first?.fields,
                    try TakenLicences.held(by: "91150203MA00000158", in: reader).first?.fields
                )
            }
            #expect(
                food?["scope"] == ["热食", "冷食"] && food?["number"] == "JY1" && food?["premises"] == "青山区1号"
            )
            #expect(labour?["capital"] == 200_000_000 && labour?["matters"] == "劳务派遣")
            #expect(labour?["scope"].isNull == true)
            #expect(try await sample.desk.reconcile(occasion: sample.occasion).isEqual)
            let compared = try await TakenLicences.compareWithLog(in: sample.town.platform.database, max: 9)
            #expect(compared.count == 2 && compared.altered == [])
        }
    }

    @Test("each wrong field is named with its row and column, and stays out; the others are taken over")
    func wrong() async throws {
        let rows =
            Self.header + Self.food
            + "JY2,食品,食品经营许可证,91150203MA00000233,乙店,2019年3月1日,,,餐饮,热食,张三,,\n"
            + "JY3,食品,食品经营许可证,91150203MA00000158,丙店,2019年3月1日,3号,,餐饮,热食,张三,,派遣\n"
            + "LW4,劳务,劳务派遣经营许可证,91150203MA00000158,丁公司,2020-01-02,,4号,,,李四,二百,劳务派遣\n"
            + "XX5,烟草,其他,91150203MA00000158,戊店,2020-01-02,,4号,,,李四,1,x\n"
        try await each(rows) { sample in
            #expect(
                try await found(sample) == [
                    "3  licence.field-missing", "4 事项 licence.field-unknown", "5 资本 licence.field-amount",
                    "6 类型 stock.unknown-code",
                ]
            )
            let run = try await sample.desk.run(occasion: sample.occasion)
            #expect((run.kept, run.leftOut) == (1, 4))
        }
        let free = Self.mapping.replacing(", codes: {食品: food-operation, 劳务: labour-dispatch}", with: "")
        try await each(Self.header + Self.food, mapping: free) { sample in
            let found = try await found(sample)
            #expect(found == ["2  stock.unknown-type"])
        }
    }

    @Test("a mapping that names what its type does not have is refused before a row is read")
    func mapping() throws {
        let types = try LicenceTypes(home: Home.find())
        let fixed = Self.mapping.replacing(
            "{column: 类型, codes: {食品: food-operation, 劳务: labour-dispatch}}",
            with: "{value: food-operation}"
        )
        #expect(throws: StockError.unknownField(field: "on.address", kind: "food-operation")) {
            try StockMapping(yaml: fixed, file: "m.yaml", types: types)
        }
        #expect(throws: StockError.unknownField(field: "on.colour", kind: "licence")) {
            try StockMapping(yaml: Self.mapping + "\n  on.colour: {column: 地址}", file: "m.yaml", types: types)
        }
    }

    @Test("JSON lines and an array of objects, on one line or on many, give the same licences")
    func json() async throws {
        func object(_ number: String, braces: String = "") -> String {
            """
            {"编号": "\(number)", "类型": "食品", "名称": "食品经营许可证", "主体": "91150203MA0000058M", "主体名称": "某{\\"小}吃店\(braces)",
            "起": "2019-03-01", "地址": "1号", "住所": "", "业态": "餐饮", "项目": ["热食", "冷食"], "法人": "张三", "资本": null, "事项": ""}
            """
        }
        let flat = { (text: String) in text.replacing("\n", with: " ") }
        for text in [
            flat(object("A1")) + "\n" + flat(object("A2")) + "\n",
            "[" + flat(object("A1")) + "," + flat(object("A2")) + "]",
            "[\n  " + object("A1") + ",\n  " + object("A2", braces: "}}") + "\n]\n",
        ] {
            try await each(text) { sample in
                #expect(try await found(sample) == [])
                let run = try await sample.desk.run(occasion: sample.occasion)
                #expect(run.kept == 2, "\(text)")
                let held = try await sample.town.platform.database.read {
                    try TakenLicences.held(by: "91150203MA0000058M", in: $0)
                }
                #expect(held.map(\.number) == ["A1", "A2"] && held[0].fields["scope"] == ["热食", "冷食"])
            }
        }
        // An element that is no object, and an array that is cut off.
        try await each("[" + flat(object("A1")) + ",\n17,\n" + flat(object("A2"))) { sample in
            let found = try await found(sample)
            #expect(found == ["2  stock.row-json"])
            let run = try await sample.desk.run(occasion: sample.occasion)
            #expect(run.kept == 2)
        }
    }
}
