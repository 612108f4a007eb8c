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
        ),
        "business-licence": SheetContent(texts: [
            "code": "91150105MA0Q8XYZ1K", "name": "内蒙古敕勒川草原食品有限责任公司",
            "type": "有限责任公司（自然人投资或控股）", "legal-representative": "巴特尔",
            "scope": "许可项目：食品经营；道路货物运输（不含危险货物）。（依法须经批准的项目，经相关部门批准后方可开展经营活动）一般项目：食用农产品批发。",
            "capital": "伍佰万元整", "founded": "2026年11月22日", "address": "内蒙古自治区呼和浩特市赛罕区大学西街235号",
            "authority": "呼和浩特市赛罕区市场监督管理局", "registered": "2026年11月22日",
            "link": "https://suban.example/v/1", "copy": "1-1", "title-mn": "ᠠᠵᠤ ᠠᠬᠤᠢ ᠶᠢᠨ ᠦᠨᠡᠮᠯᠡᠯ",
        ]),
        "certificate": SheetContent(
            texts: [
                "title": "居住证明", "title-mn": "ᠰᠠᠭᠤᠭᠰᠠᠨ ᠤ ᠭᠡᠷᠡᠴᠢᠯᠡᠯ", "number": "JZ1501052026000123",
                "identifier": "1.2.156.3005.2.11100000000013338W011",
                "body": "兹证明乌兰图雅女士自二〇二三年三月一日起在本辖区居住，符合《居住证暂行条例》规定的申领条件。",
                "issuer": "呼和浩特市公安局赛罕区分局", "issued": "2026年11月22日", "link": "https://suban.example/v/2",
            ],
            lists: [
                "fields": [["label": "姓名", "value": "乌兰图雅"], ["label": "有效期限", "value": "2027年11月21日"]]
            ]
        ),
        "notice": SheetContent(
            texts: [
                "agency": "呼和浩特市赛罕区行政审批和政务服务局", "title": "准予行政许可决定书",
                "number": "赛审准字〔2026〕第0123号", "addressee": "内蒙古敕勒川草原食品有限责任公司",
                "body": (1...12).map {
                    "\($0)．经审查，申请材料齐全、符合法定形式，经营场所布局、设备设施符合规定，予以认可。根据《中华人民共和国行政许可法》第三十八条第一款的规定，现决定准予许可。"
                }
                .joined(separator: "\n"),
                "issuer": "呼和浩特市赛罕区行政审批和政务服务局", "issued": "2026年11月22日",
                "link": "https://suban.example/v/3", "identifier": "赛审准字〔2026〕第0123号",
            ],
            lists: ["materials": [["name": "经营场所平面图", "count": "1", "note": "由申请人上传"]]]
        ),
    ]
}

extension Sheet {
    /// The text of each page in the order of painting, a line for each run.
    var texts: [String] {
        pages.map { page in
            (page.marks + page.notes).compactMap { if case .text(let run) = $0 { run.text } else { nil } }
                .joined(separator: "\n")
        }
    }
}
