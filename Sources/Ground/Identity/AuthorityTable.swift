public import Kernel

/// A change in who may decide: agencies merge, powers are delegated and taken back, divisions change.
public struct AuthorityChange: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The body ceased; all its matters, or the named one, are another's from that day.
        case merged
        /// The body still exists, but another decides the matter while the delegation lasts.
        case delegated
    }

    public let id: String
    public let kind: Kind
    /// Operation or matter such as `company-registration`; empty for all.
    public let matter: String
    public let agency: String
    /// Divisions that begin with these digits; empty for all.
    public let regionPrefix: String
    public let toAgency: String
    /// Empty: the same division.
    public let toRegion: String
    public let from: LocalDate
    /// Last day; nil while it lasts. Taking a delegation back sets it.
    public let until: LocalDate?
    /// The decision that says so.
    public let basis: String

    public init(
        id: String,
        kind: Kind,
        matter: String,
        agency: String,
        regionPrefix: String,
        toAgency: String,
        toRegion: String,
        from: LocalDate,
        until: LocalDate?,
        basis: String
    ) {
        self.id = id
        self.kind = kind
        self.matter = matter
        self.agency = agency
        self.regionPrefix = regionPrefix
        self.toAgency = toAgency
        self.toRegion = toRegion
        self.from = from
        self.until = until
        self.basis = basis
    }

    func applies(matter: String, agency: String, region: String, on day: LocalDate) -> Bool {
        self.agency == agency && (self.matter.isEmpty || self.matter == matter)
            && region.hasPrefix(regionPrefix)
            && from <= day && until.map { day <= $0 } ?? true
    }
}

/// Authority over time: who decides this on that date.
public struct AuthorityTable: Hashable, Sendable {
    /// Who decides, and why.
    public struct Answer: Hashable, Sendable {
        public let agency: String
        public let region: String
        /// The decisions that moved the power, in order; empty when nothing did.
        public let basis: [String]

        public init(agency: String, region: String, basis: [String]) {
            self.agency = agency
            self.region = region
            self.basis = basis
        }
    }

    public let changes: [AuthorityChange]

    public init(changes: [AuthorityChange] = []) { self.changes = changes }

    /// The body that decides a matter which law gives to `agency` of `region`.
    ///
    /// The most special change goes first: a named matter before all matters, a longer prefix before a shorter,
    /// the later before the earlier. A circle of changes ends at the body where it closes.
    public func decider(of matter: String, agency: String, region: String, on day: LocalDate) -> Answer {
        var answer = Answer(agency: agency, region: region, basis: [])
        var seen: Set<String> = [agency + region]
        while let change = change(matter, answer.agency, answer.region, day) {
            let region = change.toRegion.isEmpty ? answer.region : change.toRegion
            guard seen.insert(change.toAgency + region).inserted else { break }
            answer = Answer(agency: change.toAgency, region: region, basis: answer.basis + [change.basis])
        }
        return answer
    }

    private func change(_ matter: String, _ agency: String, _ region: String, _ day: LocalDate)
        -> AuthorityChange?
    {
        changes.filter { $0.applies(matter: matter, agency: agency, region: region, on: day) }.max {
            left,
            right in
            (left.matter.isEmpty ? 0 : 1, left.regionPrefix.utf8.count, left.from, right.id)
                < (right.matter.isEmpty ? 0 : 1, right.regionPrefix.utf8.count, right.from, left.id)
        }
    }
}
