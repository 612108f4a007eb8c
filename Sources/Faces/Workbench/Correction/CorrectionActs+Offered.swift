import CompanyOpening
import Kernel
import Registers
import Web

/// What the page of an entry offers, and what each act asks for.
extension CorrectionActs {
    func label(_ item: String) -> String { visit.text("register-item.\(item)") }

    /// A registered item as a person reads it: sums in the unit of the language, a shareholder with his share.
    func words(_ value: JSON, of item: String) -> String {
        switch value {
        case .number where item.hasSuffix("Fen"): return value.int.map(money) ?? value.canonical
        case .string(let text):
            // The way a business is run is a code, everything else that is one text is its own words.
            return item == "operation" ? visit.worded("register-operation.\(text)") ?? text : text
        case .array(let rows):
            return rows.map { row in
                guard let name = row["name"].text else { return row.text ?? row.canonical }
                return row["amountFen"].int.map {
                    visit.text("workbench.share", ["name": name, "amount": money($0)])
                } ?? name
            }.joined(separator: visit.text("workbench.list"))
        case .null, .bool, .number, .object: return value.canonical
        }
    }

    /// Chinese counts capital in ten thousands of yuan, English in yuan.
    private func money(_ fen: Int64) -> String {
        let amount = Money(fen: fen)
        guard visit.language == .en else {
            return visit.text("workbench.money", ["amount": amount.tenThousandYuanText])
        }
        let parts = amount.yuanText.split(separator: ".")
        let whole = parts[0].reversed().enumerated().reduce(into: "") { digits, one in
            if one.offset > 0, one.offset % 3 == 0, one.element != "-" { digits.append(",") }
            digits.append(one.element)
        }
        let cents = parts[1] == "00" ? "" : ".\(parts[1])"
        return visit.text("workbench.money", ["amount": String(whole.reversed()) + cents])
    }

    /// A box for each item that a slip can be in, with what stands there; a list is corrected by withdrawing its
    /// false row.
    private var slipBoxes: [ActView.Box] {
        Corrections.slipItems.compactMap { item in
            let standing = subject.items[item]
            guard let value = standing.text ?? standing.int.map({ Money(fen: $0).tenThousandYuanText }) else {
                return nil
            }
            return ActView.Box(
                "\(Self.slipPrefix)\(item)",
                standing.int == nil
                    ? label(item) : visit.text("workbench.box.in-ten-thousand", ["what": label(item)]),
                of: "slip",
                isLines: item == "scope" || item == "address",
                value: value
            )
        }
    }

    static let slipPrefix = "value-"

    var unchosen: ActView.Option { .init(value: "", label: visit.text("workbench.box.choose")) }

    func box(_ name: String, of act: String, isLines: Bool = true, options: [ActView.Option] = [])
        -> ActView.Box
    {
        .init(name, visit.text("workbench.box.\(name)"), of: act, isLines: isLines, options: options)
    }

    /// - Parameter title: the key of its words; that of `name` when nil.
    func act(
        _ name: String,
        key: String,
        version: String,
        title: String? = nil,
        hint: String? = nil,
        style: String = "btn-outline-primary",
        boxes: [ActView.Box] = []
    ) -> ActView {
        ActView(
            visit.text("workbench.correction.\(title ?? name)"),
            action: "/desk/corrections/\(subject.code)/\(name)",
            key: key,
            version: version,
            hint: hint,
            style: style,
            boxes: boxes + CorrectionCare.boxes(of: name, visit)
        )
    }

    var slip: ActView {
        act(
            "slip",
            key: "k",
            version: String(subject.version),
            hint: visit.text("workbench.correction.slip.hint"),
            boxes: slipBoxes + [box("reason", of: "slip")]
        )
    }

    var open: ActView {
        let items =
            [unchosen, ActView.Option(value: "whole", label: visit.text("workbench.whole"))]
            + subject.items.members.keys.sorted().map { ActView.Option(value: $0, label: label($0)) }
            + Set(filings.map(\.kind)).sorted().map {
                ActView.Option(
                    value: $0,
                    label: visit.text("workbench.filed", ["what": visit.text("filing.\($0)")])
                )
            }
        return act(
            "open",
            key: "o",
            version: "0",
            boxes: [
                box("item", of: "open", options: items), box("applicant", of: "open", isLines: false),
                box("reason", of: "open"),
            ]
        )
    }

    /// What of a false item falls away: one row of a list, one filed person, or all of a kind of filing. Of a plain
    /// item nothing is chosen; what stands there afterwards is typed.
    private func falling(_ item: String) -> ActView.Box {
        let rows = subject.items[item].elements.compactMap { $0["name"].text ?? $0.text }
        let filed = filings.filter { $0.kind == item }
        guard !rows.isEmpty || !filed.isEmpty else {
            return ActView.Box("value", visit.text("workbench.box.left"), of: "withdraw-item")
        }
        let all = ActView.Option(value: Self.allFiled, label: visit.text("workbench.filed.all"))
        let names = rows.isEmpty ? filed.compactMap { $0.value["name"].text } : rows
        return ActView.Box(
            "value",
            visit.text("workbench.box.row"),
            of: "withdraw-item",
            options: [unchosen] + names.map { .init(value: $0, label: $0) } + (rows.isEmpty ? [all] : [])
        )
    }

