import Kernel
import Standards

/// How divisions may be written in a name (企业名称登记管理规定, article 7; `RegionTable.nameForms`).
struct NameDivisions: Sendable {
    struct Form: Sendable, Hashable {
        let code: String
        /// A district without its city, or a zone without a division: known, but not allowed alone.
        let isAlone: Bool
    }

    private let forms: [String: Form]
    private let lengthMax: Int
    /// Names and short names of every division of county level and above.
    private let names: Set<String>
    private let shortNames: Set<String>

    init(_ regions: RegionTable) {
        var forms: [String: Form] = [:]
        var shortNames: Set<String> = []
        for region in regions.all {
            if region.kind == .district || region.isFunctionalArea {
                let alone = Form(code: region.code, isAlone: true)
                if forms[region.name] == nil { forms[region.name] = alone }
            }
            for form in regions.nameForms(of: region.code) {
                let allowed = Form(code: region.code, isAlone: false)
                forms[form] = allowed
                if region.level != .region {
                    for prefix in ["内蒙古", "内蒙古自治区"] where forms[prefix + form] == nil {
                        forms[prefix + form] = allowed
                    }
                }
            }
            if !region.isFunctionalArea { shortNames.insert(region.shortName) }
        }
        self.forms = forms
        self.shortNames = shortNames
        names = Set(regions.all.filter { !$0.isFunctionalArea }.map(\.name))
        lengthMax = forms.keys.map(\.count).max() ?? 0
    }

    subscript(text: String) -> Form? { forms[text] }

    /// The longest division with which the text begins, leaving at least `keeping` characters.
    func prefix(of text: [Character], keeping: Int) -> String? {
        let longest = min(lengthMax, text.count - keeping)
        guard longest >= 2 else { return nil }
        for length in stride(from: longest, through: 2, by: -1) {
            let candidate = String(text[0..<length])
            if forms[candidate] != nil { return candidate }
        }
        return nil
    }

    func isName(_ text: String) -> Bool { names.contains(text) }

    func isShortName(_ text: String) -> Bool { shortNames.contains(text) }

    /// A full name of a division inside the text, with its place.
    func name(inside text: [Character]) -> (name: String, position: Range<Int>)? {
        for start in text.indices {
            for length in stride(from: min(lengthMax, text.count - start), through: 3, by: -1) {
                let candidate = String(text[start..<start + length])
                if names.contains(candidate) { return (candidate, start..<start + length) }
            }
        }
        return nil
    }
}
