import Cases
import Credentials
import Cryptography
import Forms
import Identity
import Kernel
import PlainItem
import Storage
import Web

/// 加盖电子印章: the application of an enterprise under its own seal, asked for here, approved by a second person on the
/// seal's page, and put here.
enum SealingPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/drafts/{id}/seal",
                who: .applicants,
                scope: .own,
                zh: "加盖电子印章",
                en: "Seal the application"
            ) { visit in try await show(try await Sealing.open(visit, desk), visit, desk, refusal: nil) },
            .page(
                .get,
                "/drafts/{id}/seal/application",
                who: .applicants,
                scope: .own,
                zh: "下载申请书",
                en: "The application as a file"
            ) { visit in
                let sealing = try await Sealing.open(visit, desk)
                return .file(
                    sealing.document,
                    type: "application/ofd",
                    name: "\(sealing.draft.subject.number).ofd",
                    keeping: .never
                )
            },
            .page(
                .post,
                "/drafts/{id}/seal",
                who: .applicants,
                scope: .own,
                zh: "加盖电子印章",
                en: "Seal the application"
            ) { visit in try await act(visit, desk) },
        ]
    }

    static func path(_ subject: Case) -> String { "/drafts/\(subject.id)/seal" }

    /// A draft whose item wants a seal, with its application as it stands.
    private struct Sealing {
        let draft: Draft
        let module: PlainItem
        let limits: JSON
        let document: [UInt8]
        let standing: ApplicationSeal

        var digest: String { Hex.encode(SM3.digest(document)) }

        static func open(_ visit: Visit, _ desk: PortalDesk) async throws -> Sealing {
            let draft = try await Draft.open(visit, desk)
            guard let module = try await desk.desk.module(of: draft.subject) as? PlainItem, module.isSealed,
                draft.problems().isEmpty
            else { throw WebRefusal.notFound }
            let limits = draft.definition.limits(draft.subject.region, visit.now.date)
            let document = try await module.application(of: draft.subject, limits: limits)
            let digest = Hex.encode(SM3.digest(document))
            let standing = try await desk.database.read {
                try module.seal(on: digest, of: draft.subject, in: $0)
            }
            return Sealing(
                draft: draft,
                module: module,
                limits: limits,
                document: document,
                standing: standing
            )
        }
    }

    private static func act(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let sealing = try await Sealing.open(visit, desk)
        let person: ID<Person> = ID(try visit.someone().actor.id)
        let (subject, occasion) = (sealing.draft.subject, visit.occasion)
        do {
            switch visit.form.trimmed("act") {
            case "ask":
                try await desk.database.write { tx in
                    try sealing.module.askSeal(
                        on: sealing.digest,
                        of: subject,
                        by: person,
                        occasion: occasion,
                        in: tx
                    )
                }
            case "put":
                let sealed = try await sealing.module.putSeal(
                    to: subject,
                    limits: sealing.limits,
                    package: desk.verification(visit.now.date).package,
                    workshop: desk.seals,
                    by: person,
                    occasion: occasion
                )
                try await desk.desk.attach(
                    sealed.bytes,
                    name: "\(subject.number).ofd",
                    to: subject.id,
                    blobs: desk.blobs,
                    occasion: occasion
                )
            default: throw WebRefusal.badField(name: "act")
            }
        } catch let refusal as SealError {
            return try await show(sealing, visit, desk, refusal: refusal)
        }
        return .redirect(to: path(subject))
    }

    private static func show(
        _ sealing: Sealing,
        _ visit: Visit,
        _ desk: PortalDesk,
        refusal: SealError?
    ) async throws -> Reply {
        let state = sealing.standing.state
        let subject = sealing.draft.subject
        let words = refusal.map { visit.explain($0) }
        let act = ["none": "ask", "changed": "ask", "refused": "ask", "approved": "put"][state]
        let page = SealingPage(
            refused: words.map { NoticeView(.bad, title: $0.0, $0.1) },
            notice: NoticeView(
                state == "sealed" ? .good : state == "changed" || state == "refused" ? .warn : .info,
                title: visit.text("sealing.state.\(state)"),
                visit.text("sealing.state.\(state).next")
            ),
            documentHref: "\(path(subject))/application",
            digest: sealing.digest,
            sealHref: sealing.standing.seal.map { SealPages.path($0) },
            action: path(subject),
            act: act,
            actWords: act.map { visit.text("sealing.\($0)") } ?? "",
            nextHref: "/cases/\(subject.number)/signers"
        )
        return .page(
            "portal/sealing",
            page,
            heading: sealing.draft.heading(visit.text("sealing.title"), visit, hasErrors: refusal != nil),
            status: refusal?.status.rawValue ?? 200
        )
    }
}

/// Template: `portal/sealing`.
struct SealingPage: PageView {
    let refused: NoticeView?
    let notice: NoticeView
    let documentHref: String
    let digest: String
    /// Where the second person approves; nil when the enterprise has no such seal in force.
    let sealHref: String?
    let action: String
    /// What can be done now; nil while somebody else has to.
    let act: String?
    let actWords: String
    let nextHref: String
}
