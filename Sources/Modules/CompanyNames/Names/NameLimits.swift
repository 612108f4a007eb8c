import Catalogue
public import Kernel
import Standards

/// What the checks of names count by: the legal terms and the near score from the dated limits of company opening
/// (`Systems/company-opening/limits.yaml`), counts and weights of the comparison from `name-limits.tsv`.
///
/// A number stands in one of the two only.
public struct NameLimits: Sendable {
    private let rows: [String: [ReferenceRow]]
    private let terms: DatedLimits
    private let regions: RegionTable

    init(_ rows: [ReferenceRow], terms: DatedLimits, regions: RegionTable) {
        self.rows = Dictionary(grouping: rows) { $0["name"] }
        self.terms = terms
        self.regions = regions
    }

    /// A term of the law.
    public enum Term: String, Sendable, CaseIterable {
        /// 名称规定, article 18.
        case reservation = "nameReservation"
        /// The same when the company or its scope needs an approval before registration.
        case reservationApproval = "nameReservationApproval"
        /// After cancellation, change of name or withdrawal: 名称规定, article 17.
        case blocked = "nameBlocked"
    }

    /// A reminder before a reservation ends.
    public enum Reminder: String, Sendable, CaseIterable {
        case first = "nameReminderFirst"
        case last = "nameReminderLast"
    }

    /// The value for the smallest division that has one: banner, league, region.
    /// - Throws: `NameError.dataMissing` when the table has none in force.
    public func value(_ name: String, region: String, on date: LocalDate) throws(NameError) -> Int {
        let candidates = (rows[name] ?? []).filter { $0.isInForce(on: date) }
        for place in regions.path(to: region).reversed().map(\.code) + ["150000"] {
            let row = candidates.last { $0["region"] == place }
            if let value = row?.int("value") { return value }
        }
        throw .dataMissing("name-limits: \(name)")
    }

    /// A term in months.
    /// - Throws: `NameError.dataMissing` when none is in force, or it is not given in months or years.
    public func months(_ term: Term, region: String, on date: LocalDate) throws(NameError) -> Int {
        switch terms.value(term.rawValue, region: region, on: date)?.period {
        case .some(let period) where period.unit == .months: return period.amount
        case .some(let period) where period.unit == .years: return period.amount * 12
        case .some, nil: throw .dataMissing("limits: \(term.rawValue)")
        }
    }

    /// So many days before the end.
    /// - Throws: `NameError.dataMissing` when none is in force, or it is not given in days or weeks.
    public func days(_ reminder: Reminder, region: String, on date: LocalDate) throws(NameError) -> Int {
        switch terms.value(reminder.rawValue, region: region, on: date)?.period {
        case .some(let period) where period.unit == .days: return period.amount
        case .some(let period) where period.unit == .weeks: return period.amount * 7
        case .some, nil: throw .dataMissing("limits: \(reminder.rawValue)")
        }
    }

    /// From which score on a near name is judged by a person: `nameNearScore`, the number that rule R08 reads too.
    public func personScore(region: String, on date: LocalDate) throws(NameError) -> Int {
        guard let score = terms.value("nameNearScore", region: region, on: date)?.int else {
            throw .dataMissing("limits: nameNearScore")
        }
        return score
    }
}