    /// Stands for every filing of a kind; nobody is called so.
    static let allFiled = "*"

    /// What the second person may do with a proposal; whoever made it sees that somebody else must look.
    func confirming(_ matter: Correction, by actor: String) -> [ActView] {
        guard let proposal = matter.proposal else { return [] }
        let version = "\(matter.id)/\(matter.version)"
        let drop = act("drop", key: "d", version: version, boxes: [box("reason", of: "drop")])
        guard proposal.by != actor else { return [drop] }
        return [act("confirm", key: "c", version: version, style: "btn-primary"), drop]
    }

    /// The head of the office approves a longer investigation (standards: the article is not verified).
    func extending(_ matter: Correction) -> [ActView] {
        guard matter.state == .investigating, !matter.isExtended else { return [] }
        return [act("extend", key: "e", version: "\(matter.id)/\(matter.version)")]
    }

    /// What was proposed: the decision; of a slip item by item what the register says and what it should.
    func change(_ matter: Correction) -> String? {
        guard let proposal = matter.proposal else { return nil }
        guard matter.kind == .slip else {
            return visit.text("workbench.proposed", ["what": decided(proposal.event)])
        }
        return matter.decision["changes"].members.filter { $0.key != "scopeCodes" }.sorted { $0.key < $1.key }
            .map { item, value in
                visit.text(
                    "workbench.slip-change",
                    [
                        "item": label(item), "before": words(subject.items[item], of: item),
                        "after": words(value, of: item),
                    ]
                )
            }.joined(separator: "；")
    }

    /// The words of a decision, such as in the file and the history.
    func decided(_ event: CorrectionEvent) -> String { visit.text("workbench.correction.\(event.rawValue)") }

    /// What a proposed withdrawal of one item would take away.
    func falls(_ proposal: CorrectionProposal, of matter: Correction) -> String? {
        guard proposal.event == .withdrawItem, let item = matter.item else { return nil }
        let standing = subject.items[item]
        guard !standing.isNull else {
            let what = proposal.finding.value.text ?? visit.text("workbench.filed.all")
            return visit.text("workbench.item-gone", ["item": visit.text("filing.\(item)"), "what": what])
        }
        let left = proposal.finding.value
        guard standing.elements.isEmpty else {
            let gone = standing.elements.filter { !left.elements.contains($0) }
            return visit.text(
                "workbench.item-gone",
                ["item": label(item), "what": words(.array(gone), of: item)]
            )
        }
        return visit.text(
            "workbench.history.change",
            [
                "item": label(item), "before": words(standing, of: item),
                "after": left.isNull ? visit.text("workbench.history.nothing") : words(left, of: item),
            ]
        )
    }

    func offered(on matter: Correction) -> [ActView] {
        let version = "\(matter.id)/\(matter.version)"
        let restore = act(
            "restore",
            key: "r",
            version: version,
            title: matter.state == .itemWithdrawn ? "restore-item" : nil,
            hint: visit.text("workbench.correction.propose.hint"),
            boxes: [box("reason", of: "restore")]
        )
        func decide(_ name: String, key: String, style: String, value: Bool = false) -> ActView {
            act(
                name,
                key: key,
                version: version,
                hint: visit.text("workbench.correction.propose.hint"),
                style: style,
                boxes: (value ? [falling(matter.item ?? "")] : [])
                    + [
                        box("facts", of: name), box("evidence", of: name), box("reason", of: name),
                    ]
                    // Where nothing is withdrawn nobody answers for anything.
                    + (name == "keep" ? [] : [box("responsible", of: name, isLines: false)])
            )
        }
        switch matter.state {
        case .proposed: return []
        case .asked:
            return [
                act("accept", key: "c", version: version, style: "btn-primary"),
                act("dismiss", key: "d", version: version, boxes: [box("reason", of: "dismiss")]),
            ]
        case .investigating:
            return (!matter.isNoticed ? [act("publish", key: "p", version: version)] : [])
                + [
                    act("suspend", key: "s", version: version),
                    matter.item == nil
                        ? decide("withdraw", key: "w", style: "btn-danger")
                        : decide("withdraw-item", key: "w", style: "btn-danger", value: true),
                    decide("keep", key: "b", style: "btn-outline-primary"),
                ]
        case .suspended: return [act("resume", key: "s", version: version)]
        case .withdrawn, .itemWithdrawn: return [restore]
        case .ordered, .listed: return ordered(matter, version: version)
        case .dismissed, .kept, .restored, .corrected, .complied: return []
        }
    }
}
