import Changes
import Identity
import Kernel
import Storage
import Web

/// The change feed: pages for programs that come by, and a stream for those that stay. Both give each official's system
/// what lies in his post's reach (Docs/formats/changes.md).
enum ChangeCalls {
    /// Changes of one answer.
    private static let countMax = 500

    private static let change = Shape.object([
        "sequence": .integer("Number of its entry in the log; rises, with gaps", min: 0),
        "id": .text("The same whenever it is told", lengthMax: 64),
        "name": .text("What happened, such as case.decided", lengthMax: 100),
        "object": .text("To what, kind and identifier", lengthMax: 200), "region": CallShapes.region,
        "at": CallShapes.moment, "facts": .anything("Identifiers, codes and states; no personal text"),
    ])
    private static let streamType = "text/event-stream"
    private static let after = Shape.integer("The cursor: `next` of the page before", min: -1)

    static func routes(_ desk: APIDesk) -> [Route] { [page(desk), stream(desk)] }

    private static func page(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/changes",
            who: .officers,
            scope: .region,
            zh: "变更：自游标之后，按提交顺序",
            en: "Changes after a cursor, in the order of commits",
            request: .object([
                "after?": after, "limit?": .integer("At most so many changes", min: 1, max: countMax),
            ]),
            response: .object([
                "changes": .list(change, countMax: countMax),
                "next": .integer("To be sent as `after` for what follows", min: -1),
                "latest": .integer(
                    "Number of the latest entry: `next` is that when nothing is left",
                    min: -1
                ),
            ])
        ) { visit in
            let reach = try reach(visit, desk)
            let after = try number("after", of: visit.query["after"], in: -1...Int64.max)
            let limit = try number("limit", of: visit.query["limit"], in: 1...Int64(countMax)) ?? 100
            let look = desk.feedLimits(visit.now.date).look
            let page = try await desk.database.read {
                try ChangeFeed.page(
                    after: after,
                    reach: reach,
                    countMax: Int(limit),
                    lookMax: look,
                    in: $0
                )
            }
            return .json([
                "changes": .array(page.changes.map(\.json)), "next": JSON(page.next),
                "latest": JSON(page.latest),
            ])
        }.noting(refusals: [410: ["changes.forgotten"], 422: ["changes.ahead", "web.bad-field"]])
    }

    private static func stream(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/changes/stream",
            who: .officers,
            scope: .region,
            zh: "变更推送（服务器发送事件）",
            en: "Changes as server-sent events",
            request: .object([
                "after?": after,
                "seconds?": .integer("For so long at most; 0 ends after what is there", unit: "s", min: 0),
            ]),
            response: .text("text/event-stream: `id` is the cursor, `event` the name, `data` the change")
        ) { visit in
            let reach = try reach(visit, desk)
            // A browser that lost the connection says where it was, whatever stands in the address.
            let last = try number("Last-Event-ID", of: visit.headers["last-event-id"], in: -1...Int64.max)
            let after = try number("after", of: visit.query["after"], in: -1...Int64.max)
            let seconds = try number("seconds", of: visit.query["seconds"], in: 0...86_400)
            let limits = desk.feedLimits(visit.now.date)
            let seat = try desk.listeners.enter(try visit.someone().actor, limits)
            let listener = ChangeListener(
                seat: seat,
                reach: reach,
                after: last ?? after,
                seconds: min(Int(seconds ?? .max), limits.streamSeconds),
                limits: limits,
                desk: desk
            )
            // A refusal is an answer of its own only as long as nothing was sent.
            try await listener.begin()
            return .stream(type: streamType) { try await listener.next() }
        }.noting(
            type: streamType,
            refusals: [
                410: ["changes.forgotten"], 422: ["changes.ahead", "web.bad-field"],
                429: ["changes.too-many-of-caller"], 503: ["changes.too-many-listeners"],
            ]
        )
    }

    private static func reach(_ visit: Visit, _ desk: APIDesk) throws -> ChangeReach {
        ChangeReach(
            try desk.permissions.scope("change.read", of: desk.principal(visit)),
            authority: desk.authority
        )
    }

    private static func number(_ name: String, of text: String?, in range: ClosedRange<Int64>)
        throws(WebRefusal) -> Int64?
    {
        guard let text, !text.isEmpty else { return nil }
        guard let number = Int64(text), range.contains(number) else { throw .badField(name: name) }
        return number
    }
}
