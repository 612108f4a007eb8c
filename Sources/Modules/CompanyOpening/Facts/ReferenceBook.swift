public import CompanyNames
import Foundation
public import Kernel

/// The reference tables an opening looks things up in, indexed once: scope phrases, places, negative addresses,
/// zones. A bureau replaces the samples by its own files; `replace` brings them to everybody who holds a copy.
public struct ReferenceBook: Sendable {
    private struct Pages: Sendable {
        let phrases: [String: [ReferenceRow]]
        let places: [String: [ReferenceRow]]
        let negative: [String: [ReferenceRow]]
        let zones: [String: [ReferenceRow]]
    }

    private let shelf: Shelf<Pages>
    private var phrases: [String: [ReferenceRow]] { shelf.current.phrases }
    private var places: [String: [ReferenceRow]] { shelf.current.places }
    private var negative: [String: [ReferenceRow]] { shelf.current.negative }
    private var zones: [String: [ReferenceRow]] { shelf.current.zones }

    /// - Parameter tables: by kind, such as `scope-phrases`; a missing one counts as empty, so that what it would
    ///   have answered is unknown.
    public init(tables: [String: ReferenceTable]) {
        func index(_ kind: String, by column: String) -> [String: [ReferenceRow]] {
            Dictionary(grouping: tables[kind]?.rows ?? []) { $0[column] }
        }
        shelf = Shelf(
            Pages(
                phrases: index("scope-phrases", by: "code"),
                places: index("places", by: "region"),
                negative: index("negative-addresses", by: "region"),
                zones: index("zones", by: "zone")
            )
        )
    }

    /// Every copy of this book shows the tables of `other` from now on.
    public func replace(by other: ReferenceBook) { shelf.replace(by: other.shelf.current) }

    /// The scope phrase in force on `date`.
    public func phrase(_ code: String, on date: LocalDate) -> ReferenceRow? {
        phrases[code]?.first { $0.isInForce(on: date) }
    }

    public func phrases(on date: LocalDate) -> [ReferenceRow] {
        phrases.values.flatMap { $0 }.filter { $0.isInForce(on: date) }.sorted { $0["code"] < $1["code"] }
    }

    /// The banners a development zone lies in.
    public func banners(ofZone zone: String) -> [String] { (zones[zone] ?? []).map { $0["region"] } }

    /// What the shared address data say of a place.
    public enum Place: Sendable, Equatable {
        case found
        /// A street or village that was renamed or dissolved; `now` is its successor, if one is known.
        case abolished(now: String)
        case notFound
        /// No address data for this banner: nobody can say.
        case unknown
    }

    /// Looks an address up by its settlement or street.
    public func place(_ address: JSON, on date: LocalDate) -> Place {
        let banner = address["banner"].text ?? ""
        guard let rows = places[banner], !rows.isEmpty else { return .unknown }
        if address["detail"].isNull, !address["landmark"].isNull, !address["latitude"].isNull {
            // A pastoral place without a number: the settlement must exist, the point says where.
            return rows.contains { isSettlement($0, address) && $0.isInForce(on: date) } ? .found : .notFound
        }
        let detail = address["detail"].text ?? ""
        let matches = rows.filter { row in
            row["sort"] == "settlement" ? isSettlement(row, address) : hasRoad(row, detail)
        }
        let roads = matches.filter { $0["sort"] != "settlement" }
        let best = roads.isEmpty ? matches : roads
        if best.contains(where: { $0.isInForce(on: date) }) { return .found }
        if let old = best.first { return .abolished(now: old["replaced_by"]) }
        return .notFound
    }

    private func isSettlement(_ row: ReferenceRow, _ address: JSON) -> Bool {
        row["sort"] == "settlement" && row["town"] == address["township"].text
            && (address["village"].text == nil || row["village"] == address["village"].text)
    }

    private func hasRoad(_ row: ReferenceRow, _ detail: String) -> Bool {
        guard !row["road"].isEmpty, detail.contains(row["road"]) else { return false }
        guard let from = row.int("number_from"), let to = row.int("number_to") else { return true }
        guard let number = Self.number(in: detail, after: row["road"]) else { return true }
        return (from...max(from, to)).contains(number)
    }

    /// Why an address stands on the negative list, or an empty text.
    public func negative(_ address: JSON, on date: LocalDate) -> String {
        let detail = address["detail"].text ?? ""
        let hit = negative[address["banner"].text ?? ""]?.first { row in
            row.isInForce(on: date) && !row["road"].isEmpty && detail.contains(row["road"])
                && (row["number"].isEmpty
                    || Self.number(in: detail, after: row["road"]) == Int(row["number"]))
        }
        return hit?["reason_zh"] ?? ""
    }

    /// The first number after a street's name: `新华东街26号2号楼` gives 26.
    static func number(in text: String, after road: String) -> Int? {
        guard let range = text.range(of: road) else { return nil }
        let digits = text[range.upperBound...].drop { !$0.isASCII || !$0.isNumber }.prefix {
            $0.isASCII && $0.isNumber
        }
        return Int(digits)
    }
}
