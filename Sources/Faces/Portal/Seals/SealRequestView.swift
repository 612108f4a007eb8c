import Credentials
import Kernel
import Web

/// A use of a seal that somebody asked for, with what the reader may do about it.
struct SealRequestView: PageView {
    let anchor: String
    let title: String
    let badge: BadgeView
    let rows: SummaryView
    let digest: String
    /// Where it is approved; nil for who may not.
    let approve: String?
    /// Where a code is sent that the owner confirms with; nil for who may not.
    let code: String?
    let confirmForm: FormView?
    let isConfirmOpen: Bool
    let refuseForm: FormView?
    let isRefuseOpen: Bool
    let compareForm: FormView?
    let compared: NoticeView?
    let signForm: FormView?
    /// Why what was approved cannot be sealed now.
    let obstacle: NoticeView?
    let withdraw: String?

    init(
        _ request: SealRequest,
        _ facts: SealFacts,
        refused: SealRefused?,
        compared: SealCompared?,
        _ visit: Visit
    ) {
        let isOwn = request.requester == facts.person.rawValue
        let mayDecide = request.state == .waiting && facts.mayApprove(request)
        let path = "\(SealPages.path(facts.seal))/requests/\(request.id)"
        let own = refused.flatMap { $0.form == .request(request.id) ? $0 : nil }
        anchor = "request-\(request.id)"
        title = request.subject.name
        badge = BadgeView(visit.text("seal-request.\(request.state.rawValue)"), Self.tone(request.state))
        rows = SummaryView(rows: Self.rows(request, facts, visit))
        digest = request.subject.digest
        approve = mayDecide ? "\(path)/decide" : nil
        let mayConfirm = facts.mayConfirm(request)
        code = mayConfirm ? "\(path)/code" : nil
        let isSent = SealCode(visit)?.request == request.id
        confirmForm = mayConfirm && isSent ? SealForms.confirm(request, "\(path)/decide", own, visit) : nil
        isConfirmOpen = confirmForm != nil
        refuseForm = mayDecide ? SealForms.refuse(request, "\(path)/decide", own, visit) : nil
        isRefuseOpen = own != nil && mayDecide
        compareForm = mayDecide ? SealForms.compare(request, "\(path)/compare", own, visit) : nil
        self.compared = compared.flatMap { $0.request == request.id ? $0.notice(visit) : nil }
        let fault = request.state == .approved && isOwn ? facts.obstacles[request.id] : nil
        signForm =
            isOwn && request.state == .approved && fault == nil
            ? SealForms.sign(request, "\(path)/sign", own, visit) : nil
        obstacle = fault.map {
            let words = visit.explain($0)
            return NoticeView(.warn, title: words.wrong, words.next)
        }
        withdraw =
            isOwn && (request.state == .waiting || request.state == .approved) ? "\(path)/withdraw" : nil
    }

    private static func tone(_ state: SealRequest.State) -> Tone {
        switch state {
        case .waiting: .info
        case .approved, .signed: .good
        case .refused, .withdrawn: .neutral
        }
    }

    private static func rows(_ request: SealRequest, _ facts: SealFacts, _ visit: Visit) -> [SummaryView.Row]
    {
        var rows: [SummaryView.Row] = [
            .init(visit.text("seal.ask.kind"), SealForms.documentKind(request.subject.kind, visit)),
            .init(visit.text("seal.ask.purpose"), request.subject.purpose),
            .init(visit.text("seal.requester"), facts.name(request.requester)),
            .init(visit.text("seal.asked-at"), request.at.minuteText),
            .init(visit.text("seal.digest"), request.subject.digest),
        ]
        if !request.subject.caseNumber.isEmpty {
            rows.append(.init(visit.text("seal.ask.case"), request.subject.caseNumber))
        }
        if request.state == .waiting {
            let others = facts.approvers.filter { $0 != request.requester }.map(facts.name)
            rows.append(
                .init(
                    visit.text("seal.approves"),
                    others.isEmpty
                        ? visit.text(facts.isAlone ? "seal.approves.alone" : "seal.approves.none")
                        : others.joined(separator: visit.text("rights.and"))
                )
            )
        } else if request.state != .withdrawn, let by = request.decidedBy {
            let who = facts.approver(by, request.confirmation, visit)
            rows.append(.init(visit.text("seal.approver"), who))
        }
        if request.state == .waiting || request.state == .approved {
            let until = facts.permits.first { $0.id == request.permit }?.until.description
            rows.append(.init(visit.text("seal.by-when"), until ?? visit.text("seal.by-when.none")))
        }
        if let reason = request.reason { rows.append(.init(visit.text("seal.reason"), reason)) }
        return rows
    }
}

/// Whether a file that somebody holds is the one for which a seal was asked.
struct SealCompared: Sendable {
    let request: ID<SealRequest>
    let isSame: Bool

    func notice(_ visit: Visit) -> NoticeView {
        isSame
            ? NoticeView(.good, visit.text("seal.compare.same"))
            : NoticeView(.bad, visit.text("seal.compare.different"))
    }
}
