import Cases
import Identity
import Kernel
import Storage
import Web

/// The head gives an open case into other hands, or back to the pool (转办).
enum HandOverAct {
    /// The choice that is no colleague.
    private static let pool = "pool"

    /// Who may decide cases of the case's own body, its league's and the region's, today; each once.
    static func colleagues(
        of found: Case,
        _ desk: WorkbenchDesk,
        on day: LocalDate,
        in reader: any Reader
    ) throws -> [(id: String, name: String)] {
        let region = found.region
        let bodies = [region, region.prefix(4) + "00", region.prefix(2) + "0000"].map { String($0) }
        var seen: Set<String> = []
        var colleagues: [(id: String, name: String)] = []
        for role in [StaffRole.registrar, .head] {
            for body in bodies {
                let posts = try StaffRegister.holders(
                    of: role,
                    agency: desk.agencies.agency(of: found),
                    region: body,
                    on: day,
                    in: reader
                )
                for post in posts where seen.insert(post.staff.rawValue).inserted {
                    let account = try Accounts.find(.staff, holder: post.staff.rawValue, in: reader)
                    guard let account, account.disabledAt == nil,
                        let name = try StaffRegister.find(post.staff, in: reader)?.name
                    else { continue }
                    colleagues.append((post.staff.rawValue, name))
                }
            }
        }
        return colleagues
    }

    /// The boxes: to whom, and why.
    static func boxes(
        _ colleagues: [(id: String, name: String)],
        step: CaseStep,
        _ visit: Visit
    ) -> [ActView.Box] {
        var options = [ActView.Option(value: "", label: visit.text("workbench.box.choose"))]
        if step.assignee != nil {
            options.append(.init(value: pool, label: visit.text("workbench.box.colleague.pool")))
        }
        options += colleagues.filter { $0.id != step.assignee }.map { .init(value: $0.id, label: $0.name) }
        return [
            .init("colleague", visit.text("workbench.box.colleague"), of: "hand-over", options: options),
            .init("reason", visit.text("workbench.act.reason"), of: "hand-over"),
        ]
    }

    static func perform(_ found: Case, step: String, version: Int, _ visit: Visit, _ desk: WorkbenchDesk)
        async throws
    {
        let chosen = visit.form.trimmed("colleague") ?? ""
        let day = visit.now.date
        let known = try await desk.database.read { reader in
            try Self.colleagues(of: found, desk, on: day, in: reader)
        }
        guard chosen == pool || known.contains(where: { $0.id == chosen }) else {
            throw WebRefusal.badField(name: visit.text("workbench.box.colleague"))
        }
        try await desk.desk.handOver(
            found.id,
            step: step,
            version: version,
            to: chosen == pool ? nil : chosen,
            reason: visit.form["reason"] ?? "",
            occasion: visit.occasion
        )
    }
}
