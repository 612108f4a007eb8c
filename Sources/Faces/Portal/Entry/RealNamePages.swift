import Cryptography
import Identity
import Kernel
import Storage
import Web

/// 实名核验: the holder of an account shows his face, and may then do what asks for more than his word.
enum RealNamePages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, path, who: .applicants, scope: .own, zh: "实名核验", en: "Real-name check") { visit in
                try await page(visit, desk, next: visit.query.trimmed("next"))
            },
            .page(
                .post,
                path,
                who: .applicants,
                scope: .own,
                zh: "实名核验",
                en: "Real-name check",
                upload: .sample
            ) { visit in
                try await check(visit, desk)
            },
        ]
    }

    static let path = "/account/real-name"

    private static func check(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let next = visit.form.trimmed("next")
        let photo = visit.form.file("sample").map { Base64.encode($0.bytes) }
        guard let sample = photo ?? visit.form.trimmed("sample") else {
            return try await page(visit, desk, next: next, refusal: SampleRefusal.none)
        }
        do {
            let person = try await self.person(visit, desk)
            guard person.level < .face else { return .redirect(to: path, next: SignInPages.own(next)) }
            _ = try await RealName.compare(
                person.id,
                sample: sample,
                checks: desk.identityChecks,
                settings: desk.identity,
                occasion: visit.occasion,
                database: desk.database
            )
            return .redirect(to: path, next: SignInPages.own(next))
        } catch let refusal as IdentityError {
            return try await page(visit, desk, next: next, refusal: refusal)
        }
    }

    static func person(_ visit: Visit, _ desk: PortalDesk) async throws -> Person {
        let account = try await AccountPages.account(visit, desk)
        return try await desk.database.read { reader in
            guard let person = try People.find(ID(account.holder), in: reader) else {
                throw IdentityError.unknownPerson
            }
            return person
        }
    }

    private static func page(
        _ visit: Visit,
        _ desk: PortalDesk,
        next: String?,
        refusal: (any Refusal)? = nil
    ) async throws -> Reply {
        let person = try await person(visit, desk)
        let onward = SignInPages.own(next) ?? "/my"
        if person.level >= .face {
            return EntryPage.reply(
                "portal.real-name.title",
                lead: visit.text(
                    "portal.real-name.who",
                    ["name": person.name, "number": person.documentMasked]
                ),
                notice: NoticeView(.good, visit.text("portal.real-name.done")),
                form: nil,
                links: [.init(text: visit.text("portal.real-name.onward"), href: onward)],
                visit
            )
        }
        let needed = try desk.identity.limits.value(.faceScore, at: visit.now) / 10
        let problems = EntryPage.words(refusal, visit)
        return EntryPage.reply(
            "portal.real-name.title",
            lead: visit.text("portal.real-name.text", ["name": person.name, "needed": String(needed)]),
            form: FormView(
                action: path,
                elements: [
                    EntryPage.next(next),
                    .field(
                        SignPage.Face.sample(
                            isDemonstration: desk.isDemonstration,
                            problems: problems,
                            visit: visit
                        )
                    ),
                ],
                errors: ErrorSummary(problems.map { ErrorSummary.Line($0, field: "sample") }, visit: visit),
                submit: visit.text("sign.face.submit")
            ),
            links: [.init(text: visit.text("portal.real-name.later"), href: onward)],
            refusal: refusal,
            visit
        )
    }
}

private enum SampleRefusal: Refusal {
    case none

    var code: String { "real-name.no-picture" }
    var status: RefusalStatus { .unacceptable }
}
