import Credentials
import Documents
import Forms
import Kernel
import Storage
import Web

/// Public verification of a file: a sealed OFD, a seal, a licence or a receipt is handed in, read in memory, answered and
/// forgotten.
enum VerifyFilePages {
    static let path = "/verify/file"

    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, path, who: .everyone, scope: .open, zh: "核验文件", en: "Verify a file") { visit in
                ask(visit, desk, problem: nil)
            },
            .page(
                .post,
                path,
                who: .everyone,
                scope: .open,
                zh: "核验文件",
                en: "Verify a file",
                upload: .verification
            ) { visit in try await check(visit, desk) },
        ]
    }

    private static func check(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        guard let file = visit.form.file("file"), !file.bytes.isEmpty else {
            return ask(visit, desk, problem: visit.text("verify.file.none"))
        }
        let (limits, now) = (desk.verification(visit.now.date), visit.now)
        let (revocation, recognised) = try await desk.database.read { reader in
            (
                try desk.certificates.lists.current(at: now, in: reader),
                try desk.certificates.trust.recognised(limits: limits.lists, in: reader)
            )
        }
        let verifier = FileVerifier(
            anchors: desk.credentials.trust,
            revocation: revocation,
            recognised: recognised,
            moment: now,
            limits: limits
        )
        let beside = visit.form.file("signature")?.bytes ?? []
        let alone = try await desk.press.make { _ in
            beside.isEmpty ? verifier.verify(file.bytes) : verifier.verify(file.bytes, signature: beside)
        }
        let types = desk.credentials.types.licences
        let verdict = try await desk.database.read { reader in
            try verifier.asking(alone, about: file.bytes, types: types, in: reader).withSealStates(in: reader)
        }
        if !verdict.isValid, beside.isEmpty, isSignature(file.fileName) {
            return .page(
                "portal/verify-file",
                FileVerdictPage.alone(form(visit, desk, problem: nil), visit),
                heading: heading(visit, hasErrors: false)
            )
        }
        return .page(
            "portal/verify-file",
            FileVerdictPage(
                verdict,
                name: file.fileName,
                type: verdict.content.first { $0.name == "ZZLXDM" }.flatMap {
                    desk.credentials.types.licences.type(code: $0.value)
                },
                form: form(visit, desk, problem: nil),
                visit: visit
            ),
            heading: heading(visit, hasErrors: false)
        )
    }

    /// What is only a signature, by the ending of its name.
    private static let signatures = [".p7s", ".p7b", ".sig"]

    private static func isSignature(_ name: String) -> Bool {
        signatures.contains(where: name.lowercased().hasSuffix)
    }

    private static func ask(_ visit: Visit, _ desk: PortalDesk, problem: String?) -> Reply {
        let lines = problem.map { [ErrorSummary.Line($0, field: "file")] } ?? []
        return .page(
            "portal/verify-file",
            FileVerdictPage(
                errors: ErrorSummary(lines, visit: visit),
                form: form(visit, desk, problem: problem)
            ),
            heading: heading(visit, hasErrors: problem != nil),
            status: problem == nil ? 200 : 422
        )
    }

    private static func heading(_ visit: Visit, hasErrors: Bool) -> Heading {
        Heading(
            visit.text("verify.file.title"),
            crumbs: [.init(visit.text("verify.title"), href: "/verify")],
            section: "verify",
            hasErrors: hasErrors
        )
    }

    private static func form(_ visit: Visit, _ desk: PortalDesk, problem: String?) -> FormView {
        let size = desk.verification(visit.now.date).package.sizeBytesMax >> 20
        return FormView(
            action: path,
            elements: [
                .field(
                    FieldView(
                        name: "file",
                        label: visit.text("verify.file.label"),
                        kind: .file(accept: ".ofd,.pdf,.esl,.json,.suban,.zip"),
                        hint: visit.text("verify.file.hint", ["size": String(size)]),
                        errors: problem.map { [$0] } ?? []
                    )
                ),
                .field(
                    FieldView(
                        name: "signature",
                        label: visit.text("verify.file.signature"),
                        kind: .file(accept: signatures.joined(separator: ",")),
                        hint: visit.text("verify.file.signature.hint"),
                        isOptional: true
                    )
                ),
            ],
            submit: visit.text("verify.submit")
        )
    }
}

/// Template: `portal/verify-file`.
struct FileVerdictPage: PageView {
    struct Line: PageView {
        let text: String
        /// The stable code of a fault, for whoever quotes it.
        let code: String?
    }

    struct Row: PageView {
        let name: String
        let value: String
    }

