import Cases
import CompanyOpening
import Correspondence
import Kernel
import Storage
import Web

/// The applicant's view of everybody who must sign.
enum SignersActs {
    static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit)
        guard subject.state == .signing || subject.state == .draft || subject.state == .returned else {
            return .redirect(to: "/cases/\(subject.number)/result")
        }
        let (state, messages, objections) = try await desk.database.read { reader in
            (
                try SignerStore.state(of: subject.id, in: reader),
                try CorrespondenceStore.messages(case: subject.number, in: reader),
                try ObjectionStore.standing(of: subject.id, in: reader)
            )
        }
        let page = SignersPage(
            subject,
            state: state,
            objectors: Set(objections.map(\.signer)),
            links: links(in: messages),
            desk: desk,
            visit: visit
        )
        return .page(
            "portal/signers",
            page,
            heading: Heading(
                visit.text("signers.title"),
                service: subject.title,
                crumbs: [.init(visit.text("progress.mine"), href: "/my")],
                section: "mine"
            )
        )
    }

    /// Makes the papers from the form and invites everybody.
    static func ask(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit, for: "case.sign")
        try await desk.desk.askSignatures(subject.id, occasion: visit.occasion)
        return .redirect(to: "/cases/\(subject.number)/signers")
    }

    static func renew(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let subject = try await desk.ownCase(visit, for: "case.sign")
        guard let key = visit.form.trimmed("signer") else { throw WebRefusal.badField(name: "signer") }
        _ = try await desk.desk.renewLink(subject.id, signer: key, occasion: visit.occasion)
        return .redirect(to: "/cases/\(subject.number)/signers?sent=\(key)#signer-\(key)")
    }

    /// The links to the papers that messages of the case carried, by the digest of their secret: so the applicant can
    /// hand a link on by another way than the text message. The link proves nothing: who signs shows his face, and the
    /// right to sign goes to that browser. None that other messages carried: what was sent to an objector is for his
    /// telephone alone.
    private static func links(in messages: [Message]) -> [String: String] {
        let templates = ["sign-please", "sign-voided"]
        var links: [String: String] = [:]
        for message in messages where templates.contains(message.template) && message.link.hasPrefix("/sign/")
        {
            links[SigningLink.digest(String(message.link.dropFirst("/sign/".count)))] = message.link
        }
        return links
    }
}

/// Template: `portal/signers`.
struct SignersPage: PageView {
    let title: String
    let lead: String
    let number: String
    let meter: MeterView?
    let signers: [Row]
    let isAsking: Bool
    let askAction: String
    let notice: NoticeView?
    let isReady: Bool
    let submitAction: String
    let renewAction: String
    let editHref: String

    struct Row: PageView {
        let key: String
        let name: String
        let roles: String
        let phone: String
        let badge: BadgeView
        let words: String
        /// The whole address, to be copied; nil when it was never sent by message.
        let link: String?
        let linkHref: String?
        let until: String
        let isExpired: Bool
        let isOpen: Bool
        /// Said on the card from which a link was just sent again.
        let sent: NoticeView?
    }

    /// - Parameter objectors: keys of those who said that they did not agree.
    init(
        _ subject: Case,
        state: SigningState,
        objectors: Set<String>,
        links: [String: String],
        desk: PortalDesk,
        visit: Visit
    ) {
        title = subject.title
        number = subject.number
        let active = state.active
        let ready = active.filter(state.isComplete).count
        let texted = desk.messenger.templates.quietEnd(visit.now)
        lead =
            texted == visit.now
            ? visit.text("signers.lead") : visit.text("signers.lead-quiet", ["time": texted.minuteText])
        isAsking = subject.state != .signing
        askAction = "/cases/\(subject.number)/signers"
        isReady = subject.state == .signing && state.isComplete && objectors.isEmpty
        submitAction = "/cases/\(subject.number)/submit"
        renewAction = "/cases/\(subject.number)/signers/renew"
        editHref = "/drafts/\(subject.id)"
        meter =
            active.isEmpty
            ? nil
            : MeterView(
                label: visit.text("signers.meter"),
                words: visit.text(
                    "signers.meter-words",
                    ["part": String(ready), "whole": String(active.count)]
                ),
                part: ready,
                whole: active.count,
                tone: ready == active.count ? .good : .info
            )
        signers = active.map {
            Row(
                $0,
                state: state,
                hasObjected: objectors.contains($0.key),
                links: links,
                desk: desk,
                visit: visit
            )
        }
        if !objectors.isEmpty {
            let names = active.filter { objectors.contains($0.key) }.map { PersonMask.name($0.name) }
            notice = NoticeView(
                .bad,
                title: visit.text(
                    "signers.objected",
                    ["names": names.joined(separator: visit.text("progress.comma"))]
                ),
                visit.text("signers.objected.next"),
                link: (visit.text("signers.replace"), editHref)
            )
        } else if isReady {
            notice = NoticeView(.good, title: visit.text("signers.ready"), visit.text("signers.ready.next"))
        } else if subject.state == .signing {
            let names = state.missing.map { PersonMask.name($0.name) }.joined(
                separator: visit.text("progress.comma")
            )
            notice = NoticeView(.info, visit.text("signers.missing", ["names": names]))
        } else {
            notice = NoticeView(.info, visit.text("signers.not-asked"))
        }
    }
}

extension SignersPage.Row {
    init(
        _ signer: Signer,
        state: SigningState,
        hasObjected: Bool,
        links: [String: String],
        desk: PortalDesk,
        visit: Visit
    ) {
        key = signer.key
        name = signer.kind == .person ? PersonMask.name(signer.name) : signer.name
        roles = RoleWords.text(signer.roles, visit)
        phone = signer.phone.count < 7 ? "" : "\(signer.phone.prefix(3))****\(signer.phone.suffix(4))"
        let isComplete = state.isComplete(signer)
        isOpen = !isComplete || hasObjected
        isExpired = visit.now >= signer.expiresAt
        let signed = signer.papers.filter { state.standing(of: signer, on: $0) == .signed }.count
        let isStale = signer.papers.contains { state.standing(of: signer, on: $0) == .stale }
        if hasObjected {
            badge = BadgeView(visit.text("signers.has-objected"), .bad)
        } else if isComplete {
            badge = BadgeView(visit.text("signer-state.signed"), .good)
        } else if isStale {
            badge = BadgeView(visit.text("sign.paper.stale"), .warn)
        } else if isExpired {
            badge = BadgeView(visit.text("signers.expired"), .warn)
        } else {
            badge = BadgeView(
                visit.text("signer-state.\(signer.state.rawValue)"),
                signer.state == .inPerson ? .warn : .info
            )
        }
        words = visit.text(
            "signers.papers",
            ["signed": String(signed), "count": String(signer.papers.count)]
        )
        linkHref = isComplete || isExpired || hasObjected ? nil : links[signer.link]
        link = linkHref.map { desk.address($0, visit) }
        until = signer.expiresAt.minuteText
        sent =
            visit.query["sent"] == signer.key && isOpen && !isExpired
            ? NoticeView(
                .good,
                title: visit.text("signers.sent-again"),
                visit.text("signers.sent-again.text")
            )
            : nil
    }
}
