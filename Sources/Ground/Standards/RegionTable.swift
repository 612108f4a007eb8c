import Kernel

/// The divisions of Inner Mongolia, those it once had, and the provinces that an identity number may begin with.
public struct RegionTable: Sendable {
    /// In the file's order: the region, its leagues each followed by its banners, then functional areas.
    public let all: [Region]
    public let former: [FormerRegion]
    /// `15` → `内蒙古自治区`: the first two digits of an identity number (GB/T 2260; 81-83 residence permits).
    public let provinces: [String: String]
    private let byCode: [String: Region]
    private let formerByCode: [String: FormerRegion]
    private let byParent: [String: [Region]]

    init(home: Home) throws(StandardsError) {
        let table = try TabTable(
            "regions.tsv",
            home: home,
            columns: [
                "code", "name_zh", "short_zh", "level", "kind", "parent", "name_en", "name_pinyin",
                "name_mn_latin",
                "name_mn_script", "lat", "lon", "note", "certainty",
            ]
        )
        let all = try table.map { (row: TabRow) throws(StandardsError) -> Region in
            guard let level = Region.Level(rawValue: try row.integer("level")) else {
                throw row.bad("level is 1, 2 or 3")
            }
            guard let kind = Region.Kind(rawValue: row.text("kind")) else {
                throw row.bad("kind is not known")
            }
            return Region(
                code: row.text("code"),
                name: row.text("name_zh"),
                shortName: row.text("short_zh"),
                level: level,
                kind: kind,
                parent: row.optional("parent"),
                englishName: row.text("name_en"),
                pinyin: row.text("name_pinyin"),
                mongolianLatin: row.optional("name_mn_latin"),
                mongolian: row.optional("name_mn_script"),
                latitude: try row.double("lat"),
                longitude: try row.double("lon"),
                note: row.optional("note"),
                certainty: row.text("certainty")
            )
        }
        let formerTable = try TabTable(
            "regions-former.tsv",
            home: home,
            columns: ["code", "name", "last_listed", "successors", "certainty"]
        )
        let former = try formerTable.map { (row: TabRow) throws(StandardsError) -> FormerRegion in
            FormerRegion(
                code: row.text("code"),
                name: row.text("name"),
                lastListed: try row.date("last_listed"),
                successors: row.text("successors").split(separator: ",").map(String.init),
                certainty: row.text("certainty")
            )
        }
        let provinceTable = try TabTable("provinces.tsv", home: home, columns: ["code", "name"])
        let provinces = try provinceTable.map { (row: TabRow) throws(StandardsError) -> (String, String) in
            (row.text("code"), row.text("name"))
        }
        self.all = all
        self.former = former
        self.provinces = Dictionary(provinces) { first, _ in first }
        byCode = Dictionary(all.map { ($0.code, $0) }) { first, _ in first }
        formerByCode = Dictionary(former.map { ($0.code, $0) }) { first, _ in first }
        byParent = Dictionary(grouping: all.filter { $0.parent != nil }) { $0.parent ?? "" }
    }

    /// - Parameter code: six digits, or twelve of which the first six count.
    public subscript(code: String) -> Region? {
        byCode[code] ?? (code.utf8.count == 12 ? byCode[String(code.prefix(6))] : nil)
    }

    public func former(_ code: String) -> FormerRegion? { formerByCode[code] }

    /// Divisions directly below; functional areas come last.
    public func children(of code: String) -> [Region] { byParent[code] ?? [] }

    /// The twelve leagues and cities.
    public var leagues: [Region] { all.filter { $0.level == .league } }

    /// The 103 banners, counties, cities and districts, without functional areas.
    public var banners: [Region] { all.filter { $0.level == .banner && !$0.isFunctionalArea } }

    public var functionalAreas: [Region] { all.filter(\.isFunctionalArea) }

    /// The league of a banner, or the league itself; nil for the region and for unknown codes.
    public func league(of code: String) -> Region? {
        guard let region = self[code] else { return nil }
        switch region.level {
        case .region: return nil
        case .league: return region
        case .banner: return region.parent.flatMap { byCode[$0] }
        }
    }

    /// From the region down to the division itself; empty for an unknown code.
    public func path(to code: String) -> [Region] {
        var path: [Region] = []
        var current = self[code]
        while let region = current {
            path.insert(region, at: 0)
            current = region.parent.flatMap { byCode[$0] }
        }
        return path
    }

    /// `内蒙古自治区包头市昆都仑区`.
    public func fullName(of code: String) -> String { path(to: code).map(\.name).joined() }

    /// Whether `code` is `ancestor` or lies inside it.
    public func contains(_ ancestor: String, _ code: String) -> Bool {
        path(to: code).contains { $0.code == ancestor }
    }

    /// The division's own part of an enterprise name, in the forms that are allowed (企业名称登记管理规定, article 7: a
    /// district of a city only together with the city; a functional area only with a division). The longest form
    /// of each division stands first.
    public func nameForms(of code: String) -> [String] {
        guard let region = self[code] else { return [] }
        let own = Self.forms(of: region)
        guard region.kind == .district || region.isFunctionalArea else { return own }
        guard let parent = region.parent.flatMap({ byCode[$0] }) else { return [] }
        return Self.forms(of: parent).flatMap { city in own.map { city + $0 } }
    }

    /// Finds divisions by their name, with or without that of their league before it: `昆都仑区`, `包头市昆都仑区`.
    public func named(_ name: String) -> [Region] {
        all.filter { region in
            if region.name == name { return true }
            guard name.hasSuffix(region.name) else { return false }
            let before = name.dropLast(region.name.count)
            guard let parent = region.parent.flatMap({ byCode[$0] }) else { return false }
            return before == parent.name || fullName(of: parent.code) == before
        }
    }

    private static func forms(of region: Region) -> [String] {
        var forms = [region.name]
        switch region.kind {
        case .autonomousRegion: forms.append(region.shortName)
        case .prefectureCity, .countyCity, .county:
            let bare = String(region.name.dropLast())
            if bare.count >= 2 { forms.append(bare) }
        case .league, .district, .banner, .autonomousBanner, .functionalArea: break
        }
        return forms
    }
}
