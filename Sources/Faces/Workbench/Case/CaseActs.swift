import Cases
import Catalogue
import Identity
import Kernel
import Storage
import Web

/// What staff may do with a case. Every act carries the version that was on the page.
enum CaseActs {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            act("claim", "case.decide", zh: "领取办件", en: "Take a case", desk) { found, visit, version in
                try await desk.desk.claim(
                    found.id,
                    step: try await step(of: found, desk),
                    version: version,
                    occasion: visit.occasion
                )
            },
            act("release", "case.decide", zh: "退回待办池", en: "Give a case back", desk) {
                found,
                visit,
                version in
                try await desk.desk.release(
                    found.id,
                    step: try await step(of: found, desk),
                    version: version,
                    occasion: visit.occasion
                )
            },
            act("grant", "case.decide", zh: "准予", en: "Grant", desk) { found, visit, version in
                try await hold(found, visit, desk)
                try await desk.desk.grant(
                    found.id,
                    version: version,
                    reason: visit.form["reason"] ?? "",
                    settled: settled(visit),
                    occasion: visit.occasion
                )
            },
            act("return", "case.return", zh: "退还并一次性告知", en: "Return with one list", desk) {
                found,
                visit,
                version in
                try await turn(.return, found, visit, version, desk)
            },
            act("refuse", "case.decide", zh: "不予准许", en: "Refuse", desk) { found, visit, version in
                try await turn(.refuse, found, visit, version, desk)
            },
            act("transfer", "case.transfer", zh: "告知不属于本机关管辖", en: "Hand over", desk) {
                found,
                visit,
                version in
                try await turn(.transfer, found, visit, version, desk)
            },
        ] + others(desk)
    }

    /// What decides nothing, or does so by the rules.
    private static func others(_ desk: WorkbenchDesk) -> [Route] {
        [
            act("extend", "case.extend", zh: "延长审查期限", en: "Extend the examination", desk) {
                found,
                visit,
                version in
                let staff = visit.occasion.actor.id
                let name = try await desk.database.read { try StaffRegister.find(ID(staff), in: $0)?.name }
                try await desk.desk.extend(
                    found.id,
                    version: version,
                    reason: visit.form["reason"] ?? "",
                    approvedBy: name ?? staff,
                    occasion: visit.occasion
                )
            },
            act("recheck", "case.decide", zh: "重新核验", en: "Ask the sources again", desk) {
                found,
                visit,
                version in
                try ActView.requireConfirmation(visit)
                try await desk.desk.recheck(found.id, version: version, occasion: visit.occasion)
            },
            act("settle-objection", "case.decide", zh: "处理异议", en: "Settle an objection", desk) {
                found,
                visit,
                version in
                try await ObjectionDesk.settle(found, version: version, visit, desk)
            },
            act("hand-over", "case.assign", zh: "转办办件", en: "Give a case into other hands", desk) {
                found,
                visit,
                version in
                let step = try await step(of: found, desk)
                try await HandOverAct.perform(found, step: step, version: version, visit, desk)
            },
        ]
    }

    /// Only the one who took the case decides it.
    /// - Throws: `CaseError.changedMeanwhile` when somebody else has it or nobody.
    private static func hold(_ found: Case, _ visit: Visit, _ desk: WorkbenchDesk) async throws {
        let steps = try await desk.database.read { try StepStore.of(found.id, in: $0) }
        guard let step = steps.first(where: { $0.kind == .staff && $0.state == .open }) else {
            throw CaseError.changedMeanwhile(act: found.state.rawValue, at: found.decidedAt ?? visit.now)
        }
        guard step.assignee == visit.occasion.actor.id else {
            throw CaseError.changedMeanwhile(
                act: step.assignee == nil ? "released" : "claimed",
                at: visit.now
            )
        }
    }

    private static func turn(
        _ event: CaseEvent,
        _ found: Case,
        _ visit: Visit,
        _ version: Int,
        _ desk: WorkbenchDesk
    ) async throws {
        try await hold(found, visit, desk)
        let told = try await Self.told(event, of: found, visit, desk)
        let list = told.points.enumerated().map { "\($0.offset + 1). \($0.element.what)" }
        try await desk.desk.turnBack(
            found.id,
            as: event,
            version: version,
            reason: event == .return ? list.joined(separator: "；") : visit.form["reason"] ?? "",
            told: told,
            occasion: visit.occasion
        )
    }

    /// One act: check, do, and back to the case; a refusal shows the case as it stands now.
    private static func act(
        _ name: String,
        _ operation: String,
        zh: String,
        en: String,
        _ desk: WorkbenchDesk,
        _ body: @escaping @Sendable (Case, Visit, Int) async throws -> Void
    ) -> Route {
        .page(.post, "/desk/cases/{id}/\(name)", who: .officers, scope: .region, zh: zh, en: en) { visit in
            let (found, seat) = try await desk.open(visit, for: operation)
            guard let version = visit.form["version"].flatMap({ Int($0) }) else {
                throw WebRefusal.badField(name: "version")
            }
            do {
                try await body(found, visit, version)
            } catch let refusal as any Refusal {
                let now = try await desk.desk.read(found.id)
                return try await CasePages.page(now, seat, visit, desk, isMasked: true, problem: refusal)
            }
            return .redirect(to: try await onward(from: found, after: name, seat, visit, desk))
        }
    }

    /// Where one goes on: the same case while it is one's own, the next one on wish, else the inbox. The page there
    /// says what was done.
    private static func onward(
        from found: Case,
        after name: String,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws -> String {
        if ["claim", "extend", "hand-over", "recheck", "settle-objection"].contains(name) {
            return "/desk/cases/\(found.id)?done=\(found.id)"
        }
        let next = try await desk.database.read { reader in
            visit.form["onward"] == "yes"
                ? try NextCase.first(except: found.id, seat, visit, desk, in: reader) : nil
        }
        return next.map { "/desk/cases/\($0)?done=\(found.id)" } ?? "/desk?done=\(found.id)"
    }

    /// The open step of staff.
    private static func step(of found: Case, _ desk: WorkbenchDesk) async throws -> String {
        let steps = try await desk.database.read { try StepStore.of(found.id, in: $0) }
        guard let step = steps.first(where: { $0.kind == .staff && $0.state == .open }) else {
            throw CaseError.unknownStep("review")
        }
        return step.name
    }

    /// Only acts that the state, the step and the post allow.
    static func offered(
        _ found: Case,
        step: CaseStep?,
        boxes: CaseBoxes,
        isExtended: Bool,
        colleagues: [(id: String, name: String)],
        seat: Seat,
        visit: Visit,
        desk: WorkbenchDesk
    ) -> [ActView] {
        guard found.state == .review, let step, step.state == .open else { return [] }
        func act(_ name: String, key: String, style: String = "btn-outline-primary", asks: Bool = true)
            -> ActView
        {
            var view = ActView(
                boxes.name(of: name),
                action: "/desk/cases/\(found.id)/\(name)",
                key: key,
                version: String(found.version),
                hint: boxes.hint(of: name),
                style: style,
                boxes: asks ? boxes.of(name) : []
            )
            view.onward = asks && CaseBoxes.ending.contains(name) ? visit.text("workbench.act.onward") : nil
            return view
        }
        var acts: [ActView] = []
        let isMine = step.assignee == visit.occasion.actor.id
        if desk.may("case.decide", found, seat) {
            if step.assignee == nil { acts.append(act("claim", key: "c", style: "btn-primary", asks: false)) }
            if isMine {
                if boxes.hasObjections {
                    acts.append(act("settle-objection", key: "s", style: "btn-primary"))
                }
                acts.append(act("recheck", key: "u"))
                acts.append(act("grant", key: "g", style: "btn-primary"))
                if desk.may("case.return", found, seat) { acts.append(act("return", key: "r")) }
                acts.append(act("refuse", key: "x", style: "btn-danger"))
                if desk.may("case.transfer", found, seat) { acts.append(act("transfer", key: "t")) }
                acts.append(act("release", key: "l", asks: false))
            }
        }
        // The law knows one extension (Regulations, article 19).
        if !isExtended, desk.may("case.extend", found, seat) { acts.append(act("extend", key: "e")) }
        if desk.may("case.assign", found, seat) {
            var view = act("hand-over", key: "m", asks: false)
            view = view.with(HandOverAct.boxes(colleagues, step: step, visit))
            acts.append(view)
        }
        return acts
    }
}
