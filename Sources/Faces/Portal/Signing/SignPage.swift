import Cases
import Catalogue
import CompanyOpening
import Kernel
import Web

/// What somebody sees who opened a signing link. Template: `portal/sign`.
struct SignPage: PageView {
    let errors: ErrorSummary?
    let lead: String
    let who: SummaryView
    let papers: TaskListView
    let notice: NoticeView?
    /// The face check, while it is needed and possible.
    let face: Face?
    /// The signature, once the face matched and something is left to sign.
    let sign: Sign?
    let objection: String
    let objectionLabel: String

    struct Face: PageView {
        let action: String
        let form: FormView
        let words: String
        let meter: MeterView?
    }

    struct Sign: PageView {
        let form: FormView
        /// Where he signs with a certificate of another authority.
        let elsewhere: String
    }

    /// - Parameter refusal: why this browser cannot sign yet; nil once it can.
    init(
        _ view: SigningView,
        secret: String,
        limits: JSON,
        decision: DecisionWords,
        refusal: CaseError?,
        isDemonstration: Bool,
        errors: ErrorSummary?,
        visit: Visit
    ) {
        let signer = view.signer
        let isSigning = view.subject.state == .signing
        let isComplete = view.state.isComplete(signer)
        self.errors = errors
        let roles = RoleWords.text(signer.roles, visit)
        lead = visit.text(
            isSigning ? "sign.lead" : "sign.lead-over",
            ["company": view.subject.title, "roles": roles]
        )
        who = Self.summary(
            view,
            roles: roles,
            isChecked: refusal == nil || isComplete,
            decision: decision,
            visit: visit
        )
        papers = TaskListView(
            view.papers.map { paper in
                TaskListView.Task(
                    paper.title,
                    href: "/sign/\(secret)/papers/\(paper.kind)",
                    badge: Self.badge(view.state.standing(of: signer, on: paper.kind), visit)
                )
            }
        )
        let isSpent = signer.state == .inPerson || Int64(signer.faceTries) >= limits["faceTries"].int ?? 0
        notice = Self.notice(view, refusal: isComplete ? nil : refusal, isSpent: isSpent, visit: visit)
        let mayAct = isSigning && !isComplete && view.objection == nil
        face =
            mayAct && refusal != nil && !isSpent
            ? Face(
                view,
                secret: secret,
                limits: limits,
                isDemonstration: isDemonstration,
                errors: errors,
                visit: visit
            )
            : nil
        sign =
            mayAct && refusal == nil
            ? Sign(secret: secret, count: view.papers.count, errors: errors, visit: visit) : nil
        objection = "/sign/\(secret)/objection"
        objectionLabel = visit.text(view.objection == nil ? "sign.objection" : "sign.objection.said")
    }

    private static func summary(
        _ view: SigningView,
        roles: String,
        isChecked: Bool,
        decision: DecisionWords,
        visit: Visit
    ) -> SummaryView {
        let signer = view.signer
        var rows: [SummaryView.Row] = [
            .init(visit.text("sign.company"), view.subject.title),
            .init(
                visit.text("sign.you"),
                signer.kind == .person ? PersonMask.name(signer.name) : signer.name
            ),
            .init(visit.text("sign.roles"), roles),
            .init(visit.text("sign.number"), view.subject.number),
            .init(
                visit.text("sign.asker"),
                PersonMask.name(view.subject.data["applicant"]["name"].text ?? "")
            ),
        ]
        if view.subject.state == .signing {
            rows.append(.init(visit.text("sign.until"), signer.expiresAt.minuteText))
        } else {
            rows.append(.init(visit.text("sign.state"), "", badge: view.subject.state.badge(decision, visit)))
        }
        if let score = signer.faceScore, signer.verifiedAt != nil, isChecked {
            rows.append(
                .init(visit.text("sign.score"), visit.text("sign.score-value", ["score": String(score)]))
            )
        }
        if let at = signer.signedAt { rows.append(.init(visit.text("sign.signed-at"), at.minuteText)) }
        return SummaryView(rows: rows)
    }

    private static func badge(_ standing: SigningState.Standing, _ visit: Visit) -> BadgeView {
        switch standing {
        case .signed: BadgeView(visit.text("sign.paper.signed"), .good)
        case .stale: BadgeView(visit.text("sign.paper.stale"), .warn)
        case .missing: BadgeView(visit.text("sign.paper.missing"), .neutral)
        }
    }

