import Kernel
import Standards

/// Working-day arithmetic on one core against a loop that walks day by day.
enum CalendarBench {
    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let calendar = try Standards(home: settings.home).calendar
        let questions = makeQuestions(calendar)
        let walk = DayWalk(calendar)
        for (day, count) in questions.prefix(2_000) {
            guard
                try calendar.adding(workingDays: count, to: day).dayNumber
                    == walk.adding(count, to: day.dayNumber)
            else { throw BenchFault("\(count) working days after \(day): two answers") }
        }
        var sum = 0
        let rounds = 40
        let own = try Stopwatch.coreSeconds {
            for _ in 0..<rounds {
                for (day, count) in questions {
                    sum &+= try calendar.adding(workingDays: count, to: day).dayNumber
                }
            }
        }
        let bare = Stopwatch.coreSeconds {
            for _ in 0..<rounds {
                for (day, count) in questions { sum &-= walk.adding(count, to: day.dayNumber) }
            }
        }
        guard sum == 0 else { throw BenchFault("the sums of all deadlines differ") }
        let count = Double(rounds * questions.count)
        return [
            BenchFigure(
                "working-days.adding",
                count / own,
                "deadlines/s a core",
                peer: "/s a core, the limit",
                against: 1_000_000,
                note:
                    "\(rounds * questions.count) deadlines of 1 to 60 working days, by the time on the core, seed 1"
            ),
            BenchFigure(
                "working-days.walk",
                count / own,
                "deadlines/s a core",
                peer: "bare day-by-day loop",
                against: count / bare
            ),
        ]
    }

    /// Days of all published years but the last, with 1 to 60 working days each.
    private static func makeQuestions(_ calendar: WorkingCalendar) -> [(LocalDate, Int)] {
        let entropy = SeededEntropy(seed: 1)
        let first = calendar.exceptions.first?.date.dayNumber ?? 0
        let span = max(1, calendar.lastDay.dayNumber - 150 - first)
        return (0..<50_000).map { _ in
            (LocalDate(dayNumber: first + entropy.number(below: span)), 1 + entropy.number(below: 60))
        }
    }
}

/// The plain way: one flag for each day, one step for each day.
private struct DayWalk {
    private let first: Int
    private let works: [Bool]

    init(_ calendar: WorkingCalendar) {
        first = calendar.exceptions.first?.date.dayNumber ?? 0
        works = (first...calendar.lastDay.dayNumber).map {
            (try? calendar.isWorkingDay(LocalDate(dayNumber: $0))) ?? false
        }
    }

    func adding(_ count: Int, to day: Int) -> Int {
        var left = count
        var place = day - first
        while left > 0 {
            place += 1
            if works[place] { left -= 1 }
        }
        return first + place
    }
}
