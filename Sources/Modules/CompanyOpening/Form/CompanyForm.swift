public import CompanyNames
public import Kernel

/// The form of an opening, read by its paths (Docs/formats/company-form.md). Holds no copy: it reads the data.
public struct CompanyForm: Sendable {
    public let data: JSON

    public init(_ data: JSON) { self.data = data }

    public enum Kind: String, Sendable, CaseIterable {
        case llc, soleTrader
    }

    public var kind: Kind { data["type"].text.flatMap(Kind.init(rawValue:)) ?? .llc }
    public var district: String { data["district"].text ?? "" }
    public var fullName: String? { data["name"]["full"].text }
    public var hasName: Bool { kind == .llc || data["name"]["hasName"].bool == true }
    public var capital: Int64 { data["capital"].int ?? 0 }
    public var scope: [String] { data["scope"].elements.compactMap(\.text) }
    /// Words for which the catalogue of phrases has none, one business each.
    public var freeScope: [String] {
        func isEdge(_ character: Character) -> Bool { character.isWhitespace || character == "。" }
        return (data["scopeFree"].text ?? "").split { $0.isNewline || "；;".contains($0) }.map { words in
            String(words.drop(while: isEdge).reversed().drop(while: isEdge).reversed())
        }.filter { !$0.isEmpty }
    }
    public var reservation: String? { data["name"]["reservation"].text }

    /// The parts of the name as the name library reads them.
    public var nameParts: NameParts {
        let name = data["name"]
        let place: NameParts.DivisionPlace =
            switch name["order"].text {
            case "divisionAfterBrand": .afterBrand
            case "divisionAfterTrade": .afterTrade
            default: .first
            }
        return NameParts(
            division: name["division"].text ?? "",
            brand: name["brand"].text ?? "",
            trade: name["trade"].text ?? "",
            form: name["form"].text ?? "",
            divisionPlace: place
        )
    }

    /// The name on the licence; a sole trader without one goes by his own name.
    public var registeredName: String {
        hasName ? (fullName ?? nameParts.text) : (data["operator"]["name"].text ?? "")
    }

    /// Members of the family who take part in the business; nobody where one person runs it, whatever an earlier
    /// answer left in the form.
    public var familyMembers: [JSON] {
        kind == .soleTrader && data["operation"].text == "family" ? data["familyMembers"].elements : []
    }

    public func joined(_ service: String) -> String { data["joined"][service]["choice"].text ?? "none" }

    /// The address in one line, as licence and letters write it.
    public func addressLine(regionName: (String) -> String) -> String {
        let place = data["address"]
        let banner = place["banner"].text ?? district
        let parts = [
            place["township"].text, place["village"].text, place["detail"].text ?? place["landmark"].text,
        ]
        return regionName(banner) + parts.compactMap { $0 }.joined()
    }
}
