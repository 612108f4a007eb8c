import Deadlines
import Kernel
import Standards
import Testing

@Suite("clocks against a slow reference")
struct ClockPropertyTests {
    /// trust.md C5: make-up days, pauses, extensions, midnight edges, the end of the calendar.
    @Test("100,000 generated clocks", arguments: [UInt64(20_261_121)])
    func generated(seed: UInt64) throws {
        let calendar = try Standards(home: Home.find()).calendar
        let reference = SlowReference(calendar)
        let entropy = SeededEntropy(seed: seed)
        print("seed \(seed)")
        var waiting = 0
        var paused = 0
        var wrong = 0
        for number in 0..<100_000 where wrong < 5 {
            let clock = try generate(entropy)
            let due = clock.due(calendar)
            let expected = reference.due(clock)
            let agrees: Bool
            switch due {
            case .waitsForCalendar(let year, let notBefore):
                waiting += 1
                agrees = expected == nil && (year >= 2027 || clock.started.date.year < 2019)
                if year >= 2027 { #expect(notBefore >= clock.started.date) }
            case .paused:
                paused += 1
                agrees = expected == due
            case .day, .moment: agrees = expected == due
            }
            if !agrees {
                wrong += 1
                Issue.record(
                    "seed \(seed), case \(number): \(due), expected \(String(describing: expected)) for \(clock)"
                )
            }
        }
        // The generator must reach what it is for.
        #expect(waiting > 1_000)
        #expect(paused > 5_000)
    }

    private func generate(_ entropy: SeededEntropy) throws -> DeadlineClock {
        let firstDay = 17_897  // 2019-01-01
        let unit = Period.Unit.allCases[entropy.number(below: 6)]
        let start = moment(firstDay + entropy.number(below: 2_900), entropy)
        var pauses: [DeadlineClock.Pause] = []
        var cursor = start
        let count = entropy.number(below: 4)
        for index in 0..<count {
            let from = moment(
                cursor.date.dayNumber + entropy.number(below: unit.family == .running ? 2 : 25),
                entropy
            )
            let begin = max(from, cursor)
            let isOpen = index == count - 1 && entropy.number(below: 4) == 0
            let to = max(begin, moment(begin.date.dayNumber + entropy.number(below: 20), entropy))
            pauses.append(DeadlineClock.Pause(from: begin, to: isOpen ? nil : to, rule: "rule"))
            cursor = to
        }
        let extensions = try (0..<entropy.number(below: 3)).map { _ in
            let units = Period.Unit.allCases.filter { $0.family == unit.family }
            let unit = units[entropy.number(below: units.count)]
            return DeadlineClock.Extension(
                by: try Period(entropy.number(below: most(unit)), unit),
                at: start,
                rule: "rule"
            )
        }
        return DeadlineClock(
            id: ID("c"),
            object: "case:1",
            name: "decide",
            budget: try Period(entropy.number(below: most(unit)), unit),
            rule: "rule",
            started: start,
            pauses: pauses,
            extensions: extensions
        )
    }

    private func most(_ unit: Period.Unit) -> Int {
        switch unit {
        case .workingDay: 46
        case .day: 91
        case .month: 7
        case .year: 2
        case .hour: 73
        case .minute: 2_000
        }
    }

    /// Midnight and its two neighbours come as often as all other times of the day together.
    private func moment(_ day: Int, _ entropy: SeededEntropy) -> Instant {
        let midnight = Instant(LocalDate(dayNumber: day))
        switch entropy.number(below: 6) {
        case 0: return midnight
        case 1: return midnight + 1
        case 2: return midnight + (Instant.day - 1)
        default: return midnight + Int64(entropy.number(below: Int(Instant.day)))
        }
    }
}
