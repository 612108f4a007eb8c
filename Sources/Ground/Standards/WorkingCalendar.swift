public import Kernel

/// A question that needs a year whose holidays are not published yet.
public struct BeyondCalendar: Refusal, Equatable {
    /// The year that is missing.
    public let year: Int

    public init(year: Int) { self.year = year }

    public var code: String { "calendar.beyond" }
    public var arguments: [String: String] { ["year": String(year)] }
    public var status: RefusalStatus { .notAllowedNow }
}

/// A day that differs from its weekday: a holiday, or a weekend day that is worked to make up for one.
public struct CalendarDay: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable { case holiday, workday }

    public let date: LocalDate
    public let kind: Kind
    public let name: String

    public init(date: LocalDate, kind: Kind, name: String) {
        self.date = date
        self.kind = kind
        self.name = name
    }

    static let columns = ["date", "kind", "name"]

    /// Reads a table with the columns `date`, `kind` (`holiday`, `workday`) and `name`; further ones are not read.
    public static func days(of text: String, file: String) throws(StandardsError) -> [CalendarDay] {
        try days(of: TabTable(file, text: text, columns: columns))
    }

    static func days(of table: TabTable) throws(StandardsError) -> [CalendarDay] {
        try table.map { (row: TabRow) throws(StandardsError) -> CalendarDay in
            guard let kind = Kind(rawValue: row.text("kind")) else { throw row.bad("kind is not known") }
            return CalendarDay(date: try row.date("date"), kind: kind, name: row.text("name"))
        }
    }
}

/// Working days by the published calendars, year by year without gaps.
///
/// A day outside the published years is never guessed: the question throws `BeyondCalendar`. Answers take a
/// constant number of steps: a prefix count of working days, and the list of working days themselves.
public struct WorkingCalendar: Sendable {
    public let exceptions: [CalendarDay]
    public let years: ClosedRange<Int>
    private let firstDay: Int
    /// `counts[i]` is how many working days lie in the first `i` days.
    private let counts: [Int32]
    /// Day numbers of the working days, in order.
    private let workdays: [Int32]

    init(home: Home) throws(StandardsError) {
        let days = try CalendarDay.days(
            of: TabTable("holidays.tsv", home: home, columns: CalendarDay.columns)
        )
        guard let first = days.map(\.date.year).min(), let last = days.map(\.date.year).max() else {
            throw .badRow(file: "holidays.tsv", line: 1, why: "no days")
        }
        self.init(exceptions: days, years: first...last)
    }

    public init(exceptions: [CalendarDay], years: ClosedRange<Int>) {
        self.exceptions = exceptions.sorted { $0.date < $1.date }
        self.years = years
        let named = Dictionary(exceptions.map { ($0.date.dayNumber, $0) }) { _, last in last }
        let first = LocalDate(year: years.lowerBound, month: 1, day: 1)?.dayNumber ?? 0
        let last = LocalDate(year: years.upperBound, month: 12, day: 31)?.dayNumber ?? 0
        var counts: [Int32] = [0]
        var workdays: [Int32] = []
        counts.reserveCapacity(last - first + 2)
        for day in first...max(first, last) {
            let works: Bool
            switch named[day]?.kind {
            case .holiday: works = false
            case .workday: works = true
            case nil: works = LocalDate(dayNumber: day).weekday <= 5
            }
            if works { workdays.append(Int32(day)) }
            counts.append(Int32(workdays.count))
        }
        firstDay = first
        self.counts = counts
        self.workdays = workdays
    }

    /// The calendar with one year added after the last one, or with one year's arrangement replaced (arrangements
    /// have been changed after publication, as in 2020).
    /// - Returns: nil when `year` leaves a gap or a day lies outside it.
    public func publishing(_ year: Int, _ days: [CalendarDay]) -> WorkingCalendar? {
        guard (years.lowerBound...(years.upperBound + 1)).contains(year),
            days.allSatisfy({ $0.date.year == year })
        else { return nil }
        return WorkingCalendar(
            exceptions: exceptions.filter { $0.date.year != year } + days,
            years: years.lowerBound...max(year, years.upperBound)
        )
    }

    /// The last day whose kind is known.
    public var lastDay: LocalDate { LocalDate(dayNumber: firstDay + counts.count - 2) }

    public func isWorkingDay(_ date: LocalDate) throws(BeyondCalendar) -> Bool {
        let index = try index(of: date)
        return counts[index + 1] > counts[index]
    }

    /// The `count`-th working day after `date`, which itself does not count (Civil Code, article 201).
    /// - Parameter count: 0 gives `date` itself; below zero counts back.
    public func adding(workingDays count: Int, to date: LocalDate) throws(BeyondCalendar) -> LocalDate {
        guard count != 0 else { return date }
        let index = try index(of: date)
        let position = count > 0 ? Int(counts[index + 1]) + count - 1 : Int(counts[index]) + count
        guard position >= 0 else { throw BeyondCalendar(year: years.lowerBound - 1) }
        guard position < workdays.count else { throw BeyondCalendar(year: years.upperBound + 1) }
        return LocalDate(dayNumber: Int(workdays[position]))
    }

    /// Working days after `from` up to and with `to`; negative when `to` is earlier.
    public func workingDays(from: LocalDate, to: LocalDate) throws(BeyondCalendar) -> Int {
        Int(counts[try index(of: to) + 1]) - Int(counts[try index(of: from) + 1])
    }

    /// `date` itself if it is worked, otherwise the next day that is.
    public func workingDay(onOrAfter date: LocalDate) throws(BeyondCalendar) -> LocalDate {
        let position = Int(counts[try index(of: date)])
        guard position < workdays.count else { throw BeyondCalendar(year: years.upperBound + 1) }
        return LocalDate(dayNumber: Int(workdays[position]))
    }

    private func index(of date: LocalDate) throws(BeyondCalendar) -> Int {
        let index = date.dayNumber - firstDay
        guard index >= 0, index < counts.count - 1 else { throw BeyondCalendar(year: date.year) }
        return index
    }
}
