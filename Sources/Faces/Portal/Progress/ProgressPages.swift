import Web

/// Where a case stands: for everybody who knows its number and code, and in full for the applicant; its result,
/// papers and receipts.
enum ProgressPages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        lookUp(desk) + ofCase(desk)
    }

    static let navigation = [
        NavigationEntry(
            section: "progress",
            path: "/progress",
            label: "progress.nav",
            icon: "clipboard-check",
            places: [.main, .tab]
        ),
        NavigationEntry(
            section: "verify",
            path: "/verify",
            label: "verify.nav",
            icon: "qr-code",
            places: [.main]
        ),
        NavigationEntry(
            section: "wallet",
            path: "/wallet",
            label: "wallet.nav",
            icon: "wallet2",
            places: [.main, .tab],
            who: .applicants
        ),
    ]

    private static func lookUp(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/progress", who: .everyone, scope: .open, zh: "办件查询", en: "Follow a case") { visit in
                LookUpActs.ask(visit, problem: nil, status: 200)
            },
            .page(.post, "/progress", who: .everyone, scope: .secret, zh: "查询办件", en: "Look a case up") {
                visit in
                try await LookUpActs.find(visit, desk)
            },
            .page(
                .get,
                "/progress/{number}",
                who: .everyone,
                scope: .secret,
                zh: "办件进度",
                en: "Where a case stands"
            ) {
                visit in try await LookUpActs.show(visit, desk)
            },
        ]
    }

    private static func ofCase(_ desk: PortalDesk) -> [Route] {
        [
            .page(.get, "/cases/{number}", who: .applicants, scope: .own, zh: "办件", en: "A case") { visit in
                try await ResultActs.enter(visit, desk)
            },
            .page(.get, "/cases/{number}/result", who: .applicants, scope: .own, zh: "办理结果", en: "Result") {
                visit in
                try await ResultActs.show(visit, desk)
            },
            .page(
                .post,
                "/cases/{number}/lines/{line}",
                who: .applicants,
                scope: .own,
                zh: "调整联办事项",
                en: "Change a line"
            ) { visit in try await LineActs.change(visit, desk) },
            .page(
                .get,
                "/cases/{number}/services/{step}",
                who: .applicants,
                scope: .own,
                zh: "补办联办事项",
                en: "Take a service up"
            ) { visit in try await ServiceActs.show(visit, desk) },
            .page(
                .post,
                "/cases/{number}/services/{step}",
                who: .applicants,
                scope: .own,
                zh: "补办联办事项",
                en: "Take a service up"
            ) { visit in try await ServiceActs.answer(visit, desk) },
            .page(
                .get,
                "/cases/{number}/papers/{paper}",
                who: .applicants,
                scope: .own,
                zh: "阅读文书",
                en: "Read a paper"
            ) {
                visit in try await PaperActs.show(visit, desk)
            },
            .page(
                .post,
                "/cases/{number}/papers/{paper}/read",
                who: .applicants,
                scope: .own,
                zh: "确认已阅读文书",
                en: "Say that a paper was read"
            ) {
                visit in try await PaperActs.read(visit, desk)
            },
            .page(
                .post,
                "/cases/{number}/archive",
                who: .applicants,
                scope: .own,
                zh: "下载本人办件的电子档案",
                en: "The archive of one's own case"
            ) {
                visit in try await ResultActs.archive(visit, desk)
            },
            .page(
                .get,
                "/receipts/{number}",
                who: .applicants,
                scope: .own,
                zh: "下载存证回执",
                en: "Receipt of the log"
            ) {
                visit in try await PaperActs.receipt(visit, desk)
            },
        ]
    }
}