    private static func notice(
        _ view: SigningView,
        refusal: CaseError?,
        isSpent: Bool,
        visit: Visit
    ) -> NoticeView? {
        let signer = view.signer
        if let said = view.objection {
            return NoticeView(
                .warn,
                title: visit.text("objection.state.open", ["number": said.number]),
                visit.text(
                    view.subject.result == nil ? "objection.stopped" : "objection.done.next",
                    ["at": said.at.minuteText]
                )
            )
        }
        if view.subject.state == .signing, view.state.isComplete(signer) {
            // His own application is not handed in by signing it.
            guard visit.visitor?.actor.id == view.subject.applicant else {
                return NoticeView(.good, title: visit.text("sign.done"), visit.text("sign.done.next"))
            }
            return NoticeView(
                .good,
                title: visit.text("sign.done"),
                visit.text("sign.done.own"),
                link: (visit.text("sign.done.submit"), "/cases/\(view.subject.number)/signers")
            )
        }
        guard view.subject.state == .signing else {
            return NoticeView(.info, title: visit.text("sign.over"), visit.text("sign.over.next"))
        }
        if isSpent, refusal != nil {
            return NoticeView(.warn, title: visit.text("sign.in-person"), visit.text("sign.in-person.next"))
        }
        if visit.query["face"] == "changed", refusal != nil {
            return NoticeView(.warn, title: visit.text("sign.stale"), visit.text("sign.stale.unread"))
        }
        if visit.query["face"] == "unknown", refusal != nil {
            return NoticeView(
                .warn,
                title: visit.text("sign.face.unknown"),
                visit.text("sign.face.unknown.next")
            )
        }
        if view.papers.contains(where: { view.state.standing(of: signer, on: $0.kind) == .stale }) {
            return NoticeView(.warn, title: visit.text("sign.stale"), visit.text("sign.stale.next"))
        }
        switch refusal {
        case nil: return NoticeView(.good, visit.text("sign.face.passed"))
        case .otherBrowser?:
            return NoticeView(
                .info,
                title: visit.text("sign.face.elsewhere"),
                visit.text("sign.face.elsewhere.next")
            )
        case .checkExpired?:
            return NoticeView(
                .warn,
                title: visit.text("sign.face.expired"),
                visit.text("sign.face.expired.next")
            )
        default: return nil
        }
    }
}

extension SignPage.Face {
    init(
        _ view: SigningView,
        secret: String,
        limits: JSON,
        isDemonstration: Bool,
        errors: ErrorSummary?,
        visit: Visit
    ) {
        let signer = view.signer
        action = "/sign/\(secret)/face"
        let tries = Int(limits["faceTries"].int ?? 0)
        let needed = Int(limits["faceScore"].int ?? 0)
        let left = max(0, tries - signer.faceTries)
        words = visit.text(
            "sign.face.words",
            [
                "needed": String(needed), "left": String(left),
                "hours": String(limits["faceCheckHours"].int ?? limits["signingLinkHours"].int ?? 0),
            ]
        )
        meter =
            signer.faceTries == 0 || signer.verifiedAt != nil
            ? nil
            : MeterView(
                label: visit.text("sign.face.last"),
                words: visit.text(
                    "sign.face.last-words",
                    ["score": String(signer.faceScore ?? 0), "needed": String(needed), "left": String(left)]
                ),
                part: signer.faceScore ?? 0,
                whole: 100,
                tone: .bad
            )
        let wrong = errors?.lines.contains { $0.href == "#" + FieldView.id(for: "sample") } ?? false
        let problems = wrong ? [visit.text("sign.face.none")] : []
        form = FormView(
            action: action,
            elements: [
                .field(FieldView(name: "shown", label: "", kind: .hidden, value: view.shown)),
                .field(
                    Self.sample(isDemonstration: isDemonstration, problems: problems, visit: visit)
                ),
            ],
            submit: visit.text("sign.face.submit")
        )
    }
}

extension SignPage.Face {
    /// What the camera gives; in the demonstration a choice of scores.
    static func sample(isDemonstration: Bool, problems: [String], visit: Visit) -> FieldView {
        isDemonstration
            ? FieldView(
                name: "sample",
                label: visit.text("sign.face.demo"),
                kind: .radios,
                hint: visit.text("sign.face.demo-hint"),
                options: [(950, "good"), (720, "dark"), (300, "other")].map { score, name in
                    FieldView.Option(
                        value: "score:\(score)",
                        label: visit.text("sign.face.demo-\(name)"),
                        isChosen: name == "good"
                    )
                },
                errors: problems
            )
            : FieldView(
                name: "sample",
                label: visit.text("sign.face.photo"),
                kind: .file(accept: "image/*"),
                hint: visit.text("sign.face.photo-hint"),
                errors: problems
            )
    }
}

extension SignPage.Sign {
    init(secret: String, count: Int, errors: ErrorSummary?, visit: Visit) {
        elsewhere = "/sign/\(secret)/elsewhere"
        let wrong = errors?.lines.contains { $0.href == "#" + FieldView.id(for: "agree") } ?? false
        form = FormView(
            action: "/sign/\(secret)/sign",
            elements: [
                .field(
                    FieldView(
                        name: "agree",
                        label: visit.text("sign.agree"),
                        kind: .tick,
                        errors: wrong ? [visit.text("sign.agree.none")] : []
                    )
                )
            ],
            submit: visit.text("sign.submit", ["count": String(count)])
        )
    }
}

/// Roles of persons in a firm, as words.
enum RoleWords {
    static func text(_ roles: [String], _ visit: Visit) -> String {
        roles.map { visit.text("person-role.\($0)") }.joined(separator: visit.text("progress.comma"))
    }
}
