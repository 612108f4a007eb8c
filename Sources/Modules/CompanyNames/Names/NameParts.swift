/// The four parts of an enterprise's name (企业名称登记管理规定, article 6): division, brand, trade, form.
///
/// All parts are normalised text (`NameText`). A sole trader's name has the same parts.
public struct NameParts: Hashable, Sendable, Codable {
    /// Where the division stands. Standing in brackets does not make a name different.
    public enum DivisionPlace: String, Hashable, Sendable, Codable, CaseIterable {
        case first, afterBrand, afterTrade
    }

    /// 行政区划, such as `内蒙古`, `呼和浩特市`, `呼和浩特市新城区`; empty when the name carries none.
    public var division: String
    /// 字号, at least two Chinese characters.
    public var brand: String
    /// 行业或经营特点, such as `科技`; empty when the name carries none.
    public var trade: String
    /// 组织形式, such as `有限公司`.
    public var form: String
    public var divisionPlace: DivisionPlace

    public init(
        division: String,
        brand: String,
        trade: String,
        form: String,
        divisionPlace: DivisionPlace = .first
    ) {
        self.division = division
        self.brand = brand
        self.trade = trade
        self.form = form
        self.divisionPlace = divisionPlace
    }

    /// The whole name. A division that does not stand first is put into full-width brackets.
    public var text: String {
        let inner = division.isEmpty ? "" : "（\(division)）"
        switch divisionPlace {
        case .first: return division + brand + trade + form
        case .afterBrand: return brand + inner + trade + form
        case .afterTrade: return brand + trade + inner + form
        }
    }
}

/// Whose name it is: the form and the rules of the name follow from it.
public enum NameSubject: String, Hashable, Sendable, Codable, CaseIterable {
    /// 有限责任公司
    case limitedCompany = "limited-company"
    /// 个体工商户
    case soleTrader = "sole-trader"
}

/// A name that somebody wants, with what the checks must know about the wish.
public struct NameProposal: Hashable, Sendable {
    public var parts: NameParts
    public var subject: NameSubject
    /// The library in which the name must be alone: the six-digit code of the authority's region, from
    /// `Jurisdiction` (名称规定, article 17: "the same registration authority").
    public var scope: String
    /// Six digits of the county, banner or district of the address.
    public var region: String
    /// The GB/T 4754 class of the first scope phrase, when it is known already.
    public var industry: String?
    /// The account that applies. Another's reservation blocks, one's own does not.
    public var applicant: String
    /// Enterprises with which an investment relation is shown; the same brand is then allowed (article 17).
    public var kin: [String]
    /// Whether the business needs an approval before registration: the name is then kept for a year (article 18).
    public var needsApproval: Bool
    /// 民族文字名称, optional, entered by people (article 5).
    public var mongolian: String?

    public init(
        parts: NameParts,
        subject: NameSubject,
        scope: String,
        region: String,
        industry: String? = nil,
        applicant: String,
        kin: [String] = [],
        needsApproval: Bool = false,
        mongolian: String? = nil
    ) {
        self.parts = parts
        self.subject = subject
        self.scope = scope
        self.region = region
        self.industry = industry
        self.applicant = applicant
        self.kin = kin
        self.needsApproval = needsApproval
        self.mongolian = mongolian
    }
}
