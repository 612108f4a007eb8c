import Audit
public import Kernel

extension DeadlineClock {
    /// What the log digests of a clock: everything from which its end follows with the calendar, and that end itself.
    /// - Parameter due: `Due.description`, as it was derived then.
    func logged(due: String) -> JSON {
        var content = logged
        content["due"] = .string(due)
        return content
    }

    /// Without its end; entries from before ends were digested have no more.
    public var logged: JSON {
        [
            "object": .string(object), "name": .string(name), "budget": .string(budget.description),
            "rule": .string(rule), "started": JSON(started.milliseconds),
            "pauses": .array(
                pauses.map {
                    [
                        "from": JSON($0.from.milliseconds),
                        "to": $0.to.map { JSON($0.milliseconds) } ?? .null, "rule": .string($0.rule),
                    ]
                }
            ),
            "extensions": .array(
                extensions.map {
                    [
                        "by": .string($0.by.description), "at": JSON($0.at.milliseconds),
                        "rule": .string($0.rule),
                    ]
                }
            ),
            "ended": ended.map { JSON($0.milliseconds) } ?? .null,
        ]
    }

    /// Takes the last thing that an act did back.
    func before(_ act: String) -> DeadlineClock? {
        var clock = self
        switch act {
        case "clock.projected":
            // A calendar that is published moves dates, not clocks.
            break
        case "clock.ended":
            guard clock.ended != nil else { return nil }
            clock.ended = nil
        case "clock.extended":
            guard clock.extensions.popLast() != nil else { return nil }
        case "clock.paused":
            guard let last = clock.pauses.popLast(), last.to == nil else { return nil }
        case "clock.resumed":
            guard let last = clock.pauses.popLast(), last.to != nil else { return nil }
            clock.pauses.append(DeadlineClock.Pause(from: last.from, to: nil, rule: last.rule))
        default:
            // Before its start there was none.
            return nil
        }
        return clock
    }
}

/// A clock with the ends that its journal says it had, one for each change; the columns bear the last of them.
struct LoggedClock: LoggedThing {
    private(set) var clock: DeadlineClock
    private(set) var journal: [JournalStep]

    /// Nil when the columns say another end than the journal.
    init?(_ clock: DeadlineClock, journal: [JournalStep], day: LocalDate?, end: Instant?, waitsYear: Int?) {
        guard let due = journal.last?.dueAfter, journal.map(\.version) == Array(1...journal.count),
            journal.count == clock.version
        else { return nil }
        let isSame =
            switch (day, end, waitsYear) {
            case (let day?, let end?, nil):
                [Due.day(day), .moment(end + -1)].contains {
                    $0.end == end && $0.date == day && $0.description == due
                }
            case (nil, nil, let year?): due == "calendar \(year)"
            case (nil, nil, nil): due.hasPrefix("paused ")
            default: false
            }
        guard isSame else { return nil }
        self.clock = clock
        self.journal = journal
    }

    var logged: JSON { clock.logged(due: journal.last?.dueAfter ?? "") }

    var loggedBefore: JSON? { clock.logged }

    func before(_ act: String) -> LoggedClock? {
        guard let before = clock.before(act) else { return nil }
        var earlier = self
        earlier.clock = before
        // Projections had no entry before ends were digested.
        while act != "clock.projected", earlier.journal.last?.kind == .projected {
            earlier.journal.removeLast()
        }
        guard let step = earlier.journal.popLast(), act == "clock.\(step.kind.rawValue)" else { return nil }
        return earlier
    }
}
