import Kernel
import Web

/// What is promised and whether the tests kept it, published as it is: also what did not run.
enum PromisePages {
    static func routes(_ desk: PortalDesk) -> [Route] {
        [
            .page(
                .get,
                "/trust/tests",
                who: .everyone,
                scope: .open,
                zh: "承诺与检验",
                en: "Promises and their tests"
            ) { visit in
                .page(
                    "portal/promises",
                    PromisesPage(desk.promises, visit),
                    heading: Heading(
                        visit.text("promises.title"),
                        crumbs: [
                            .init(visit.text("verify.title"), href: "/verify"),
                            .init(visit.text("trust.title"), href: "/trust"),
                        ],
                        section: "verify"
                    )
                )
            }
        ]
    }
}

/// Template: `portal/promises`.
struct PromisesPage: PageView {
    let table: TableView
    let summary: String
    /// Said when the tests ran on another program than this one.
    let other: NoticeView?
    /// When the tests ran; nil when this program has no record of it.
    let at: String?

    init(_ promises: [Promise], _ visit: Visit) {
        table = TableView(
            caption: visit.text("promises.title"),
            columns: ["id", "words", "verdict", "tests"].map { visit.text("promises.column.\($0)") },
            rows: promises.map { promise in
                [
                    TableView.Cell(promise.id),
                    TableView.Cell(visit.language == .zh ? promise.zh : promise.en),
                    TableView.Cell(
                        "",
                        badge: BadgeView(
                            visit.text("promises.verdict.\(promise.verdict.rawValue)"),
                            promise.verdict.tone
                        )
                    ),
                    TableView.Cell(String(promise.tests), isNumber: true),
                ]
            },
            emptyText: ""
        )
        func count(_ verdict: Promise.Verdict) -> String {
            String(promises.count { $0.verdict == verdict })
        }
        summary = visit.text(
            "promises.summary",
            ["kept": count(.kept), "broken": count(.broken), "notRun": count(.notRun)]
        )
        other =
            promises.allSatisfy(\.isOfThisProgram)
            ? nil : NoticeView(.warn, title: visit.text("promises.other"), visit.text("promises.other.text"))
        at = promises.compactMap(\.at).max().map { visit.text("promises.at", ["at": $0.minuteText]) }
    }
}

extension Promise.Verdict {
    fileprivate var tone: Tone {
        switch self {
        case .kept: .good
        case .broken: .bad
        case .notRun: .neutral
        }
    }
}
