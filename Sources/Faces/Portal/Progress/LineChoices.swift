import Cases
import CompanyNames
import Exchange
import Kernel
import Storage

/// Whom else a founder can choose when a line came back: another engraver, another branch of the bank.
struct LineChoices: Sendable {
    var engravers: [ReferenceRow] = []
    var branches: [ReferenceRow] = []

    static func read(_ subject: Case, on day: LocalDate, in reader: any Reader) throws -> LineChoices {
        let league = (subject.data["district"].text ?? subject.region).prefix(4)
        func rows(_ kind: String) throws -> [ReferenceRow] {
            try ReferenceImport.table(kind, on: day, in: reader)?.rows(on: day) ?? []
        }
        return LineChoices(
            engravers: try rows("engravers").filter {
                $0["state"] != "suspended" && $0["league"].prefix(4) == league
            },
            branches: try rows("bank-branches").filter { $0["region"].prefix(4) == league }
        )
    }

    /// Rows of the engravers and branches to which lines went, by code.
    static func chosen(
        in lines: [PartyLine],
        on day: LocalDate,
        in reader: any Reader
    ) throws -> [String: ReferenceRow] {
        let codes = Set(lines.compactMap(code))
        guard !codes.isEmpty else { return [:] }
        let rows = try ["engravers", "bank-branches"].flatMap { kind in
            try ReferenceImport.table(kind, on: day, in: reader)?.rows(on: day) ?? []
        }
        return Dictionary(rows.filter { codes.contains($0["code"]) }.map { ($0["code"], $0) }) { first, _ in
            first
        }
    }

    /// The shop to which a line went.
    static func code(of line: PartyLine) -> String? {
        switch line.order.party {
        case "engraver": line.order.fields["engraver"].text
        case "bank": line.order.fields["branch"].text
        default: nil
        }
    }

    /// The field of the order that can be chosen anew, and what can stand there; nil when nothing can.
    func field(of line: PartyLine) -> (name: String, rows: [ReferenceRow])? {
        switch line.order.party {
        case "engraver", "police-seal": engravers.isEmpty ? nil : ("engraver", engravers)
        case "bank":
            branches.isEmpty
                ? nil : ("branch", branches.filter { $0["bank"] == line.order.fields["bank"].text ?? "" })
        default: nil
        }
    }
}