    let errors: ErrorSummary?
    let form: FormView
    let notice: NoticeView?
    let name: String?
    let at: String?
    let proven: [Line]
    let hasProven: Bool
    let claimed: [Line]
    let hasClaimed: Bool
    let problems: [Line]
    let hasProblems: Bool
    let content: [Row]
    let hasContent: Bool
    /// Above the content: whether the seals prove it.
    let contentWords: String

    init(errors: ErrorSummary? = nil, form: FormView, notice: NoticeView? = nil) {
        self.errors = errors
        self.form = form
        self.notice = notice
        (name, at, contentWords) = (nil, nil, "")
        (proven, claimed, problems, content) = ([], [], [], [])
        (hasProven, hasClaimed, hasProblems, hasContent) = (false, false, false, false)
    }

    /// Names of the catalogue (GB/T 36903) in words; those of a type's own fields as the type calls them.
    private static let known: Set = [
        "ZZMC", "ZZLXDM", "ZZBH", "ZZBS", "ZZBFJG", "ZZBFJGDM", "ZZBFRQ", "CZZT", "CZZTDM", "CZZTDMLX",
        "CZZTDMLXDM", "ZZYXQQSRQ", "ZZYXQJZRQ", "JZJZZSJ", "JZJZZZ", "JZJZZSY", "JZJYXQJZSJ",
    ]

    private static func label(of name: String, type: LicenceType?, visit: Visit) -> String {
        if known.contains(name) { return visit.text("catalogue.\(name)") }
        let field = type?.fields.first { $0.catalogue == name }
        return field.map { $0.name(visit.language.rawValue) } ?? name
    }

    /// What bears no signature proves nothing, but nobody forged it.
    private static func notice(_ verdict: FileVerdict, _ visit: Visit) -> NoticeView {
        if verdict.isValid {
            return NoticeView(
                .good,
                title: visit.text("verify.file.valid"),
                visit.text("verify.file.valid.text")
            )
        }
        if verdict.kind == .signature, verdict.problems.map(\.code) == ["class.DOC_HASH"] {
            let title = visit.text("verify.file.other")
            return NoticeView(.bad, title: title, visit.text("verify.file.other.text"))
        }
        switch Set(verdict.problems.map(\.code)) {
        case ["class.NOT_SIGNED"]:
            let title = visit.text("verify.file.unsigned")
            return NoticeView(.warn, title: title, visit.text("verify.file.unsigned.text"))
        case ["file.unknown-format"]:
            let title = visit.text("verify.file.unknown")
            return NoticeView(.warn, title: title, visit.text("verify.file.unknown.text"))
        default:
            let title = visit.text("verify.file.invalid")
            return NoticeView(.bad, title: title, visit.text("verify.file.invalid.text"))
        }
    }

    /// Of a signature without the file that it is of nothing can be said.
    static func alone(_ form: FormView, _ visit: Visit) -> FileVerdictPage {
        let title = visit.text("verify.file.alone")
        return FileVerdictPage(
            form: form,
            notice: NoticeView(.warn, title: title, visit.text("verify.file.alone.text"))
        )
    }

    /// - Parameter type: of the licence that the file says it is; nil when it is none of ours.
    init(_ verdict: FileVerdict, name: String, type: LicenceType?, form: FormView, visit: Visit) {
        errors = nil
        self.form = form
        self.name = name
        at = visit.text("verify.at", ["at": visit.now.minuteText])
        notice = Self.notice(verdict, visit)
        func lines(_ found: [VerdictLine]) -> [Line] {
            found.map { line in
                var arguments = line.arguments
                if let names = arguments["names"]?.split(separator: " ") {
                    arguments["names"] = names.map { Self.label(of: String($0), type: type, visit: visit) }
                        .joined(separator: " ")
                }
                // How a seal stood is a code to programs, and a word here.
                if line.code.hasPrefix("seal."),
                    let state = arguments["state"].flatMap(SealState.init(rawValue:))
                {
                    arguments["state"] = SealPages.words(state, isStopped: false, visit)
                }
                return Line(text: visit.text("verdict.\(line.code)", arguments), code: line.classCode)
            }
        }
        proven = lines(verdict.proven)
        claimed = lines(verdict.claimed)
        problems = lines(verdict.problems)
        content = verdict.content.map {
            Row(name: Self.label(of: $0.name, type: type, visit: visit), value: $0.value)
        }
        (hasProven, hasClaimed) = (!proven.isEmpty, !claimed.isEmpty)
        (hasProblems, hasContent) = (!problems.isEmpty, !content.isEmpty)
        contentWords = visit.text(
            verdict.isValid ? "verify.file.content.proven" : "verify.file.content.unproven"
        )
    }
}
