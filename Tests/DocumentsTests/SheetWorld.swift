import Documents
import Foundation
import Kernel

/// Typefaces, templates and contents to make sheets of.
struct SheetWorld {
    static let resources =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Resources/documents").path

    let typefaces: Typefaces
    let typesetter: Typesetter

    init() throws {
        typefaces = try Typefaces(file: "\(Self.resources)/typefaces.tsv")
        typesetter = try Typesetter(typefaces)
    }

    static func template(_ name: String) throws -> SheetTemplate {
        try SheetTemplate(contentsOf: "\(resources)/sheets/\(name).yaml")
    }

    func sheet(_ name: String) throws -> Sheet {
        try Self.template(name).sheet(Self.contents[name] ?? SheetContent(), by: typesetter)
    }

    static let description = DocumentDescription(
        id: "8f3c1d5e9a1b4c7d8e2f001122334455",
        title: "食品经营许可证 <A&B>",
        author: "呼和浩特市赛罕区行政审批和政务服务局",
        created: Instant(LocalDate(dayNumber: 20_500), hour: 10),
        fields: [("ZZMC", "食品经营许可证"), ("ZZBH", "JY11501050012345")]
    )

    static let contents: [String: SheetContent] = [
        "licence": SheetContent(
            texts: [
                "title": "食品经营许可证", "title-mn": "ᠬᠦᠨᠡᠰᠦᠨ ᠦ ᠠᠵᠤ ᠠᠬᠤᠢ ᠶᠢᠨ ᠵᠥᠪᠰᠢᠶᠡᠷᠡᠯ",
                "number": "JY11501050012345",
                "identifier": "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
                "issuer": "呼和浩特市赛罕区行政审批和政务服务局", "issued": "2026年11月22日",
                "valid": "自2026年11月22日至2031年11月21日", "link": "https://suban.example/v/20230000403",
            ],
            lists: [
                "fields": [
                    ["label": "经营者名称", "value": "内蒙古敕勒川草原食品有限责任公司"],
                    ["label": "法定代表人", "value": "巴特尔·㛃𬭎"],
                    [
                        "label": "经营项目",
                        "value": "预包装食品（含冷藏冷冻食品）销售；散装食品（含冷藏冷冻食品、不含熟食）销售；特殊食品销售",
                    ],
                ]
            ]
        )
    ]
}
