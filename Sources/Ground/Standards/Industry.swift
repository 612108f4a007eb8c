import Kernel

/// A class of GB/T 4754-2017: section (a letter), division (2 digits), group (3) or class (4).
public struct Industry: Hashable, Sendable {
    public enum Level: Int, Sendable, CaseIterable {
        /// 门类, 大类, 中类, 小类.
        case section = 1, division, group, `class`
    }

    public let level: Level
    public let code: String
    public let parent: String?
    /// The letter of its section, A...T.
    public let section: String
    public let name: String
}

public struct IndustryTable: Sendable {
    public let all: [Industry]
    private let byCode: [String: Industry]
    private let byParent: [String: [Industry]]

    init(home: Home) throws(StandardsError) {
        let table = try TabTable(
            "industries.tsv",
            home: home,
            columns: ["level", "code", "parent", "section", "name_zh"]
        )
        let all = try table.map { (row: TabRow) throws(StandardsError) -> Industry in
            guard let level = Industry.Level(rawValue: try row.integer("level")) else {
                throw row.bad("level is 1...4")
            }
            return Industry(
                level: level,
                code: row.text("code"),
                parent: row.optional("parent"),
                section: row.text("section"),
                name: row.text("name_zh")
            )
        }
        self.all = all
        byCode = Dictionary(all.map { ($0.code, $0) }) { first, _ in first }
        byParent = Dictionary(grouping: all.filter { $0.parent != nil }) { $0.parent ?? "" }
    }

    public subscript(code: String) -> Industry? { byCode[code] }

    public func children(of code: String) -> [Industry] { byParent[code] ?? [] }

    /// From the section down to the class itself; empty for an unknown code.
    public func path(to code: String) -> [Industry] {
        var path: [Industry] = []
        var current = byCode[code]
        while let industry = current {
            path.insert(industry, at: 0)
            current = industry.parent.flatMap { byCode[$0] }
        }
        return path
    }

    public func count(_ level: Industry.Level) -> Int { all.count { $0.level == level } }
}
