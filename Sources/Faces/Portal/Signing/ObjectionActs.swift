import Cases
import Kernel
import Web

/// "I did not agree": a named person's complaint, by his own link, also by one that no longer opens the papers.
enum ObjectionActs {
    static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let secret = try visit.segment("secret")
        do {
            let objector = try await desk.desk.objector(secret)
            if objector.last?.state == .open || !objector.isNamed || objector.subject.state.cameToNothing {
                return said(objector, secret: secret, visit: visit)
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
            case .notAllowed: return .redirect(to: "/sign/\(secret)/objection")
            case .reasonTooLong(let max):
                problem = visit.text("objection.text-long", ["max": String(max)])
            default: throw error
            }
            let objector = try await desk.desk.objector(secret)
            return ask(objector, secret: secret, typed: typed, problem: problem, visit: visit)
        }
    }

    /// Sends the secret that takes the objection back to the telephone that objected.
    static func send(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let secret = try visit.segment("secret")
        do {
            try await desk.desk.sendTakeBack(secret, occasion: visit.occasion)
            return .redirect(to: "/sign/\(secret)/objection?sent=yes")
        } catch CaseError.linkUnknown {
            // Nothing to take back any more: the page says what came of it. A link that is none has no page.
            _ = try await desk.desk.objector(secret)
            return .redirect(to: "/sign/\(secret)/objection")
        } catch CaseError.takeBackAtCounter {
            // The page says so where the button was.
            return .redirect(to: "/sign/\(secret)/objection#take-back")
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
    private static func said(_ objector: Objector, secret: String, visit: Visit) -> Reply {
        var view = ObjectionPage(
            objector,
            secret: secret,
            errors: nil,
            form: nil,
            done: came(of: objector, visit: visit),
            visit: visit
        )
        if objector.mayTakeBack {
            let number = objector.last?.number ?? ""
            view.takeBack = ObjectionPage.TakeBack(
                action: objector.hasTelephone ? "/sign/\(secret)/objection/take-back" : nil,
                sent: visit.query["sent"].map { _ in
                    NoticeView(
                        .good,
                        title: visit.text("objection.take-back.sent"),
                        visit.text("objection.take-back.sent.next")
                    )
                },
                counter: visit.text(
                    "objection.take-back.counter",
                    ["case": objector.subject.number, "number": number]
                )
            )
        }
        return .page(
            "portal/sign-objection",
            view,
            heading: Heading(visit.text("objection.title"), section: "sign"),
            status: 200
        )
    }

    private static func came(of objector: Objector, visit: Visit) -> NoticeView? {
        if objector.hasOther, objector.last?.state != .open {
            return NoticeView(.warn, title: visit.text("objection.other"), visit.text("objection.other.next"))
        }
        guard let last = objector.last else { return nil }
        let inquiry = ObjectionInquiry.allCases.first { $0.outcome == last.outcome }
        // Whatever an inquiry came to, the objection was settled by it.
        let state = inquiry == nil ? last.state : .accepted
        return NoticeView(
            last.state == .open ? .good : .info,
            title: visit.text("objection.state.\(state.rawValue)", ["number": last.number]),
            visit.text(objector.words(inquiry), ["at": (last.closedAt ?? last.at).minuteText])
        )
    }
}

extension Objector {
    /// What is true of the last objection where the case stands now.
    fileprivate func words(_ inquiry: ObjectionInquiry?) -> String {
        if let inquiry { return "objection.came.\(inquiry.rawValue)" }
        guard last?.state == .open else {
            if last?.outcome == ObjectionStore.notNamed { return "objection.not-named" }
            return subject.state.cameToNothing ? "objection.came.ended" : "objection.settled"
        }
        switch subject.state {
        case .granted, .revoked: return "objection.done.next"
        case .received, .accepted, .review:
            return isNamed ? "objection.in-review" : "objection.dropped"
        case .draft, .signing, .returned:
            return isNamed ? "objection.stopped" : "objection.dropped"
        case .transferred, .refused, .withdrawn, .lapsed: return "objection.came.ended"
        }
    }

    /// What follows from an objection where the case stands now.
    fileprivate var follows: String {
        switch subject.state {
        case .draft, .signing, .returned: "objection.what.before"
        case .received, .accepted, .review: "objection.what.review"
        case .granted: "objection.what.text"
        case .revoked: "objection.what.revoked"
        case .transferred, .refused, .withdrawn, .lapsed: "objection.what.ended"
        }
    }
}

/// Template: `portal/sign-objection`.
struct ObjectionPage: PageView {
    let errors: ErrorSummary?
    let form: FormView?
    let done: NoticeView?
    /// The objection can be taken back.
    var takeBack: TakeBack?

    struct TakeBack: PageView {
        /// Nil where no telephone proves who objected.
        let action: String?
        let sent: NoticeView?
        /// The other way, which is always there.
        let counter: String
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
        what = visit.text(objector.follows)
        let signer = objector.signer
        let isOpen = signer.link == SigningLink.digest(secret) && !signer.isExpired(at: visit.now)
        back = isOpen && objector.isNamed ? "/sign/\(secret)" : nil
    }
}
