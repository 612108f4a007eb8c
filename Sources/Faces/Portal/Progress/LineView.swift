import Cases
import Catalogue
import CompanyNames
import Exchange
import Forms
import Kernel
import Storage
import Web

/// One line of the bundle: what one party does for the firm, where it stands, what came of it, what to do next.
/// Template: `portal/line`.
struct LineView: PageView {
    let title: String
    let party: String
    let badge: BadgeView
    let text: String?
    let artefacts: [Artefact]
    let hasArtefacts: Bool
    let isPart: Bool
    let acts: [Act]
    let hasActs: Bool
    let action: String
    /// Where the questions of a service are asked that is taken up later.
    let takeUp: String?
    /// Another engraver or branch, when the line goes out anew.
    let picker: Picker?

    struct Picker: PageView {
        let id: String
        let name: String
        let label: String
        let options: [FieldView.Option]
    }

    /// Something that the party gave: a number, an office, a time.
    struct Artefact: PageView {
        let name: String
        let value: String
    }

    /// A button of the line.
    struct Act: PageView {
        let value: String
        let label: String
    }

    /// Every outside step of the flow with its lines, in the order of the flow; those not begun yet as well once
    /// the case is granted.
    static func all(_ progress: CaseProgress, isOwner: Bool, desk: PortalDesk, visit: Visit) -> [LineView] {
        guard progress.subject.state == .granted || progress.subject.state == .revoked else { return [] }
        return progress.definition.item.flow.filter { $0.by == .outside }.flatMap { step -> [LineView] in
            let label = step.label?(visit.language.rawValue) ?? step.name
            let lines = progress.lines(of: step.name)
            guard !lines.isEmpty else {
                let state = progress.steps.first { $0.name == step.name }?.state
                let path = ServiceActs.path(of: step, state: state, line: nil, subject: progress.subject)
                return [LineView(waiting: label, state: state, takeUp: isOwner ? path : nil, visit: visit)]
            }
            return lines.flatMap { line in
                [
                    LineView(
                        line,
                        title: label,
                        isPart: false,
                        progress: progress,
                        isOwner: isOwner,
                        desk: desk,
                        visit: visit
                    )
                ]
                    + progress.followers(of: line).map { follower in
                        LineView(
                            follower,
                            title: Self.operation(follower, desk, visit),
                            isPart: true,
                            progress: progress,
                            isOwner: isOwner,
                            desk: desk,
                            visit: visit
                        )
                    }
            }
        }
    }

    private static func operation(_ line: PartyLine, _ desk: PortalDesk, _ visit: Visit) -> String {
        let operation = try? desk.exchange.parties.operation(line.order.operation, of: line.order.party)
        return operation.map { visit.language == .en ? $0.name.en : $0.name.zh } ?? line.order.operation
    }

    /// A step without a line: not begun, or not needed.
    private init(waiting label: String, state: StepState?, takeUp: String?, visit: Visit) {
        title = label
        party = ""
        badge =
            state.map { BadgeView(visit.text("step-state.\($0.rawValue)"), .neutral) }
            ?? BadgeView(visit.text("line.waits"), .neutral)
        text =
            state == nil
            ? visit.text("line.waits.text") : takeUp == nil ? nil : visit.text("line.skipped.text")
        self.takeUp = takeUp
        artefacts = []
        hasArtefacts = false
        isPart = false
        acts = []
        hasActs = false
        action = ""
        picker = nil
    }

    private init(
        _ line: PartyLine,
        title: String,
        isPart: Bool,
        progress: CaseProgress,
        isOwner: Bool,
        desk: PortalDesk,
        visit: Visit
    ) {
        let known = try? desk.exchange.parties.party(line.order.party)
        self.title = title
        party = known.map { visit.language == .en ? $0.name.en : $0.name.zh } ?? line.order.party
        badge = BadgeView(visit.text("exchange.state.\(line.state.rawValue)"), Self.tone(line.state))
        text = Self.words(line, party: known, visit: visit)
        artefacts = Artefacts.of(
            line,
            shop: LineChoices.code(of: line).flatMap { progress.shops[$0] },
            visit: visit
        )
        hasArtefacts = !artefacts.isEmpty
        self.isPart = isPart
        action = "/cases/\(progress.subject.number)/lines/\(line.id)"
        let step = progress.definition.item.flow.first { $0.name == line.step(of: progress.subject.id) }
        let asked = step.flatMap {
            ServiceActs.path(of: $0, state: nil, line: line, subject: progress.subject)
        }
        takeUp = isOwner && !isPart ? asked : nil
        // A follower begins by the party's own report; nothing can be asked of it by hand.
        acts =
            isOwner && !isPart
            ? LineActs.possible(line).filter { $0 != .reopened || asked == nil }.map { event in
                Act(value: event.rawValue, label: visit.text("line.act.\(event.rawValue)"))
            } : []
        hasActs = !acts.isEmpty
        picker =
            acts.contains { $0.value == LineEvent.resubmitted.rawValue }
            ? progress.choices.field(of: line).map { name, rows in
                Picker(
                    id: "pick-\(line.id)",
                    name: name,
                    label: visit.text("line.pick.\(name)"),
                    options: rows.map {
                        FieldView.Option(
                            value: $0["code"],
                            label: $0[visit.language == .en ? "name_en" : "name_zh"],
                            isChosen: $0["code"] == line.order.fields[name].text
                        )
                    }
                )
            } : nil
    }

