public import Kernel

/// One administrative division of GB/T 2260, or a functional area (development zone and the like).
public struct Region: Hashable, Sendable {
    public enum Level: Int, Sendable, CaseIterable, Comparable {
        /// 自治区.
        case region = 1
        /// 盟市: nine prefecture-level cities and three leagues.
        case league = 2
        /// 旗县市区, and the functional areas beside them.
        case banner = 3

        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    public enum Kind: String, Sendable, CaseIterable {
        case autonomousRegion = "自治区"
        case prefectureCity = "地级市"
        case league = "盟"
        case district = "市辖区"
        case countyCity = "县级市"
        case county = "县"
        case banner = "旗"
        case autonomousBanner = "自治旗"
        case functionalArea = "功能区"
    }

    /// Six digits of GB/T 2260. Functional areas have six digits of the statistical coding, or a private code that
    /// ends in `X`; neither may ever enter a credit code.
    public let code: String
    /// `昆都仑区`.
    public let name: String
    /// `昆都仑`.
    public let shortName: String
    public let level: Level
    public let kind: Kind
    /// Nil for the autonomous region.
    public let parent: String?
    public let englishName: String
    public let pinyin: String
    public let mongolianLatin: String?
    /// Traditional Mongolian script, where it is known.
    public let mongolian: String?
    public let latitude: Double?
    public let longitude: Double?
    public let note: String?
    /// Where code and name were checked.
    public let certainty: String

    public var isFunctionalArea: Bool { kind == .functionalArea }

    /// Whether the code may stand in positions 3-8 of a credit code (GB 32100-2015, 4.2.4: codes of GB/T 2260 only).
    public var mayStandInCreditCode: Bool { !isFunctionalArea }
}

/// A county-level or league code that is no longer in force, but still stands in identity numbers.
public struct FormerRegion: Hashable, Sendable {
    public let code: String
    /// The name it had when it was abolished.
    public let name: String
    /// The last day on which a yearly list of the Ministry of Civil Affairs still had it; it was abolished within a year.
    public let lastListed: LocalDate
    /// Codes in force today that its area went to.
    public let successors: [String]
    public let certainty: String
}
