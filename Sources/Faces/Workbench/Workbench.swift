public import Web

/// The face of staff: what waits, one case with what stands in its way, corrections, measures.
public enum Workbench {
    /// Every page of the workbench and its menu.
    public static func face(_ desk: WorkbenchDesk) -> Face {
        Face(
            routes: InboxPages.routes(desk) + CasePages.routes(desk) + CaseActs.routes(desk)
                + CorrectionPages.routes(desk) + MeasurePages.routes(desk),
            navigation: [
                NavigationEntry(
                    section: "inbox",
                    path: "/desk",
                    label: "workbench.nav.inbox",
                    icon: "inbox",
                    places: [.desk],
                    who: .officers
                ),
                NavigationEntry(
                    section: "corrections",
                    path: "/desk/corrections",
                    label: "workbench.nav.corrections",
                    icon: "journal-check",
                    places: [.desk],
                    who: [.reviewer, .approver]
                ),
                NavigationEntry(
                    section: "measures",
                    path: "/desk/measures",
                    label: "workbench.nav.measures",
                    icon: "bar-chart",
                    places: [.desk],
                    who: [.approver, .leader]
                ),
            ]
        )
    }
}
