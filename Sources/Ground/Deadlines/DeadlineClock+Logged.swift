public import Audit
public import Kernel

extension DeadlineClock: LoggedThing {
    /// What the log digests of a clock: everything from which its end follows, with the calendar.
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
    public func before(_ act: String) -> DeadlineClock? {
        var clock = self
        switch act {
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
