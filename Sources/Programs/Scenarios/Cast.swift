import Forms
import Foundation
import Kernel

/// The people of all scenarios, from one file: `Systems/cast.yaml`.
struct Cast: Sendable {
    /// By name: the members a form asks of a person.
    let people: [String: JSON]
    /// By name: who acts for an authority.
    let staff: [String: Actor]

    init(home: Home) throws {
        let text = try String(contentsOfFile: "\(home.systems)/cast.yaml", encoding: .utf8)
        let map = try SourceNode(yaml: text, file: "cast.yaml").map(["people", "staff"])
        var people: [String: JSON] = [:]
        for entry in try map.needed("people").entries() {
            let known = [
                "idKind", "idNumber", "phone", "idUntil", "idForever", "nationality", "birthDate",
                "residence",
            ]
            _ = try entry.value.map(known)
            var person: JSON = ["name": .string(entry.key), "idKind": "resident-id"]
            for member in try entry.value.entries() {
                person[member.key] =
                    member.key == "idForever"
                    ? .bool(try member.value.flag()) : .string(try member.value.word())
            }
            if person["idUntil"].isNull { person["idForever"] = true }
            people[entry.key] = person
        }
        self.people = people
        var staff: [String: Actor] = [:]
        for entry in try map.needed("staff").entries() {
            let one = try entry.value.map(["role", "id"])
            staff[entry.key] = Actor(
                .staff,
                id: try one.needed("id").word(),
                role: try one.needed("role").word()
            )
        }
        self.staff = staff
    }

    /// A person's account: stable, and no name.
    func actor(_ name: String) -> Actor {
        let number = people[name]?["idNumber"].text ?? name
        return Actor(.person, id: "account-\(number)", role: "person")
    }
}

/// Puts what a scenario changes onto the form of an ordinary opening.
struct Patch {
    let cast: Cast
    let form: FormDefinition

    /// - Throws: `DefinitionError` for a path that no form has.
    func apply(_ changes: [SourceEntry], to data: JSON) throws -> JSON {
        var data = data
        for change in changes {
            guard let path = FormPath(parsing: change.key) else {
                throw change.value.bad("a path of the form")
            }
            let names = path.steps.compactMap { if case .member(let name) = $0 { name } else { nil } }
            let field = form.field(at: names.joined(separator: "."))
            if field == nil, names != ["batch"] {
                throw DefinitionError(
                    .unknownName,
                    at: change.position,
                    ["kind": "field", "name": change.key, "known": "the form's fields"]
                )
            }
            let isRow = if case .index = path.steps.last { true } else { false }
            let value = try typed(change.value, field, isRow: isRow, old: data[path])
            data[path] = value
        }
        return data
    }

    private func typed(_ node: SourceNode, _ field: FormField?, isRow: Bool, old: JSON) throws -> JSON {
        switch node.content {
        case .text(let text):
            return text == "nothing" ? .null : try scalar(text, field?.kind, node)
        case .list(let elements):
            return .array(try elements.map { try typed($0, field, isRow: true, old: .null) })
        case .map(let entries):
            var value = isRow || field?.kind.name == "group" ? old : .null
            if let named = entries.first(where: { $0.key == "person" }) {
                let name = try named.value.word()
                guard let person = cast.people[name] else {
                    throw DefinitionError(
                        .unknownName,
                        at: named.position,
                        ["kind": "person", "name": name, "known": "cast.yaml"]
                    )
                }
                let asked = Set(field?.kind.children.map(\.name) ?? [])
                for key in [
                    "name", "idKind", "idNumber", "idUntil", "idForever", "nationality", "phone", "birthDate",
                ]
                where asked.contains(key) {
                    value[key] = person[key]
                    if person[key].isNull, case .object(var members) = value {
                        members[key] = nil
                        value = .object(members)
                    }
                }
            }
            for entry in entries where entry.key != "person" {
                let inner = field?.kind.children.first { $0.name == entry.key }
                if inner == nil, field != nil {
                    throw DefinitionError(
                        .unknownKey,
                        at: entry.position,
                        [
                            "key": entry.key,
                            "allowed": field?.kind.children.map(\.name).joined(separator: ", ") ?? "",
                        ]
                    )
                }
                value[entry.key] = try typed(entry.value, inner, isRow: false, old: value[entry.key])
            }
            return value
        }
    }

    private func scalar(_ text: String, _ kind: FieldKind?, _ node: SourceNode) throws -> JSON {
        switch kind {
        case .yesNo: return .bool(try node.flag())
        case .money:
            guard text.hasSuffix("万元") else { return .number(String(try node.integer(0...Int.max))) }
            guard let money = Money(tenThousandYuan: text.dropLast(2).filter { $0 != " " }) else {
                throw node.bad("an amount such as 100 万元")
            }
            return JSON(money.fen)
        case .integer, .decimal, .percent: return .number(text)
        case .none: return text == "true" ? true : text == "false" ? false : .string(text)
        default: return .string(text)
        }
    }
}
