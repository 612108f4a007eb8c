import Cases
import Catalogue
import CompanyOpening
import Forms
import Kernel
import Web

extension FormSummary {
    /// Of an item that runs by its definition: what it is, what the case is called, and who applies.
    func digest(of found: Case, _ definition: CaseDefinition, _ visit: Visit) -> SummaryView {
        var rows: [SummaryView.Row] = [
            .init(visit.text("progress.item"), definition.item.title(language)),
            .init(visit.text("workbench.digest.title"), found.title),
        ]
        if let plain = definition.item.plain {
            if let firm = plain.firm, let name = found.data[firm]["name"].text {
                rows.append(.init(visit.text("workbench.digest.firm"), name))
            }
            if let name = found.data[plain.applicant]["name"].text {
                rows.append(.init(visit.text("progress.applicant"), person(name)))
            }
        }
        return SummaryView(rows: rows)
    }

    /// What is applied for, on one screen: what the licence will say, and who pays in how much.
    func digest(of data: JSON, _ visit: Visit) -> SummaryView {
        let form = CompanyForm(data)
        func item(_ name: String, _ value: String?) -> SummaryView.Row? {
            value.flatMap { $0.isEmpty ? nil : SummaryView.Row(visit.text(name), $0) }
        }
        // A sole trader without a name goes by his own.
        let name = form.hasName ? form.registeredName : person(form.registeredName)
        let scope = form.scope.map(words.phrase) + form.freeScope
        let money = data["capital"].int.map { amount($0, visit) }
        let own: [SummaryView.Row?] =
            switch form.kind {
            case .llc:
                [
                    item("register-item.capitalFen", money),
                    item("workbench.digest.shareholders", shareholders(data, visit)),
                    item(
                        "register-item.legalRepresentative",
                        data["legalRepresentative"]["name"].text.map(person)
                    ),
                ]
            case .soleTrader:
                [
                    item("workbench.digest.funds", money),
                    item("register-item.operator", data["operator"]["name"].text.map(person)),
                    item(
                        "workbench.digest.family",
                        form.familyMembers.compactMap { $0["name"].text }.map(person).joined(separator: "、")
                    ),
                ]
            }
        let rows: [SummaryView.Row?] =
            [
                item("register-item.name", name),
                item("register-item.type", visit.text("workbench.type.\(form.kind.rawValue)")),
                item("register-item.address", form.addressLine(regionName: words.region)),
            ] + own + [item("register-item.scope", scope.joined(separator: "；"))]
        return SummaryView(title: visit.text("workbench.digest"), rows: rows.compactMap(\.self))
    }

    private func shareholders(_ data: JSON, _ visit: Visit) -> String {
        data["shareholders"].elements.compactMap { shareholder in
            guard let name = shareholder["name"].text else { return nil }
            // A firm's name is public.
            let shown = shareholder["kind"].text == "organisation" ? name : person(name)
            guard let paid = shareholder["amount"].int else { return shown }
            return visit.text("workbench.digest.share", ["name": shown, "amount": amount(paid, visit)])
        }.joined(separator: "；")
    }

    private func person(_ name: String) -> String { isMasked ? PersonMask.name(name) : name }

    private func amount(_ fen: Int64, _ visit: Visit) -> String {
        visit.text("workbench.digest.amount", ["amount": Money(fen: fen).tenThousandYuanText])
    }
}
