import Kernel

/// A service item of the region's list (事项), as the reference file gives it.
public struct ServiceItem: Hashable, Sendable {
    /// `001`.
    public let sequence: String
    public let name: String
    /// 行政许可, 行政确认 …
    public let type: ItemType
    public let department: String
    /// 法人, 自然人 or both.
    public let target: String
    public let legalBasis: String
    /// Nil where no statute sets a period.
    public let statutoryDays: Int?
    /// 工作日 or 自然日.
    public let dayUnit: String
    /// 0 means on the spot (即办件).
    public let promisedDays: Int?
    public let materialsCount: Int?
    public let onlineDepth: String
    public let handlingKind: String
    public let theme: String
    public let exerciseLevels: [String]
    public let onsiteVisits: Int?
    public let hasFee: Bool
    public let resultDocument: String
    public let certainty: String
}

/// The kind of a service item, two digits (standards.md 2.1).
public enum ItemType: String, Sendable, CaseIterable {
    case licence = "01"
    case penalty = "02"
    case coercion = "03"
    case levy = "04"
    case payment = "05"
    case inspection = "06"
    case confirmation = "07"
    case reward = "08"
    case ruling = "09"
    case otherPower = "10"
    case publicService = "20"
}

/// Several items under one roof (“一件事”).
public struct ItemBundle: Hashable, Sendable {
    public let code: String
    public let name: String
    public let target: String
    /// Names of items, in order.
    public let components: [String]
    /// 0 means on the spot.
    public let promisedDays: Int
    public let leadDepartment: String
    public let certainty: String
}

/// Items and bundles.
public struct ItemTable: Sendable {
    public let all: [ServiceItem]
    public let bundles: [ItemBundle]
    private let byName: [String: ServiceItem]

    init(home: Home) throws(StandardsError) {
        let table = try TabTable(
            "items.tsv",
            home: home,
            columns: [
                "seq", "name", "type_code", "dept_class", "target", "legal_basis", "statutory_days",
                "day_unit",
                "promised_days", "materials_count", "online_depth", "handling_kind", "theme",
                "exercise_levels",
                "onsite_visits", "fee", "result_document", "certainty",
            ]
        )
        all = try table.map { (row: TabRow) throws(StandardsError) -> ServiceItem in
            guard let type = ItemType(rawValue: row.text("type_code")) else {
                throw row.bad("type_code is not known")
            }
            return ServiceItem(
                sequence: row.text("seq"),
                name: row.text("name"),
                type: type,
                department: row.text("dept_class"),
                target: row.text("target"),
                legalBasis: row.text("legal_basis"),
                statutoryDays: Int(row.text("statutory_days")),
                dayUnit: row.text("day_unit"),
                promisedDays: Int(row.text("promised_days")),
                materialsCount: Int(row.text("materials_count")),
                onlineDepth: row.text("online_depth"),
                handlingKind: row.text("handling_kind"),
                theme: row.text("theme"),
                exerciseLevels: row.text("exercise_levels").split(separator: "/").map(String.init),
                onsiteVisits: Int(row.text("onsite_visits")),
                hasFee: row.text("fee") == "是",
                resultDocument: row.text("result_document"),
                certainty: row.text("certainty")
            )
        }
        let bundleTable = try TabTable(
            "bundles.tsv",
            home: home,
            columns: [
                "code", "bundle_name", "target", "component_items", "promised_days", "lead_dept", "certainty",
            ]
        )
        bundles = try bundleTable.map { (row: TabRow) throws(StandardsError) -> ItemBundle in
            ItemBundle(
                code: row.text("code"),
                name: row.text("bundle_name"),
                target: row.text("target"),
                components: row.text("component_items").split(separator: ";").map(String.init),
                promisedDays: try row.integer("promised_days"),
                leadDepartment: row.text("lead_dept"),
                certainty: row.text("certainty")
            )
        }
        byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    }

    public func named(_ name: String) -> ServiceItem? { byName[name] }
}
