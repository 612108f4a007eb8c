public import Jobs
public import Kernel
public import Standards
public import Storage
import Synchronization

/// The working calendar in use: the years that came with the program and those published since.
public final class CalendarShelf: Sendable {
    private let base: WorkingCalendar
    private let shelf: Mutex<WorkingCalendar>

    public init(base: WorkingCalendar) {
        self.base = base
        shelf = Mutex(base)
    }

    public var current: WorkingCalendar { shelf.withLock { $0 } }

    /// Takes over what the transaction at hand sees as published, once it is kept. Doing it twice changes nothing.
    public func refresh(in tx: any Transaction) throws {
        let calendar = try Calendars.load(base: base, in: tx)
        tx.afterCommit { self.shelf.withLock { $0 = calendar } }
    }

    /// Takes over what other nodes published.
    @discardableResult
    public func refresh(from database: any Database) async throws -> WorkingCalendar {
        let base = base
        let calendar = try await database.read { reader in try Calendars.load(base: base, in: reader) }
        shelf.withLock { $0 = calendar }
        return calendar
    }
}

/// Publishing a year's holidays and make-up days.
public enum Calendars {
    public static let kindName = "deadline.project"
    public static let published = "calendar.published"

    /// Keeps a year's arrangement and sets the job that derives the open clocks anew.
    /// - Parameter source: the State Council's notice.
    /// - Throws: `badCalendar` when the year leaves a gap or a day lies outside it.
    public static func publish(
        _ year: Int,
        _ days: [CalendarDay],
        source: String,
        base: WorkingCalendar,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let current = try load(base: base, in: tx)
        guard current.publishing(year, days) != nil else { throw DeadlineError.badCalendar(year: year) }
        try DeadlineStore.putCalendar(
            year: year,
            days: json(days),
            source: source,
            at: occasion.now,
            in: tx
        )
        try Jobs.enqueue(
            kind: kindName,
            key: "\(year):\(occasion.now.milliseconds)",
            payload: [
                "year": JSON(year), "source": .string(source), "before": json(current.exceptions(of: year)),
                "was": .bool(current.years.contains(year)),
            ],
            at: occasion.now,
            in: tx
        )
        try Outbox.emit(
            published,
            object: "calendar:\(year)",
            payload: ["year": JSON(year), "days": JSON(days.count), "source": .string(source)],
            occasion: occasion,
            in: tx
        )
    }

    /// The base with all published years.
    public static func load(base: WorkingCalendar, in reader: any Reader) throws -> WorkingCalendar {
        var calendar = base
        for (year, days) in try DeadlineStore.calendars(in: reader) {
            guard let next = calendar.publishing(year, try read(days)) else {
                throw DeadlineError.badCalendar(year: year)
            }
            calendar = next
        }
        return calendar
    }

    /// The kind of job that derives open clocks anew, a thousand at a time, each in a write of its own: one that
    /// fails does not stop the rest, and makes the job come again.
    public static func kind(
        database: any Database,
        calendars: CalendarShelf,
        clock: any Clock,
        entropy: any Entropy = SystemEntropy()
    ) -> JobKind {
        JobKind(kindName) { job in
            guard let year = job.payload["year"].int.map(Int.init) else { return .done }
            let calendar = try await calendars.refresh(from: database)
            let before = try earlier(calendar, year: year, payload: job.payload)
            let rule = job.payload["source"].text ?? ""
            let occasion = Occasion(
                now: clock.now,
                actor: .platform("deadlines"),
                request: "job:\(job.key)",
                entropy: entropy
            )
            var after = ""
            var failure: (any Error)?
            while true {
                let cursor = after
                let ids = try await database.read { reader in
                    try DeadlineStore.touched(by: year, after: cursor, countMax: 1_000, in: reader)
                }
                guard let last = ids.last else { break }
                after = last.rawValue
                for id in ids {
                    do {
                        _ = try await database.write { tx in
                            try Deadlines.project(
                                id,
                                before: before,
                                calendar: calendar,
                                rule: rule,
                                occasion: occasion,
                                in: tx
                            )
                        }
                    } catch { failure = error }
                }
            }
            if let failure { throw failure }
            return .done
        }
    }

    /// The calendar as it was before a publication.
    private static func earlier(
        _ calendar: WorkingCalendar,
        year: Int,
        payload: JSON
    ) throws -> WorkingCalendar {
        if payload["was"].bool == true {
            return calendar.publishing(year, try read(payload["before"])) ?? calendar
        }
        let kept = calendar.exceptions.filter { $0.date.year < year }
        return WorkingCalendar(
            exceptions: kept,
            years: calendar.years.lowerBound...max(calendar.years.lowerBound, year - 1)
        )
    }

    private static func json(_ days: [CalendarDay]) -> JSON {
        .array(
            days.map { day in
                [
                    "date": .string(day.date.description), "kind": .string(day.kind.rawValue),
                    "name": .string(day.name),
                ]
            }
        )
    }

    private static func read(_ json: JSON) throws -> [CalendarDay] {
        try json.elements.map { day in
            guard let date = day["date"].text.flatMap({ LocalDate(parsing: $0) }),
                let kind = day["kind"].text.flatMap(CalendarDay.Kind.init), let name = day["name"].text
            else { throw StorageError.unexpectedColumn(index: 1, wanted: "calendar") }
            return CalendarDay(date: date, kind: kind, name: name)
        }
    }
}

extension WorkingCalendar {
    func exceptions(of year: Int) -> [CalendarDay] { exceptions.filter { $0.date.year == year } }
}
