import Cases
import Cryptography
import Kernel
import Web

/// "I did not agree": a named person's complaint, by his own link, also by one that no longer opens the papers.
enum ObjectionActs {
    static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let secret = try visit.segment("secret")
        do {
            let objector = try await desk.desk.objector(secret)
            if objector.last?.state == .open || !objector.isNamed {
                return said(objector, secret: secret, problem: nil, visit: visit, desk: desk)
            }
            return ask(objector, secret: secret, typed: "", problem: nil, visit: visit)
        } catch CaseError.linkUnknown {
            return SignActs.closed(.linkUnknown, objection: nil, visit: visit)
        }
    }

    static func object(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let secret = try visit.segment("secret")
        let typed = visit.form["text"] ?? ""
        do {
            try await desk.desk.object(secret, text: typed, occasion: visit.occasion)
            return .redirect(to: "/sign/\(secret)/objection")
        } catch let error as CaseError {
            let problem: String
            switch error {
            case .linkUnknown:
                return SignActs.closed(error, objection: nil, typed: typed, visit: visit)
            case .reasonMissing: problem = visit.text("objection.text-missing")
            case .reasonTooLong(let max):
                problem = visit.text("objection.text-long", ["max": String(max)])
            default: throw error
            }
            let objector = try await desk.desk.objector(secret)
            return ask(objector, secret: secret, typed: typed, problem: problem, visit: visit)
        }
    }

    /// Takes the objection back by one's own face; the picture is handed on and kept nowhere.
    static func takeBack(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let secret = try visit.segment("secret")
        let photo = visit.form.file("sample").map { Base64.encode($0.bytes) }
        guard let sample = photo ?? visit.form.trimmed("sample") else {
            let objector = try await desk.desk.objector(secret)
            let problem = visit.text("sign.face.none")
            return said(objector, secret: secret, problem: problem, visit: visit, desk: desk)
        }
        do {
            switch try await desk.desk.takeBackObjection(secret, sample: sample, occasion: visit.occasion) {
            case .done: return .redirect(to: "/sign/\(secret)/objection")
            case .otherFace, .unanswered:
                let objector = try await desk.desk.objector(secret)
                let problem = visit.text("objection.take-back.failed")
                return said(objector, secret: secret, problem: problem, visit: visit, desk: desk)
            }
        } catch CaseError.linkUnknown {
            // Nothing to take back any more: the page says what came of it.
            return .redirect(to: "/sign/\(secret)/objection")
        }
    }

    private static func ask(
        _ objector: Objector,
        secret: String,
        typed: String,
        problem: String?,
        visit: Visit
    ) -> Reply {
        let lines = problem.map { [ErrorSummary.Line($0, field: "text")] } ?? []
        let field = FieldView(
            name: "text",
            label: visit.text("objection.text"),
            kind: .lines(6),
            value: typed,
            hint: visit.text("objection.text-hint"),
            errors: problem.map { [$0] } ?? [],
            lengthMax: 2_000
        )
        let view = ObjectionPage(
            objector,
            secret: secret,
            errors: ErrorSummary(lines, visit: visit),
            form: FormView(
                action: visit.path,
                elements: [.field(field)],
                submit: visit.text("objection.submit")
            ),
            done: came(of: objector, visit: visit),
            visit: visit
        )
        return .page(
            "portal/sign-objection",
            view,
            heading: Heading(visit.text("objection.title"), section: "sign", hasErrors: problem != nil),
            status: problem == nil ? 200 : 422
        )
    }

    /// What was said, its number, and what came of it.
    private static func said(
        _ objector: Objector,
        secret: String,
        problem: String?,
        visit: Visit,
        desk: PortalDesk
    ) -> Reply {
        let lines = problem.map { [ErrorSummary.Line($0, field: "sample")] } ?? []
        var view = ObjectionPage(
            objector,
            secret: secret,
            errors: ErrorSummary(lines, visit: visit),
            form: nil,
            done: came(of: objector, visit: visit),
            visit: visit
        )
        if objector.mayTakeBack {
            let field = SignPage.Face.sample(
                isDemonstration: desk.isDemonstration,
                problems: problem.map { [$0] } ?? [],
                visit: visit
            )
            view.takeBack = ObjectionPage.TakeBack(
                form: FormView(
                    action: "/sign/\(secret)/objection/take-back",
                    elements: [.field(field)],
                    submit: visit.text("objection.take-back"),
                    isUpload: !desk.isDemonstration
                )
            )
        }
        return .page(
            "portal/sign-objection",
            view,
            heading: Heading(visit.text("objection.title"), section: "sign", hasErrors: problem != nil),
            status: problem == nil ? 200 : 422
        )
    }

    private static func came(of objector: Objector, visit: Visit) -> NoticeView? {
        objector.last.map { last in
            let words: String
            if last.state != .open {
                words = last.outcome == ObjectionStore.notNamed ? "objection.not-named" : "objection.settled"
            } else if objector.isRegistered {
                words = "objection.done.next"
            } else {
                words = objector.isNamed ? "objection.stopped" : "objection.dropped"
            }
            return NoticeView(
                last.state == .open ? .good : .info,
                title: visit.text("objection.state.\(last.state.rawValue)", ["number": last.number]),
                visit.text(words, ["at": (last.closedAt ?? last.at).minuteText])
            )
        }
    }
}

extension Objector {
    /// Whether there is a registration already that could be revoked.
    var isRegistered: Bool { subject.result != nil }
}

/// Template: `portal/sign-objection`.
struct ObjectionPage: PageView {
    let errors: ErrorSummary?
    let form: FormView?
    let done: NoticeView?
    /// The objection is the objector's to take back.
    var takeBack: TakeBack?

    struct TakeBack: PageView {
        let form: FormView
    }

    /// What follows from an objection, before and after the registration.
    let what: String
    /// To the papers, where the link still opens them.
    let back: String?

    init(
        _ objector: Objector,
        secret: String,
        errors: ErrorSummary?,
        form: FormView?,
        done: NoticeView?,
        visit: Visit
    ) {
        self.errors = errors
        self.form = form
        self.done = done
        what = visit.text(objector.isRegistered ? "objection.what.text" : "objection.what.before")
        let signer = objector.signer
        let isOpen = signer.link == SigningLink.digest(secret) && !signer.isExpired(at: visit.now)
        back = isOpen && objector.isNamed ? "/sign/\(secret)" : nil
    }
}
