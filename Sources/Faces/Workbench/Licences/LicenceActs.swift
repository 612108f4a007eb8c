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
    static func offered(
        _ found: Credential,
        _ type: LicenceType,
        _ region: String,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) -> [ActView] {
        guard may(type, region, seat, desk) else { return [] }
        return LicenceAct.offered(in: found.state).filter { $0 != .change }.map { act in
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
        do {
            try ActView.requireConfirmation(visit)
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
        return .redirect(to: act.needsTwo ? LicencePages.path : LicenceSheet.path(found.id))
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
        let made = try await desk.licences.decide(id, isConfirmed: isConfirmed, occasion: visit.occasion)
        return .redirect(to: made.map { LicenceSheet.path($0.id) } ?? LicencePages.path)
    }
}
