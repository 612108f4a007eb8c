import CompanyOpening
import Kernel
import Standards
import Web

/// Fields that went to a party or came from it, under words instead of the names they travel by, with people masked.
struct LineFields {
    let visit: Visit
    let regions: RegionTable
    /// What kinds of seal are called, by code.
    let seals: [String: String]

    func rows(_ fields: JSON) -> [SummaryView.Row] {
        fields.members.sorted { $0.key < $1.key }.map { .init(label($0.key), text($0.value, named: $0.key)) }
    }

    /// The name in the reader's language. A name that no definition has comes from a party that says more than it was
    /// asked, and is said to be such.
    func label(_ name: String) -> String { Self.label(name, visit) }

    static func label(_ name: String, _ visit: Visit) -> String {
        for key in ["line-field.\(name)", "artefact.\(name)", "register-item.\(name)"] where visit.has(key) {
            return visit.text(key)
        }
        return visit.text("line-field.other", ["name": name])
    }

    private static let personal: Set<String> = [
        "idnumber", "phone", "email", "accountnumber", "document", "residence", "wage", "text",
    ]
    /// Names of people that stand by themselves.
    private static let people: Set<String> = [
        "legalrepresentative", "representative", "receiver", "operator",
    ]

    private func text(_ value: JSON, named name: String) -> String {
        if !value.members.isEmpty {
            return value.members.sorted { $0.key < $1.key }.map {
                "\(label($0.key)) \(person($0.value, $0.key))"
            }
            .joined(separator: "；")
        }
        if !value.elements.isEmpty {
            return value.elements.map { text($0, named: name) }.joined(separator: "、")
        }
        return plain(value, name)
    }

    /// Inside an object, `name` is a person's.
    private func person(_ value: JSON, _ name: String) -> String {
        if name == "name", let text = value.text { return PersonMask.name(text) }
        return text(value, named: name)
    }

    private func plain(_ value: JSON, _ name: String) -> String {
        let lowered = name.lowercased()
        switch value {
        case .null: return visit.dash(nil)
        case .bool(let isSo): return visit.text(isSo ? "workbench.yes" : "workbench.no")
        case .string(let text) where Self.personal.contains { lowered.hasSuffix($0) }:
            return FormSummary.mask(text)
        case .string(let text) where Self.people.contains(lowered): return PersonMask.name(text)
        case .string(let text) where name == "region" && regions[text] != nil:
            return regions.fullName(of: text)
        case .string(let text):
            let seal = name == "seals" || name == "kind" ? seals[text] : nil
            return seal ?? visit.worded("line-value.\(name).\(text)") ?? text
        case .number, .array, .object:
            if name.hasSuffix("Fen"), let fen = value.int { return Money(fen: fen).yuanText }
            return value.elements.isEmpty && value.members.isEmpty && value.int == nil
                ? visit.dash(nil) : value.canonical
        }
    }
}
