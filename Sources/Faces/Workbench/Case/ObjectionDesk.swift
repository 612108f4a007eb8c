import Cases
import CompanyOpening
import Identity
import Kernel
import Web

/// An objection to a case under review, on the page of who examines it.
enum ObjectionDesk {
    /// What the act of settling asks for besides how it was looked into.
    static func boxes(_ open: [Objection], _ visit: Visit) -> [ActView.Box] {
        func choice(_ name: String, _ label: String, _ options: [(String, String)]) -> ActView.Box {
            let first = ActView.Option(value: "", label: visit.text("workbench.box.choose"))
            return ActView.Box(
                name,
                visit.text(label),
                of: "settle-objection",
                options: [first] + options.map { ActView.Option(value: $0.0, label: $0.1) }
            )
        }
        return [
            choice(
                "objection",
                "workbench.objection.number",
                open.map { ($0.number, "\($0.number) · \(who($0, visit))") }
            ),
            choice(
                "inquiry",
                "workbench.objection.inquiry",
                ObjectionInquiry.allCases.map {
                    ($0.rawValue, visit.text("workbench.objection.inquiry.\($0.rawValue)"))
                }
            ), ActView.confirmation(of: "settle-objection", visit),
        ]
    }

    static func settle(_ found: Case, version: Int, _ visit: Visit, _ desk: WorkbenchDesk) async throws {
        guard let number = visit.form.trimmed("objection") else {
            throw WebRefusal.badField(name: visit.text("workbench.objection.number"))
        }
        guard let inquiry = visit.form.trimmed("inquiry").flatMap(ObjectionInquiry.init(rawValue:)) else {
            throw WebRefusal.badField(name: visit.text("workbench.objection.inquiry"))
        }
        try ActView.requireConfirmation(visit)
        try await desk.desk.settleObjection(
            found.id,
            number: number,
            as: inquiry,
            version: version,
            reason: visit.form["reason"] ?? "",
            occasion: visit.occasion
        )
    }

    /// Who objected, masked, and as what he is named.
    static func who(_ objection: Objection, _ visit: Visit) -> String {
        let roles = objection.roles.map { visit.text("workbench.role.\($0)") }.joined(separator: "、")
        return [objection.name.map(PersonMask.name), roles].compactMap { $0 }.joined(separator: " · ")
    }

    /// Where it stands, and of one that was settled in review what the inquiry came to.
    static func state(_ objection: Objection, _ visit: Visit) -> String {
        let inquiry = ObjectionInquiry.allCases.first { $0.outcome == objection.outcome }
        return inquiry.map { visit.text("workbench.objection.inquiry.\($0.rawValue)") }
            ?? visit.text("workbench.objection.\(objection.state.rawValue)")
    }
}
