import Audit
import Credentials
import Kernel
import Registers
import Storage
import Web

/// Public verification of a licence or seal by the code on it: what is proven, and what is only claimed.
enum VerifyPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/verify", who: .everyone, scope: .open, zh: "证照核验", en: "Verify a licence") {
                visit in
                ask(visit, problem: nil)
            },
            .page(.post, "/verify", who: .everyone, scope: .open, zh: "核验证照", en: "Verify") { visit in
                try await answer(visit, desk)
            },
            .page(
                .get,
                "/v/{code}",
                who: .everyone,
                scope: .secret,
                zh: "证照核验结果",
                en: "Result of a verification"
            ) {
                visit in try await show(visit, desk)
            },
        ]
    }

    /// A code is a secret and leads to everything that stands on the paper; a number is none and leads to little.
    private static func answer(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let typed = visit.form.trimmed("code") ?? ""
        if let code = VerificationCode(parsing: typed) { return .redirect(to: code.path) }
        let number = typed.uppercased()
        guard (6...40).contains(number.utf8.count), number.utf8.allSatisfy(isOfNumber) else {
            return ask(visit, problem: visit.text("verify.bad-code"))
        }
        let found: [NumberFinding]
        do {
            found = try await desk.numbers.find(number, from: visit.address, occasion: visit.occasion)
        } catch let refusal as PresentationError {
            return ask(visit, problem: visit.text("refusal.\(refusal.code)", refusal.arguments), status: 429)
        }
        guard !found.isEmpty else { return ask(visit, problem: visit.text("verify.unknown-number")) }
        return .page(
            "portal/verify-number",
            try VerifyNumberPage(found, desk, visit),
            heading: Heading(
                visit.text("verify.result"),
                crumbs: [.init(visit.text("verify.title"), href: "/verify")],
                section: "verify"
            )
        )
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x2D
    }

    private static func ask(_ visit: Visit, problem: String?, status: Int? = nil) -> Reply {
        let lines = problem.map { [ErrorSummary.Line($0, field: "code")] } ?? []
        let view = LookUpPage(
            errors: ErrorSummary(lines, visit: visit),
            form: FormView(
                action: "/verify",
                elements: [
                    .field(
                        FieldView(
                            name: "code",
                            label: visit.text("verify.code"),
                            kind: .code,
                            value: visit.form.trimmed("code") ?? visit.segments["code"] ?? "",
                            hint: visit.text("verify.code-hint"),
                            errors: problem.map { [$0] } ?? [],
                            lengthMax: 40
                        )
                    )
                ],
                submit: visit.text("verify.submit")
            )
        )
        return .page(
            "portal/verify-ask",
            view,
            heading: Heading(visit.text("verify.title"), section: "verify", hasErrors: problem != nil),
            status: status ?? (problem == nil ? 200 : 422)
        )
    }

    private static func show(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        guard let code = VerificationCode(parsing: try visit.segment("code")) else {
            return ask(visit, problem: visit.text("verify.bad-code"))
        }
        let (now, limits) = (visit.now, desk.verification(visit.now.date))
        let found = try await desk.database.read { reader in
            try Credentials.find(code: code, in: reader).map { credential in
                let verifier = CredentialVerifier(
                    anchors: desk.credentials.anchors,
                    revocation: try desk.certificates.lists.current(at: now, in: reader).national,
                    toleranceMilliseconds: limits.toleranceMilliseconds
                )
                let verdict = try verifier.verify(credential.file, at: now, in: reader)
                return (
                    credential, try asking(verdict, about: credential, in: reader),
                    try SealStanding(of: credential, at: now, in: reader)
                )
            }
        }
        guard let (credential, verdict, seal) = found else {
            return ask(visit, problem: visit.text("verify.unknown"))
        }
        let page = try VerdictPage(credential, verdict: verdict, seal: seal, desk: desk, visit: visit)
        return .page(
            "portal/verify",
            page,
            heading: Heading(
                visit.text("verify.result"),
                crumbs: [.init(visit.text("verify.title"), href: "/verify")],
                section: "verify"
            )
        )
    }
}

extension VerifyPages {
    /// Asks the register about the firm that holds it, and the log about both: whoever rewrote one of them only is not
    /// believed.
    private static func asking(
        _ verdict: CredentialVerdict,
        about credential: Credential,
        in reader: any Reader
    ) throws -> CredentialVerdict {
        let record = credential.record
        var isAsLogged = try Credentials.isAsLogged(credential.id, in: reader)
        guard record.holder.kind == .enterprise else {
            return verdict.adding(problems: isAsLogged ? [] : [.notAsLogged])
        }
        guard let subject = try RegisterStore.find(record.holder.code, in: reader) else {
            return verdict.adding(problems: [.holderUnknown])
        }
        let proof = try AuditLog.readable { try RegisterProof.of(subject.code, in: reader).problem == nil }
        if proof != true { isAsLogged = false }
        let state = subject.state
        let isOver =
            switch state {
            case .active, .dormant: false
            // A firm that is wound up goes on to use its seals.
            case .revoked: record.sealCode == nil
            case .withdrawn, .cancelled: true
            }
        return verdict.adding(
            problems: (isOver ? [.holder(state: state.rawValue)] : []) + (isAsLogged ? [] : [.notAsLogged]),
            proven: isOver ? [] : [.holder(state: state.rawValue)]
        )
    }
}

/// Template: `portal/verify`.
struct VerdictPage: PageView {
    struct Line: PageView {
        let text: String
    }

    let notice: NoticeView
    let card: CredentialCard
    let proven: [Line]
    let hasProven: Bool
    let claimed: [Line]
    let hasClaimed: Bool
    let problems: [Line]
    let hasProblems: Bool
    let at: String

    init(
        _ credential: Credential,
        verdict: CredentialVerdict,
        seal: SealStanding?,
        desk: PortalDesk,
        visit: Visit
    ) throws {
        card = try CredentialCard(credential, desk: desk, visit: visit, seal: seal, hasFile: false)
        // The record of a seal is suspended and ended with the seal, which has words of its own for that.
        let isOnlyState = verdict.problems.allSatisfy { if case .state = $0 { true } else { false } }
        let standing = isOnlyState ? seal?.notice(visit) : nil
        notice =
            standing
            ?? (verdict.isValid
                ? NoticeView(.good, title: visit.text("verify.valid"), visit.text("verify.valid.text"))
                : NoticeView(.bad, title: visit.text("verify.invalid"), visit.text("verify.invalid.text")))
        proven = verdict.proven.map { finding in
            if case .state = finding, let seal {
                return Line(text: visit.text("verify.seal.state", ["state": seal.badge(visit).text]))
            }
            return Line(text: visit.text("verdict.\(finding.code)", finding.arguments))
        }
        hasProven = !proven.isEmpty
        claimed = verdict.claimed.map { Line(text: visit.text("verdict.\($0.code)", $0.arguments)) }
        hasClaimed = !claimed.isEmpty
        problems = verdict.problems.map { problem in
            if case .state = problem, let seal {
                return Line(text: visit.text("verify.seal", ["state": seal.badge(visit).text]))
            }
            return Line(text: visit.text("verdict.\(problem.code)"))
        }
        hasProblems = !problems.isEmpty
        at = visit.text("verify.at", ["at": visit.now.minuteText])
    }
}
