import Kernel

/// A department or other body that the source documents name.
public struct Agency: Hashable, Sendable {
    /// `NMSCJG`.
    public let code: String
    /// `内蒙古自治区市场监督管理局`.
    public let name: String
    /// `市场监管局`.
    public let shortName: String
    public let level: String
    public let kind: String
    public let note: String?
    public let certainty: String

    /// Whether the row stands for a group of bodies (`各有关部门`) and so can hold no post and decide nothing.
    public var isCollective: Bool { kind == "泛指" }
}

public struct AgencyTable: Sendable {
    public let all: [Agency]
    private let byCode: [String: Agency]

    /// The bodies of the source documents, then those that the platform needs besides (each says what for).
    init(home: Home) throws(StandardsError) {
        all = try Self.read("agencies.tsv", home: home) + Self.read("agencies-more.tsv", home: home)
        byCode = Dictionary(all.map { ($0.code, $0) }) { first, _ in first }
    }

    public subscript(code: String) -> Agency? { byCode[code] }

    /// By full or short name.
    public func named(_ name: String) -> Agency? { all.first { $0.name == name || $0.shortName == name } }

    private static func read(_ name: String, home: Home) throws(StandardsError) -> [Agency] {
        let table = try TabTable(
            name,
            home: home,
            columns: ["code", "full_name", "short_name", "level", "kind", "note", "certainty"]
        )
        return try table.map { (row: TabRow) throws(StandardsError) -> Agency in
            Agency(
                code: row.text("code"),
                name: row.text("full_name"),
                shortName: row.text("short_name"),
                level: row.text("level"),
                kind: row.text("kind"),
                note: row.optional("note"),
                certainty: row.text("certainty")
            )
        }
    }
}
