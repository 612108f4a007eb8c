public import Web

/// The face of staff: what waits, one case with what stands in its way, corrections, measures.
public enum Workbench {
    private static func routes(_ desk: WorkbenchDesk) -> [Route] {
        InboxPages.routes(desk) + FindPages.routes(desk) + InboxExport.routes(desk)
            + DeskPapers.routes(desk) + CasePages.routes(desk)
            + CaseActs.routes(desk)
            + CaseFiles.routes(desk) + CounterPages.routes(desk)
            + CorrectionPages.routes(desk) + LinePages.routes(desk) + LineActs.routes(desk)
            + LineAnswers.routes(desk) + LicencePages.routes(desk) + SealDeskPages.routes(desk)
            + ChargePages.routes(desk) + TrustDeskPages.routes(desk) + ArchiveDeskPages.routes(desk)
            + MeasurePages.routes(desk) + LogPages.routes(desk) + AccountDeskPages.routes(desk)
            + JobDeskPages.routes(desk) + WebhookDeskPages.routes(desk)
    }

    /// Every page of the workbench and its menu.
    public static func face(_ desk: WorkbenchDesk) -> Face {
        Face(
            routes: routes(desk),
            navigation: [
                // From the portal's pages and from one's own account.
                NavigationEntry(
                    section: "desk",
                    path: "/desk",
                    label: "workbench.nav.open",
                    icon: "briefcase",
                    places: [.main],
                    who: .staff
                ),
                entry("inbox", "/desk", "workbench.nav.inbox", "inbox", "case.read"),
                entry("counter", "/desk/counter", "workbench.nav.counter", "vector-pen", "case.counter"),
                entry("lines", "/desk/lines", "workbench.nav.lines", "diagram-3", "line.read"),
                entry("seals", "/desk/seals", "seal-desk.nav", "award", "seal.read"),
                TrustDeskPages.navigation(desk),
                entry("charges", ChargePages.path, "charge-desk.nav", "cash-coin", "charge.settle"),
                entry(
                    "corrections",
                    "/desk/corrections",
                    "workbench.nav.corrections",
                    "journal-check",
                    "register.read"
                ),
                entry("licences", "/desk/licences", "workbench.nav.licences", "wallet2", LicencePages.reads),
                entry(
                    "archives",
                    "/desk/archives",
                    "archive-desk.nav",
                    "folder2-open",
                    ArchiveDeskPages.reads
                ),
                entry("measures", "/desk/measures", "workbench.nav.measures", "bar-chart", "measure.read"),
            ] + administration
        )
    }

    /// A page of the officers' menu, for the posts that may do what it is for.
    private static func entry(
        _ section: String,
        _ path: String,
        _ label: String,
        _ icon: String,
        _ operation: String
    ) -> NavigationEntry {
        NavigationEntry(
            section: section,
            path: path,
            label: label,
            icon: icon,
            places: [.desk],
            who: .officers,
            operation: operation
        )
    }

    /// What the three administrators see.
    private static var administration: [NavigationEntry] {
        [
            NavigationEntry(
                section: "log",
                path: "/desk/log",
                label: "workbench.nav.log",
                icon: "shield-check",
                places: [.desk],
                who: [.auditAdmin],
                operation: "audit.read"
            ),
            NavigationEntry(
                section: "accounts",
                path: "/desk/accounts",
                label: "workbench.nav.accounts",
                icon: "shield-lock",
                places: [.desk],
                who: [.securityAdmin],
                operation: "staff.manage"
            ),
            NavigationEntry(
                section: "jobs",
                path: "/desk/jobs",
                label: "workbench.nav.jobs",
                icon: "arrow-clockwise",
                places: [.desk],
                who: [.systemAdmin],
                operation: "job.revive"
            ),
            NavigationEntry(
                section: "webhooks",
                path: "/desk/webhooks",
                label: "workbench.nav.webhooks",
                icon: "bell",
                places: [.desk],
                who: [.systemAdmin],
                operation: "webhook.manage"
            ),
        ]
    }
}
