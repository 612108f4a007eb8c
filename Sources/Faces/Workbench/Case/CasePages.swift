import Attachments
import Cases
import Catalogue
import CompanyOpening
import Correspondence
import Forms
import Identity
import Kernel
import Standards
import Storage
import Web

/// One case: what stands in its way first, then form, signers, papers, timeline and the acts.
enum CasePages {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(
                .get,
                "/desk/cases/{id}",
                who: .officers,
                scope: .region,
                zh: "办件审查",
                en: "A case under review"
            ) {
                visit in
                let (found, seat) = try await desk.open(visit, for: "case.read")
                return try await page(found, seat, visit, desk, isMasked: true)
            },
            .page(
                .post,
                "/desk/cases/{id}/reveal",
                who: .officers,
                scope: .region,
                zh: "查看未遮盖信息",
                en: "Read personal data unmasked"
            ) { visit in
                let (found, seat) = try await desk.open(visit, for: "person.unmask")
                guard let purpose = visit.form.trimmed("purpose"), purpose.count <= 200 else {
                    let problem = WebRefusal.badField(name: visit.text("workbench.reveal.purpose"))
                    return try await page(found, seat, visit, desk, isMasked: true, problem: problem)
                }
                try await CaseReads.note("case.form-read", of: found, purpose: purpose, visit, desk)
                return try await page(found, seat, visit, desk, isMasked: false)
            },
        ]
    }

    /// - Parameter problem: why an act was refused; the page is shown again with what changed.
    static func page(
        _ found: Case,
        _ seat: Seat,
        _ visit: Visit,
        _ desk: WorkbenchDesk,
        isMasked: Bool,
        problem: (any Refusal)? = nil
    ) async throws -> Reply {
        let definition = try await desk.desk.definition(of: found)
        let module = try await desk.desk.module(of: found)
        let points = found.state == .review ? try await desk.desk.openPoints(of: found) : []
        let view = try await desk.database.read { reader in
            try CaseSheet(
                found: found,
                definition: definition,
                module: module,
                points: points,
                seat: seat,
                visit: visit,
                desk: desk,
                isMasked: isMasked,
                in: reader
            ).view(problem: problem, in: reader)
        }
        return .page(
            "workbench/case",
            view,
            heading: Heading(
                found.title,
                crumbs: [.init(visit.text("workbench.inbox.title"), href: "/desk")],
                section: "inbox",
                hasErrors: problem != nil
            ),
            status: problem.map { $0.status.rawValue } ?? 200
        )
    }

    /// - Parameter words: what the item calls its decisions; nil where the item is not at hand.
    static func state(_ state: CaseState, _ words: DecisionWords?, _ visit: Visit) -> BadgeView {
        let tone: Tone =
            switch state {
            case .granted: .good
            case .refused, .revoked: .bad
            case .received, .accepted, .review: .warn
            case .draft, .signing, .returned, .transferred, .withdrawn, .lapsed: .neutral
            }
        let said = words?.said(state.rawValue, visit.language.rawValue)
        return BadgeView(said ?? visit.text("case-state.\(state.rawValue)"), tone)
    }
}
