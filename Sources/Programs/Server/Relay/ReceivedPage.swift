import Cryptography
import Kernel
import Web

/// The page of a request that is under way.
enum ReceivedPage {
    static func face(_ desk: FrontDesk) -> Face {
        Face(routes: [
            .page(
                .get,
                "/received/{request}",
                who: .everyone,
                scope: .own,
                zh: "已收到，稍后查看",
                en: "Received, look again"
            ) { visit in
                let id = try visit.segment("request")
                let owner = visit.cookie("suban-front").map { SM3.digest(Array($0.utf8)) } ?? []
                switch await desk.look(id, owner: owner) {
                case .open(let progress): return page(id, progress, desk.end.limits, visit)
                // It came this moment.
                case .answered: return .redirect(to: "\(FrontDoor.received)\(id)")
                case .lost: throw RelayPageRefusal.lost
                case .unknown: throw RelayPageRefusal.noAnswer
                }
            }
        ])
    }

    private static func page(
        _ id: String,
        _ progress: FrontDesk.Progress,
        _ limits: RelayLimits,
        _ visit: Visit
    ) -> Reply {
        // Whoever reads slowly, or with a screen reader, can keep the page still.
        let isStill = visit.query["still"] == "1"
        let place = "\(FrontDoor.received)\(id)"
        let seconds = max(0, visit.now - progress.asked) / 1_000
        let look = String(limits.look / 1_000)
        var reply = Reply.page(
            "relay/received",
            ReceivedView(
                sentence: visit.text(
                    "relay.received.sentence",
                    ["number": String(id.prefix(8)), "seconds": String(seconds)]
                ),
                timeline: timeline(progress, visit),
                silent: progress.isSilent
                    ? NoticeView(
                        .warn,
                        title: visit.text("relay.received.silent"),
                        visit.text(
                            "relay.received.silent-text",
                            ["until": (progress.asked + limits.lost).minuteText]
                        )
                    ) : nil,
                why: isStill
                    ? visit.text("relay.received.still", ["seconds": String(limits.keep / 1_000)])
                    : visit.text("relay.received.why", ["seconds": look]),
                href: isStill ? "\(place)?still=1" : place,
                switchHref: isStill ? place : "\(place)?still=1",
                switchText: visit.text(isStill ? "relay.received.look" : "relay.received.stop")
            ),
            heading: Heading(visit.text("relay.received.title")),
            status: 202
        )
        if !isStill { reply.headers["Refresh"] = look }
        return reply
    }

    private static func timeline(_ progress: FrontDesk.Progress, _ visit: Visit) -> TimelineView {
        let places: [TimelineView.Place] =
            progress.isCarried ? [.done, .done, .now] : [.done, .now, .ahead]
        let words: [TimelineView.Place: String] = [
            .done: visit.text("progress.done"), .now: visit.text("progress.now"),
            .ahead: visit.text("progress.ahead"),
        ]
        let titles = [
            visit.text("relay.step.received"), visit.text("relay.step.carried"),
            visit.text("relay.step.answered"),
        ]
        return TimelineView(
            zip(titles, places).map { title, place in
                TimelineView.Step(
                    title,
                    place,
                    placeWord: words[place] ?? "",
                    time: title == titles[0] ? progress.asked.minuteText : nil
                )
            }
        )
    }

    struct ReceivedView: PageView {
        let sentence: String
        let timeline: TimelineView
        let silent: NoticeView?
        let why: String
        let href: String
        let switchHref: String
        let switchText: String
    }
}

enum RelayPageRefusal: Refusal {
    /// Nobody knows of an answer to this request any more, or it is somebody else's.
    case noAnswer
    /// No answer came in time, and it may have been done all the same.
    case lost
    /// The platform cannot be reached, and nothing was done.
    case unreachable
    /// No place is free.
    case full
    /// No place of this address's share is free.
    case ownShare
    /// So much waits to be carried inside that nothing more is taken.
    case gateFull

    var code: String {
        switch self {
        case .noAnswer: "relay.no-answer"
        case .lost: "relay.lost"
        case .unreachable: "relay.unreachable"
        case .full: "relay.full"
        case .ownShare: "relay.own-share"
        case .gateFull: "relay.gate-full"
        }
    }

    var arguments: [String: String] { [:] }

    var status: RefusalStatus {
        switch self {
        case .noAnswer: .notFound
        case .lost, .unreachable, .full, .gateFull: .unavailable
        case .ownShare: .tooMany
        }
    }
}
