import Cases
import Kernel
import Web

/// The link that was sent to the telephone that objected: it takes the objection back, and does nothing by being opened.
enum TakeBackActs {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/objections/{secret}",
                who: .everyone,
                scope: .secret,
                zh: "撤回异议",
                en: "Take an objection back"
            ) { visit in
                let secret = try visit.segment("secret")
                do {
                    let view = try await desk.desk.openTakeBack(secret, occasion: visit.occasion)
                    return page(view, secret: secret, visit: visit)
                } catch let error as CaseError where error == .linkUnknown || error == .linkExpired {
                    return closed(error, visit)
                }
            },
            .page(
                .post,
                "/objections/{secret}",
                who: .everyone,
                scope: .secret,
                zh: "确认撤回异议",
                en: "Confirm that an objection is taken back"
            ) { visit in
                let secret = try visit.segment("secret")
                do {
                    try await desk.desk.takeBackObjection(secret, occasion: visit.occasion)
                    return .redirect(to: visit.path)
                } catch let error as CaseError where error == .linkUnknown || error == .linkExpired {
                    return closed(error, visit)
                }
            },
        ]
    }

    private static func page(_ view: TakeBackView, secret: String, visit: Visit) -> Reply {
        let (subject, objection) = (view.subject, view.objection)
        let isOpen = objection.state == .open && subject.state.isEditable
        let notice =
            isOpen
            ? NoticeView(
                .warn,
                title: visit.text("objection.confirm.stands"),
                visit.text("objection.confirm.stands.next")
            )
            : NoticeView(
                .info,
                title: visit.text(
                    "objection.state.\(objection.state.rawValue)",
                    ["number": objection.number]
                ),
                visit.text(
                    objection.state == .open ? "objection.confirm.late" : "objection.settled",
                    ["at": (objection.closedAt ?? objection.at).minuteText]
                )
            )
        return .page(
            "portal/objection-take-back",
            TakeBackPage(
                notice: notice,
                facts: SummaryView(rows: [
                    .init(visit.text("sign.company"), subject.title),
                    .init(visit.text("sign.number"), subject.number),
                    .init(visit.text("sign.roles"), RoleWords.text(objection.roles, visit)),
                    .init(visit.text("objection.number"), objection.number),
                    .init(visit.text("objection.at"), objection.at.minuteText),
                ]),
                action: isOpen ? "/objections/\(secret)" : nil
            ),
            heading: Heading(visit.text("objection.take-back"), section: "sign")
        )
    }

    private static func closed(_ error: CaseError, _ visit: Visit) -> Reply {
        let wrong = visit.explain(error).wrong
        return .page(
            "portal/objection-take-back",
            TakeBackPage(
                notice: NoticeView(.bad, title: wrong, visit.text("objection.confirm.closed")),
                facts: nil,
                action: nil
            ),
            heading: Heading(visit.text("objection.take-back"), section: "sign", hasErrors: true),
            status: error.status.rawValue
        )
    }
}

/// Template: `portal/objection-take-back`.
struct TakeBackPage: PageView {
    let notice: NoticeView
    let facts: SummaryView?
    /// Nil where nothing is left to take back.
    let action: String?
}
