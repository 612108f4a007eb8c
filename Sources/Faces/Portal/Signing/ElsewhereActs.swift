import Cases
import Credentials
import Kernel
import Storage
import Web

/// Signing with a certificate of another authority: the exact bytes are taken away, signed elsewhere, and the signatures
/// handed in.
enum ElsewhereActs {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/sign/{secret}/elsewhere",
                who: .everyone,
                scope: .secret,
                zh: "用其他机构的证书签署",
                en: "Sign with another authority's certificate"
            ) { visit in try await show(visit, desk, problem: nil) },
            .page(
                .get,
                "/sign/{secret}/papers/{kind}/text",
                who: .everyone,
                scope: .secret,
                zh: "下载待签原文",
                en: "Take the exact bytes to sign"
            ) { visit in try await text(visit, desk) },
            .page(
                .post,
                "/sign/{secret}/elsewhere",
                who: .everyone,
                scope: .secret,
                zh: "提交外部签名",
                en: "Hand in signatures made elsewhere",
                upload: .verification
            ) { visit in try await sign(visit, desk) },
        ]
    }

    private static func text(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let view = try await desk.desk.openLink(try visit.segment("secret"), occasion: visit.occasion)
        let kind = try visit.segment("kind")
        guard let paper = view.papers.first(where: { $0.kind == kind }) else { throw WebRefusal.notFound }
        return .file(Array(paper.content.utf8), type: "text/plain", name: name(of: paper, view))
    }

    private static func name(of paper: StoredPaper, _ view: SigningView) -> String {
        "\(view.subject.number)-\(paper.kind).txt"
    }

    private static func sign(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let secret = try visit.segment("secret")
        let view = try await desk.desk.openLink(secret, occasion: visit.occasion)
        var envelopes: [String: [UInt8]] = [:]
        for paper in view.papers {
            if let file = visit.form.file(paper.kind), !file.bytes.isEmpty {
                envelopes[paper.kind] = file.bytes
            }
        }
        let cookie = SignActs.proofCookie(of: view.signer)
        // Pressed twice: what was asked is done.
        guard !open(view).isEmpty else { return .redirect(to: "/sign/\(secret)") }
        guard view.refusal(of: visit.cookie(cookie), at: visit.now) == nil else {
            // The page says that the face is checked first.
            return .redirect(to: "/sign/\(secret)/elsewhere")
        }
        do {
            try await desk.desk.sign(
                secret,
                proof: visit.cookie(cookie),
                elsewhere: envelopes,
                occasion: visit.occasion
            )
        } catch CaseError.alreadySigned {
            // At the same moment elsewhere.
        } catch let problem as SignatureElsewhereError {
            return try await show(visit, desk, problem: problem)
        } catch CaseError.signatureMissing(let title) {
            return try await show(visit, desk, problem: CaseError.signatureMissing(title))
        }
        return .redirect(to: "/sign/\(secret)").setting(
            FreshCookie(name: cookie, value: "", ageSecondsMax: 0)
        )
    }

    /// The papers that this signer has still to sign.
    private static func open(_ view: SigningView) -> [StoredPaper] {
        view.papers.filter { view.state.standing(of: view.signer, on: $0.kind) != .signed }
    }

    private static func show(_ visit: Visit, _ desk: PortalDesk, problem: (any Refusal)?) async throws
        -> Reply
    {
        let secret = try visit.segment("secret")
        let view = try await desk.desk.openLink(secret, occasion: visit.occasion)
        let open = open(view)
        let kind: Holder.Kind = view.signer.representative == nil ? .person : .enterprise
        let names = try await desk.database.read { reader in
            try TrustDesk.authorities(in: reader).filter { authority in
                authority.state(at: visit.now) == .recognised && authority.holders.contains(kind)
                    && authority.covers(view.subject.region)
            }.map(\.name)
        }
        let isReady =
            view.subject.state == .signing && !open.isEmpty && view.objection == nil
            && view.refusal(of: visit.cookie(SignActs.proofCookie(of: view.signer)), at: visit.now) == nil
        let lines = problem.map { [line($0, open.first?.kind ?? "", visit)] } ?? []
        return .page(
            "portal/sign-elsewhere",
            ElsewherePage(
                errors: ErrorSummary(lines, visit: visit),
                back: "/sign/\(secret)",
                authorities: names.isEmpty
                    ? visit.text("sign.elsewhere.authorities.none")
                    : visit.text(
                        "sign.elsewhere.authorities",
                        ["names": names.joined(separator: visit.text("web.list-joint"))]
                    ),
                notice: isReady ? nil : NoticeView(.info, visit.text("sign.elsewhere.first")),
                papers: open.map { paper in
                    ElsewherePage.Paper(
                        title: paper.title,
                        href: "/sign/\(secret)/papers/\(paper.kind)/text",
                        digest: paper.digest
                    )
                },
                form: isReady ? form(secret, open, visit) : nil
            ),
            heading: Heading(
                visit.text("sign.elsewhere.title"),
                crumbs: [.init(visit.text("sign.title"), href: "/sign/\(secret)")],
                section: "sign",
                hasErrors: problem != nil
            ),
            status: problem == nil ? 200 : 422
        )
    }

    /// What is wrong with a signature in the words that verdicts on files have, and what to do next.
    private static func line(_ problem: any Refusal, _ field: String, _ visit: Visit) -> ErrorSummary.Line {
        let (wrong, next) = visit.explain(problem)
        var (parts, field) = ([wrong], field)
        if let problem = problem as? SignatureElsewhereError {
            if let kind = problem.document.split(separator: "/").last { field = String(kind) }
            if case .refused(let kind, let place, _) = problem {
                parts.append(visit.text("verdict.class.\(kind)", ["place": place]))
            }
        }
        return ErrorSummary.Line(
            (parts + [next]).joined(separator: visit.text("sign.elsewhere.stop")),
            field: field
        )
    }

    private static func form(_ secret: String, _ open: [StoredPaper], _ visit: Visit) -> FormView {
        FormView(
            action: "/sign/\(secret)/elsewhere",
            elements: open.map { paper in
                .field(
                    FieldView(
                        name: paper.kind,
                        label: visit.text("sign.elsewhere.file", ["paper": paper.title]),
                        kind: .file(accept: ".p7s,.p7b,.sig"),
                        hint: visit.text("sign.elsewhere.hint")
                    )
                )
            },
            submit: visit.text("sign.elsewhere.submit")
        )
    }
}

/// Template: `portal/sign-elsewhere`.
struct ElsewherePage: PageView {
    let errors: ErrorSummary?
    let back: String
    /// Whose certificates count at present.
    let authorities: String
    /// Why nothing can be handed in yet.
    let notice: NoticeView?
    let papers: [Paper]
    let form: FormView?

    struct Paper: PageView {
        let title: String
        let href: String
        /// SM3 of the bytes.
        let digest: String
    }
}