    static func tone(_ state: LineState) -> Tone {
        switch state {
        case .done: .good
        case .pending, .sent, .received, .working: .info
        case .returned, .personNeeded, .overdue: .warn
        case .notNeeded, .later: .neutral
        }
    }

    private static func words(_ line: PartyLine, party: Party?, visit: Visit) -> String? {
        switch line.state {
        case .returned, .personNeeded:
            let reason = line.reasonCode.flatMap { party?.operation(line.order.operation)?.reason($0) }
            guard let reason else { return line.reasonText ?? visit.text("line.returned") }
            let isEnglish = visit.language == .en
            return visit.text(
                "line.reason",
                [
                    "reason": isEnglish ? reason.text.en : reason.text.zh,
                    "next": isEnglish ? reason.next.en : reason.next.zh,
                ]
            )
        case .pending, .sent, .received, .working:
            return line.dueAt.map { visit.text("line.due", ["due": $0.minuteText]) }
        case .overdue: return visit.text("line.overdue")
        case .later: return visit.text("line.later")
        case .done: return line.endedAt.map { visit.text("line.done", ["at": $0.minuteText]) }
        case .notNeeded: return nil
        }
    }
}

/// What parties gave, under names that people know.
enum Artefacts {
    /// In the order in which they are shown. What is not listed is for machines and is not shown.
    private static let shown = [
        "receipt", "orderNumber", "pickup", "taxOffice", "taxpayerKind", "taxKinds", "invoiceKinds",
        "invoiceCeilingFen", "unitNumber", "unitAccount", "insurances", "office", "rejectedRows",
        "bookingNumber",
        "branch", "visitAt", "bank", "accountNumber", "tracking", "claimedBy", "contact", "guide",
        "publishedAt",
        "seals",
    ]

    /// - Parameter shop: the engraver or branch that was chosen.
    static func of(_ line: PartyLine, shop: ReferenceRow?, visit: Visit) -> [LineView.Artefact] {
        // The branch by its name, not by its code.
        let given = shown.filter { shop == nil || $0 != "branch" }.compactMap { name in
            text(line.answer[name], name: name, visit: visit).map {
                LineView.Artefact(name: visit.text("artefact.\(name)"), value: $0)
            }
        }
        return place(of: shop, party: line.order.party, visit: visit) + given
    }

    /// Where it is, by which telephone and at which hours.
    private static func place(of shop: ReferenceRow?, party: String, visit: Visit) -> [LineView.Artefact] {
        guard let shop else { return [] }
        let rows = [
            (party == "bank" ? "branch" : "engraver", shop[visit.language == .en ? "name_en" : "name_zh"]),
            ("address", shop["address"]), ("phone", shop["phone"]), ("hours", shop["hours"]),
        ]
        return rows.filter { !$0.1.isEmpty }.map {
            LineView.Artefact(name: visit.text("artefact.\($0.0)"), value: $0.1)
        }
    }

    private static func text(_ value: JSON, name: String, visit: Visit) -> String? {
        switch (name, value) {
        case (_, .null): return nil
        case ("accountNumber", .string(let number)): return "****\(number.suffix(4))"
        case ("invoiceCeilingFen", _): return value.int.map { Money(fen: $0).yuanText }
        case ("rejectedRows", .array(let rows)):
            return rows.isEmpty ? nil : visit.text("artefact.rows", ["count": String(rows.count)])
        case ("taxpayerKind", .string(let kind)) where ["small", "general"].contains(kind):
            return visit.text("artefact.taxpayer-\(kind)")
        case ("publishedAt", .string(let text)), ("visitAt", .string(let text)):
            return Instant(parsing: text)?.minuteText ?? text
        case (_, .string(let text)): return text.isEmpty ? nil : text
        case (_, .array(let elements)):
            let texts = elements.compactMap { $0.text ?? $0["code"].text ?? $0["name"].text }
            return texts.isEmpty ? nil : texts.joined(separator: visit.text("progress.comma"))
        default: return value.int.map(String.init)
        }
    }
}
