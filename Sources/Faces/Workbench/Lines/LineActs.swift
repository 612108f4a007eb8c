import Audit
import Exchange
import Identity
import Kernel
import Storage
import Web

/// What staff may do with a line: set it aside, take it up again, send it anew; and close a work item.
enum LineActs {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            act("set-aside", zh: "暂缓联办事项", en: "Set a line aside", desk) { line, reason, visit, tx in
                _ = try desk.exchange.halt(line.id, note: reason, occasion: visit.occasion, in: tx)
            },
            act("reopen", zh: "重新启动联办事项", en: "Take a line up again", desk) { line, reason, visit, tx in
                _ = try desk.exchange.reopen(line.id, note: reason, occasion: visit.occasion, in: tx)
            },
            act("resubmit", zh: "重新推送联办事项", en: "Send a line anew", desk) { line, reason, visit, tx in
                _ = try desk.exchange.resubmit(
                    line.id,
                    fields: line.order.fields,
                    note: reason,
                    occasion: visit.occasion,
                    in: tx
                )
            },
            .page(
                .post,
                "/desk/items/{item}/close",
                who: .officers,
                scope: .region,
                zh: "办结待处理事项",
                en: "Close a work item",
                handle: { try await close($0, desk) }
            ),
        ]
    }

    private typealias Act =
        @Sendable (_ line: PartyLine, _ reason: String, Visit, any Transaction) throws -> Void

    private static func act(
        _ name: String,
        zh: String,
        en: String,
        _ desk: WorkbenchDesk,
        _ body: @escaping Act
    ) -> Route {
        .page(.post, "/desk/lines/{line}/\(name)", who: .officers, scope: .region, zh: zh, en: en) { visit in
            let (line, seat) = try await LinePages.open(visit, desk)
            try await require("line.retry", object: "line:\(line.id)", seat, visit, desk)
            do {
                let reason = try reason(visit)
                try await desk.database.write { tx in
                    guard let now = try ExchangeStore.line(line.id, in: tx),
                        visit.form["version"] == String(now.version)
                    else { throw ExchangeError.lineChanged }
                    try body(now, reason, visit, tx)
                    try AuditLog.append(
                        "exchange.line-\(name)",
                        object: "line:\(line.id)",
                        after: ["reason": .string(reason)],
                        occasion: visit.occasion,
                        in: tx
                    )
                }
            } catch let refusal as any Refusal {
                let id = line.id
                let now = try await desk.database.read { try ExchangeStore.line(id, in: $0) } ?? line
                return try await LinePages.page(now, seat, visit, desk, problem: refusal)
            }
            return .redirect(to: "/desk/lines/\(line.id)?done=\(name)")
        }
    }

    private static func close(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let seat = try desk.seat(visit)
        let reach = try LinePages.reach(seat, desk)
        let id = try visit.segment("item")
        let items = try await desk.database.read {
            try LineBoardStore.items(reach, limit: 500, in: $0)
        }
        guard let item = items.first(where: { $0.id.rawValue == id }) else { throw WebRefusal.notFound }
        // The authority and the party's own clerk may both deal with it.
        let operation = reach.parties == nil ? "line.retry" : "line.answer"
        try await require(operation, object: "item:\(id)", seat, visit, desk)
        let reason = try reason(visit)
        try await desk.database.write { tx in
            try desk.exchange.close(item.id, note: reason, occasion: visit.occasion, in: tx)
        }
        return .redirect(to: "/desk/lines")
    }

    /// 1...200 characters; the history of the line keeps them.
    private static func reason(_ visit: Visit) throws(WebRefusal) -> String {
        guard let reason = visit.form.trimmed("reason"), reason.count <= 200 else {
            throw .badField(name: visit.text("workbench.line.reason"))
        }
        return reason
    }

    static func require(
        _ operation: String,
        object: String,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws {
        try await Permission.require(
            operation,
            on: PermissionSubject(agency: seat.post.agency, region: seat.post.region),
            object: object,
            by: seat.principal,
            table: desk.permissions,
            occasion: visit.occasion,
            database: desk.database
        )
    }

    /// Only what the state and the post allow.
    static func offered(_ line: PartyLine, seat: Seat, visit: Visit, desk: WorkbenchDesk) -> [ActView] {
        let own = PermissionSubject(agency: seat.post.agency, region: seat.post.region)
        guard
            (try? Permission.check("line.retry", on: own, by: seat.principal, table: desk.permissions)) != nil
        else { return [] }
        let wishes: [(name: String, event: LineEvent, key: String)] = [
            ("resubmit", .resubmitted, "r"), ("reopen", .reopened, "o"), ("set-aside", .setAside, "s"),
        ]
        return wishes.filter { wish in
            guard case .to = line.state.step(wish.event) else { return false }
            // What was set aside is taken up again; sending anew is for what came back or is late.
            return !(wish.event == .resubmitted && line.state.step(.reopened) == .to(.pending))
        }.map { wish in
            ActView(
                visit.text("workbench.line-act.\(wish.name)"),
                action: "/desk/lines/\(line.id)/\(wish.name)",
                key: wish.key,
                version: String(line.version),
                hint: visit.text("workbench.line-act.\(wish.name).hint"),
                boxes: [.init("reason", visit.text("workbench.line.reason"), of: wish.name, isLines: false)]
            )
        }
    }
}
