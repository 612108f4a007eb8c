import Web

/// Signing by link: who is asked to be what, the papers, the face check, the signature; and the applicant's view of
/// everybody who must sign.
enum SigningPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        byLink(desk) + ElsewhereActs.routes(desk) + TakeBackActs.routes(desk) + byApplicant(desk)
    }

    /// Whoever holds a signing link; the secret in it is the right.
    private static func byLink(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/sign/{secret}", who: .everyone, scope: .secret, zh: "签署", en: "Sign") { visit in
                try await SignActs.show(visit, desk)
            },
            .page(
                .get,
                "/sign/{secret}/papers/{kind}",
                who: .everyone,
                scope: .secret,
                zh: "阅读待签文书",
                en: "Read a paper to sign"
            ) { visit in try await SignActs.paper(visit, desk) },
            Route(
                .post,
                "/sign/{secret}/face",
                face: .page,
                who: .everyone,
                scope: .secret,
                summary: Bilingual(zh: "实名核验", en: "Check the face"),
                upload: .sample
            ) { visit in try await SignActs.face(visit, desk) },
            .page(
                .post,
                "/sign/{secret}/sign",
                who: .everyone,
                scope: .secret,
                zh: "签署全部文书",
                en: "Sign all papers"
            ) {
                visit in try await SignActs.sign(visit, desk)
            },
            .page(
                .get,
                "/sign/{secret}/objection",
                who: .everyone,
                scope: .secret,
                zh: "我没有同意",
                en: "I did not agree"
            ) {
                visit in try await ObjectionActs.show(visit, desk)
            },
            .page(.post, "/sign/{secret}/objection", who: .everyone, scope: .secret, zh: "提出异议", en: "Object")
            {
                visit in try await ObjectionActs.object(visit, desk)
            },
            .page(
                .post,
                "/sign/{secret}/objection/take-back",
                who: .everyone,
                scope: .secret,
                zh: "发送撤回异议的链接",
                en: "Send the link that takes an objection back"
            ) { visit in try await ObjectionActs.send(visit, desk) },
        ]
    }

    private static func byApplicant(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/cases/{number}/signers",
                who: .applicants,
                scope: .own,
                zh: "签署情况",
                en: "Who has signed"
            ) {
                visit in try await SignersActs.show(visit, desk)
            },
            .page(
                .post,
                "/cases/{number}/signers",
                who: .applicants,
                scope: .own,
                zh: "发起签署",
                en: "Ask for signatures"
            ) {
                visit in try await SignersActs.ask(visit, desk)
            },
            .page(
                .post,
                "/cases/{number}/signers/renew",
                who: .applicants,
                scope: .own,
                zh: "重新发送签署链接",
                en: "Send a signing link again"
            ) { visit in try await SignersActs.renew(visit, desk) },
            .page(.post, "/cases/{number}/submit", who: .applicants, scope: .own, zh: "提交申请", en: "Submit") {
                visit in
                try await SubmitActs.submit(visit, desk)
            },
            .page(
                .post,
                "/cases/{number}/withdraw",
                who: .applicants,
                scope: .own,
                zh: "撤回申请",
                en: "Withdraw"
            ) { visit in
                try await SubmitActs.withdraw(visit, desk)
            },
        ]
    }
}
