import Cases
import CompanyOpening
import Correspondence
import Identity
import Kernel
import Registers
import Standards
import Storage
import Web

/// A register entry as its page shows it: what stands in it, what is filed with it, its matters and its history.
struct EntrySheet {
    let subject: RegisterSubject
    let seat: Seat
    let visit: Visit
    let desk: WorkbenchDesk
    let filings: [RegisterFiling]
    let entries: [RegisterEntry]
    let matters: [(Correction, ClockWords)]
    /// Those of the case that founded the entry.
    let papers: [Paper]
    let acts: CorrectionActs

    init(
        subject: RegisterSubject,
        seat: Seat,
        visit: Visit,
        desk: WorkbenchDesk,
        in reader: any Reader
    ) throws {
        self.subject = subject
        self.seat = seat
        self.visit = visit
        self.desk = desk
        filings = try RegisterStore.filings(of: subject.code, on: visit.now.date, in: reader)
        entries = try RegisterStore.entries(of: subject.code, in: reader)
        let calendar = desk.standards.calendar
        matters = try CorrectionStore.of(subject.code, in: reader).map { matter in
            (matter, try ClockWords(matter.clock, visit: visit, calendar: calendar, in: reader))
        }
        papers = try entries.first.map { try CorrespondenceStore.papers(of: $0.caseID, in: reader) } ?? []
        acts = CorrectionActs(
            subject: subject,
            filings: filings,
            reservations: try CorrectionActs.reservations(for: subject, at: visit.now, in: reader),
            visit: visit
        )
    }

    private var isActive: Bool { subject.state == .active }

    private func may(_ operation: String) -> Bool {
        let thing = PermissionSubject(agency: desk.authority, region: subject.region)
        return (try? Permission.check(operation, on: thing, by: seat.principal, table: desk.permissions))
            != nil
    }

    /// The entry's own acts first, then those of each matter.
    private func panels() -> [[ActView]] {
        let isOpen = matters.contains { $0.0.state.isOpen && $0.0.kind != .slip }
        let own =
            (may("register.correct") && isActive ? [acts.slip] : [])
            + (may("register.revoke") && isActive && !isOpen ? [acts.open] : [])
            + (may("register.correct") && isActive && !isOpen ? acts.beginnings : [])
        return [own] + matters.map { matter, _ in offered(on: matter) }
    }

    private func offered(on matter: Correction) -> [ActView] {
        (may("register.revoke") && may("register.correct") ? acts.offered(on: matter) : [])
            + (may("register.extend") ? acts.extending(matter) : [])
            + (may("register.confirm") ? acts.confirming(matter, by: visit.occasion.actor.id) : [])
    }

    /// The name that the firm bore last, while its code stands for one.
    private var formerName: String? {
        guard subject.name == subject.code else { return nil }
        return entries.compactMap { $0.items["name"].text }.last { $0 != subject.code }.map {
            visit.text("workbench.former-name", ["name": $0])
        }
    }

    /// - Parameter problem: why an act was refused; what was typed for it stands in its box again.
    func view(problem: (any Refusal)?, in reader: any Reader) throws -> SubjectView {
        let shown = panels().withSingleKeys().map { $0.refilled(after: problem, visit) }
        let readable = may("person.unmask") ? papers : []
        let links = try links(to: readable, in: reader)
        return SubjectView(
            code: subject.name == subject.code ? nil : subject.code,
            formerName: formerName,
            state: BadgeView(
                visit.text("subject-state.\(subject.state.rawValue)"),
                isActive ? .good : .bad
            ),
            refused: problem.map {
                RefusedAct(visit.explain($0), acts: shown.flatMap { $0 }, visit: visit)
            },
            done: problem == nil ? done() : nil,
            unfit: EntryFit(
                subject: subject,
                filings: filings,
                matters: matters.map(\.0),
                acts: acts,
                visit: visit
            ).notice,
            links: links,
            hasLinks: !links.isEmpty,
            items: SummaryView(
                rows: subject.items.members.sorted { $0.key < $1.key }.map {
                    .init(acts.label($0.key), acts.words($0.value, of: $0.key))
                }
            ),
            filings: filed(),
            history: try RegisterHistory.table(
                entries,
                matters: matters.map(\.0),
                papers: readable,
                acts: acts,
                visit,
                in: reader
            ),
            matters: try zip(matters, shown.dropFirst()).map { found, offered in
                MatterView(
                    found.0,
                    clock: found.1,
                    file: try MatterFile.view(found.0, acts: acts, papers: papers, visit, in: reader),
                    acts: offered,
                    change: acts.change(found.0),
                    lacksName: found.0.kind == .name && found.0.state.isOpen && acts.reservations.isEmpty,
                    visit: visit
                )
            },
            acts: shown.first ?? []
        )
    }

    /// Public filings by name; of confidential ones only that they are there.
    private func filed() -> TableView {
        TableView(
            caption: visit.text("workbench.filings"),
            columns: ["filed", "who", "since"].map { visit.text("workbench.column.\($0)") },
            rows: filings.map { filing in
                [
                    TableView.Cell(visit.text("filing.\(filing.kind)")),
                    TableView.Cell(
                        filing.isConfidential
                            ? visit.text("workbench.filed.confidential")
                            : visit.dash(filing.value["name"].text)
                    ),
                    TableView.Cell(filing.from.description),
                ]
            },
            emptyText: visit.text("workbench.filings.none")
        )
    }

    /// The case that founded the entry, its parties' lines, and the papers filed with it.
    private func links(to papers: [Paper], in reader: any Reader) throws -> [DeskLink] {
        guard let founded = try CaseStore.granting(subject.code, in: reader) else { return [] }
        let own =
            desk.may("case.read", founded, seat)
            ? [
                DeskLink(
                    text: visit.text("workbench.link.case"),
                    href: "/desk/cases/\(founded.id)",
                    note: founded.number
                )
            ] : []
        let lines = try CaseLinks.of(founded, seat, visit, desk, in: reader).filter {
            $0.href.hasPrefix("/desk/lines/")
        }
        return own + lines
            + papers.map { paper in
                DeskLink(
                    text: visit.language == .en ? paper.titleEn : paper.titleZh,
                    href: "/desk/cases/\(paper.caseID)/papers/\(paper.id)",
                    note: [paper.number, paper.filedAt.minuteText].compactMap { $0 }.joined(separator: " · ")
                )
            }
    }

    private func done() -> NoticeView? {
        guard let name = visit.query.trimmed("done") else { return nil }
        return visit.worded("workbench.correction.\(name)").map {
            NoticeView(.good, title: visit.text("workbench.done"), $0)
        }
    }
}
