import Credentials
import Identity
import Kernel
import Storage
import Web

/// What officials do with a licence that stands: one act each, with the number of its decision, a reason and a tick.
enum LicenceActs {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(
                .post,
                "\(LicencePages.path)/{licence}",
                who: .officers,
                scope: .region,
                zh: "办理证照",
                en: "Act on a licence"
            ) { visit in try await act(visit, desk) },
            .page(
                .post,
                "\(LicencePages.path)/proposals/{proposal}",
                who: .officers,
                scope: .region,
                zh: "确认或否决证照提议",
                en: "Confirm or refuse a proposal about a licence"
            ) { visit in try await decide(visit, desk) },
        ]
    }

    private static func may(
        _ type: LicenceType,
        _ region: String,
        _ seat: Seat,
        _ desk: WorkbenchDesk
    ) -> Bool {
        guard !type.followsRegister else { return false }
        return desk.may(
            LicencePages.decides,
            LicencePages.subject(type.key, region: region, desk),
            seat
        )
    }

    static func mayChange(
        _ found: Credential,
        _ type: LicenceType,
        _ region: String,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) -> Bool {
        may(type, region, seat, desk) && found.state(on: visit.now.date) == .valid
    }

    /// The acts that lead somewhere, each behind its name.
    /// - Parameter isProposed: what takes two officials waits already.
    static func offered(
        _ found: Credential,
        _ type: LicenceType,
        _ region: String,
        isProposed: Bool,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) -> [ActView] {
        guard may(type, region, seat, desk) else { return [] }
        let isOver = found.state(on: visit.now.date) == .expired
        return LicenceAct.offered(in: found.state, isOver: isOver).filter {
            $0 != .change && !($0.needsTwo && isProposed)
        }.map { act in
            let name = act.rawValue
            return ActView(
                visit.text("licence-act.\(name)"),
                action: LicenceSheet.path(found.id),
                key: keys[act] ?? "",
                version: "\(name)/\(found.version)",
                hint: visit.text(act.needsTwo ? "licence-desk.needs-two" : "licence-desk.at-once"),
                style: act.needsTwo ? "btn-danger" : "btn-outline-primary",
                boxes: [
                    ActView.Box("decision", visit.text("licence-desk.decision"), of: name, isLines: false),
                    ActView.Box("reason", visit.text("licence-desk.reason"), of: name),
                    ActView.confirmation(of: name, visit),
                ]
            )
        }
    }

    private static let keys: [LicenceAct: String] = [
        .suspend: "s", .resume: "e", .setAside: "o", .cancel: "c", .withdraw: "w", .revoke: "v",
        .reinstate: "i",
    ]

    /// Asks for the reason for which all of a licence is shown.
    static func reading(_ found: Credential, _ visit: Visit) -> ActView {
        ActView(
            visit.text("licence-desk.read"),
            action: "\(LicenceSheet.path(found.id))/read",
            key: "r",
            version: String(found.version),
            hint: visit.text("licence-desk.read.hint"),
            boxes: [ActView.Box("reason", visit.text("licence-desk.purpose"), of: "read", isLines: false)]
        )
    }

    /// Asks for the reason for which the kept file is handed out, and in which format.
    static func taking(_ found: Credential, _ kept: LicenceFile?, _ visit: Visit) -> ActView {
        ActView(
            visit.text("licence-desk.file"),
            action: "\(LicenceSheet.path(found.id))/file",
            key: "d",
            version: String(found.version),
            hint: visit.text(kept == nil ? "licence-desk.file.first" : "licence-desk.file.hint"),
            boxes: [
                ActView.Box("reason", visit.text("licence-desk.purpose"), of: "file", isLines: false),
                ActView.Box(
                    "format",
                    visit.text("copy.format"),
                    of: "file",
                    options: LicencePress.Format.allCases.map {
                        ActView.Option(value: $0.rawValue, label: visit.text("copy.format.\($0.rawValue)"))
                    }
                ),
            ]
        )
    }

    private static func act(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let (found, _, _) = try await LicenceSheet.open(visit, desk, for: LicencePages.decides)
        let parts = (visit.form.trimmed("version") ?? "").split(separator: "/").map(String.init)
        guard parts.count == 2, let act = LicenceAct(rawValue: parts[0]), let version = Int64(parts[1]) else {
            throw WebRefusal.badField(name: visit.text("licence-desk.act"))
        }
        let faults = LicenceDecisionFaults.all(visit).map {
            ErrorSummary.Line($0.words, at: "\(act.rawValue)-\($0.name)")
        }
        guard faults.isEmpty else {
            return try await LicenceSheet.show(visit, desk, refusal: LicenceError.decision, faults: faults)
        }
        do {
            let decision = try LicenceDecision(
                number: visit.form.trimmed("decision") ?? "",
                reason: visit.form.trimmed("reason") ?? ""
            )
            let (desk, occasion) = (desk.licences, visit.occasion)
            if act.needsTwo {
                try await desk.propose(act, decision, on: found.id, expecting: version, occasion: occasion)
            } else {
                try await desk.carryOut(act, decision, on: found.id, expecting: version, occasion: occasion)
            }
        } catch let refusal as any Refusal where refusal.status != .notFound {
            return try await LicenceSheet.show(visit, desk, refusal: refusal)
        }
        return .redirect(
            to: act.needsTwo
                ? "\(LicencePages.path)?done=proposed"
                : "\(LicenceSheet.path(found.id))?done=\(act.rawValue)"
        )
    }

    /// What was done, told by the page to which an act leads.
    static func done(_ visit: Visit) -> NoticeView? {
        guard let done = visit.query["done"] else { return nil }
        if ["proposed", "confirmed", "refused", "taken-back"].contains(done) {
            return NoticeView(.good, visit.text("trust-desk.done.\(done)"))
        }
        guard let act = LicenceAct(rawValue: done), !act.needsTwo else { return nil }
        return NoticeView(
            .good,
            visit.text("seal-desk.done", ["act": visit.text("licence-act.\(act.rawValue)")])
        )
    }

    private static func decide(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let seat = try desk.seat(visit)
        let id = ID<LicenceProposal>(try visit.segment("proposal"))
        let scope = try desk.permissions.scope(LicencePages.reads, of: seat.principal)
        guard let found = try await desk.database.read({ try LicenceDesk.find(id, in: $0) }) else {
            throw WebRefusal.notFound
        }
        let subject = LicencePages.subject(found.type, region: found.region, desk)
        guard scope.covers(subject) else { throw WebRefusal.notFound }
        let isConfirmed = visit.form["answer"] == "confirm"
        try await desk.require(
            isConfirmed ? LicencePages.confirms : LicencePages.decides,
            subject,
            object: "licence-proposal:\(id)",
            seat,
            visit
        )
        let made: Credential?
        do {
            made = try await desk.licences.decide(
                id,
                isConfirmed: isConfirmed,
                because: visit.form.trimmed("answer-\(id)"),
                occasion: visit.occasion
            )
        } catch let refusal as any Refusal
            where refusal.status != .notFound && refusal as? LicenceDeskError != .decided
        {
            let fault = LicenceRefused.Fault("answer-\(id)", visit.deskSentence(refusal))
            let form = LicenceAnswer(proposal: id)
            let refused = LicenceRefused(form, [fault], status: refusal.status.rawValue)
            return try await LicencePages.list(visit, desk, refused: refused)
        }
        if let made { return .redirect(to: "\(LicenceSheet.path(made.id))?done=confirmed") }
        let isOwn = found.proposedBy == visit.occasion.actor.id
        return .redirect(to: "\(LicencePages.path)?done=\(isOwn ? "taken-back" : "refused")")
    }
}
