import Foundation
public import Kernel
import Standards

/// Which organisation may ask for which type under which item, and from when until when: data
/// (`licence-sharing.tsv`). What is not written there is not told.
public struct SharingGrants: Sendable {
    public struct Grant: Hashable, Sendable {
        /// As the caller's key names it.
        public let organisation: String
        /// The key of a type, or `*` for every one.
        public let type: String
        public let itemCode: String
        public let from: LocalDate
        /// The last day; nil is without end.
        public let until: LocalDate?
    }

    public let all: [Grant]

    private static let file = "licence-sharing.tsv"
    private static let columns = ["organisation", "type", "item_code", "from", "until", "basis"]

    /// - Throws: `SharingError.grants` with the line: a type that there is not, a day that is none.
    public init(home: Home, types: LicenceTypes) throws(SharingError) {
        do { try self.init(try TabTable(Self.file, home: home, columns: Self.columns), types) } catch {
            throw .grants("\(error)")
        }
    }

    /// - Parameter text: as the file has it.
    public init(text: String, types: LicenceTypes) throws(SharingError) {
        do { try self.init(try TabTable(Self.file, text: text, columns: Self.columns), types) } catch {
            throw .grants("\(error)")
        }
    }

    private init(_ table: TabTable, _ types: LicenceTypes) throws(StandardsError) {
        all = try table.map { (row: TabRow) throws(StandardsError) -> Grant in
            let type = row.text("type")
            guard type == "*" || types[type] != nil else { throw row.bad("type is not known") }
            let until = row.text("until")
            return Grant(
                organisation: row.text("organisation"),
                type: type,
                itemCode: row.text("item_code"),
                from: try row.date("from"),
                until: until.isEmpty ? nil : try row.date("until")
            )
        }
    }

    /// Whether a call may be told of licences of a type today.
    public func covers(_ type: String, _ call: SharingCall, on day: LocalDate) -> Bool {
        all.contains { grant in
            grant.organisation == call.organisation && grant.itemCode == call.itemCode
                && (grant.type == type || grant.type == "*") && grant.from <= day
                && grant.until.map { day <= $0 } ?? true
        }
    }
}
