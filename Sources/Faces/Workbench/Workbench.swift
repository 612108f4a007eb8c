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
                NavigationEntry(
                    section: "inbox",
                    path: "/desk",
                    label: "workbench.nav.inbox",
                    icon: "inbox",
                    places: [.desk],
                    who: .officers,
                    operation: "case.read"
                ),
                NavigationEntry(
                    section: "counter",
                    path: "/desk/counter",
                    label: "workbench.nav.counter",
                    icon: "vector-pen",
                    places: [.desk],
                    who: .officers,
                    operation: "case.counter"
                ),
                NavigationEntry(
                    section: "lines",
                    path: "/desk/lines",
                    label: "workbench.nav.lines",
                    icon: "diagram-3",
                    places: [.desk],
                    who: .officers,
                    operation: "line.read"
                ),
                NavigationEntry(
                    section: "seals",
                    path: "/desk/seals",
                    label: "seal-desk.nav",
                    icon: "award",
                    places: [.desk],
                    who: .officers,
                    operation: "seal.read"
                ),
                NavigationEntry(
                    section: "corrections",
                    path: "/desk/corrections",
                    label: "workbench.nav.corrections",
                    icon: "journal-check",
                    places: [.desk],
                    who: .officers,
                    operation: "register.read"
                ),
                NavigationEntry(
                    section: "licences",
                    path: "/desk/licences",
                    label: "workbench.nav.licences",
                    icon: "wallet2",
                    places: [.desk],
                    who: .officers,
                    operation: LicencePages.reads
                ),
                NavigationEntry(
                    section: "measures",
                    path: "/desk/measures",
                    label: "workbench.nav.measures",
                    icon: "bar-chart",
                    places: [.desk],
                    who: .officers,
                    operation: "measure.read"
                ),
            ] + administration
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
