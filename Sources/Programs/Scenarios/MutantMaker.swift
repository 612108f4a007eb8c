import Catalogue
import Forms
import Foundation
import Kernel
import Rules

/// Makes every mutant of one folder, in a fixed order.
struct MutantMaker {
    let system: String
    let definition: SystemDefinition
    let folder: SystemFolder
    private(set) var made: [Mutant] = []
    private var perPlace: [String: Int] = [:]
    /// Of the files that hold conditions.
    private let lines: [String: [Substring]]

    init(system: String, home: Home) throws {
        self.system = system
        folder = try SystemFolder(at: "\(home.systems)/\(system)")
        definition = try SystemDefinition(folder)
        var lines: [String: [Substring]] = [:]
        for path in folder.paths where path == "system.yaml" || path.hasPrefix("forms/") {
            lines[path] = try folder.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        }
        self.lines = lines
        for (name, table) in definition.tables.sorted(by: { $0.key < $1.key }) {
            let file = "rules/\(name).yaml"
            for change in table.mutations() {
                let edit = FileEdit(file: file, part: nil, new: change.table.yaml)
                add(.table(name, change.table), change.position, change.description, edit, place: file)
            }
        }
        try makeLimits()
        for use in definition.rules {
            guard let when = use.when else { continue }
            for (change, edit) in changes(of: when) {
                guard let expression = try? FEEL.parse(change.text) else { continue }
                add(.rule(use.table, expression), when.position, "\(use.table) when: \(change.note)", edit)
            }
        }
        for item in definition.items {
            for step in item.flow {
                guard let when = step.when else { continue }
                for (change, edit) in changes(of: when) {
                    add(.step(step.name), when.position, "\(item.id).\(step.name): \(change.note)", edit)
                }
            }
            for (number, material) in item.materials.enumerated() {
                guard let when = material.when else { continue }
                for (change, edit) in changes(of: when) {
                    let text = "\(item.id) material \(number + 1): \(change.note)"
                    add(.material(item.id), when.position, text, edit)
                }
            }
        }
        makeForms()
    }

    /// Every condition of the forms, once, however many pages and forms share it.
    private mutating func makeForms() {
        var seen: Set<SourcePosition> = []
        for (path, form) in definition.forms.sorted(by: { $0.key < $1.key }) {
            for (what, condition) in form.tests where seen.insert(condition.position).inserted {
                let file = self.path(of: condition.position.file ?? path)
                for (change, edit) in changes(of: condition, in: file) {
                    add(.form, condition.position, "\(what): \(change.note)", edit)
                }
            }
        }
    }

    /// Shared parts name themselves without their folder.
    private func path(of file: String) -> String {
        folder.files[file] != nil ? file : folder.paths.first { $0.hasSuffix("/\(file)") } ?? file
    }

    private mutating func add(
        _ what: Mutant.What,
        _ position: SourcePosition,
        _ text: String,
        _ edit: FileEdit,
        place: String? = nil
    ) {
        let place = place ?? "\(edit.file):\(edit.part?.line ?? 0):\(edit.part?.characters.lowerBound ?? 0)"
        let alternative = perPlace[place, default: 0]
        perPlace[place] = alternative + 1
        made.append(
            Mutant(
                number: made.count,
                system: system,
                position: position,
                text: text,
                what: what,
                edit: edit,
                alternative: alternative
            )
        )
    }

    private func changes(of when: FormCondition, in file: String = "system.yaml")
        -> [(change: (note: String, text: String), edit: FileEdit)]
    {
        guard let characters = find(when.text, in: file, at: when.position) else { return [] }
        return FEEL.changes(of: when.text).map { change in
            let edit = FileEdit(
                file: file,
                part: (when.position.line - 1, characters),
                new: change.text.replacingOccurrences(of: "'", with: "''")
            )
            return (change, edit)
        }
    }

    /// Where a condition stands in its line: after its place, which may be that of the quote before it.
    private func find(_ text: String, in file: String, at position: SourcePosition) -> Range<Int>? {
        guard let lines = lines[file], lines.indices.contains(position.line - 1) else { return nil }
        let line = Array(lines[position.line - 1])
        let wanted = Array(text)
        let first = max(0, position.column - 2)
        guard line.count >= wanted.count + first else { return nil }
        for start in first...(line.count - wanted.count)
        where line[start..<(start + wanted.count)] == wanted[...] {
            return start..<(start + wanted.count)
        }
        return nil
    }

    /// Each number of a limit one up and one down, each flag turned round, each list without its first word.
    private mutating func makeLimits() throws {
        guard folder.files["limits.yaml"] != nil else { return }
        let lines = try folder.text("limits.yaml").split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        let limits = definition.limits.all.sorted { $0.position.line < $1.position.line }
        for (index, limit) in limits.enumerated() {
            let end = index + 1 < limits.count ? limits[index + 1].position.line - 1 : lines.count
            for number in (limit.position.line - 1)..<end {
                let line = lines[number]
                guard !line.drop(while: { $0 == " " }).hasPrefix("#") else { continue }
                for match in line.matches(of: /value: ([0-9]+|true|false|\[[^\]]*\])/) {
                    let old = String(match.output.1)
                    let start = line.distance(from: line.startIndex, to: match.output.1.startIndex)
                    for new in Self.others(than: old) {
                        let edit = FileEdit(
                            file: "limits.yaml",
                            part: (number, start..<(start + old.count)),
                            new: new
                        )
                        let where_ =
                            line.firstMatch(of: /region: "?([0-9]{6})/).map { " in \($0.output.1)" } ?? ""
                        add(
                            .limit(limit.name),
                            SourcePosition(file: "limits.yaml", line: number + 1, column: start + 1),
                            "limits.\(limit.name)\(where_): \(old) -> \(new)",
                            edit
                        )
                    }
                }
            }
        }
    }

    static func others(than old: String) -> [String] {
        switch old {
        case "true": return ["false"]
        case "false": return ["true"]
        default: break
        }
        if let value = Int(old) { return [value - 1, value + 1].filter { $0 >= 0 }.map(String.init) }
        let words = old.dropFirst().dropLast().split(separator: ",").map { $0.drop { $0 == " " } }
        return words.count < 2 ? [] : ["[\(words.dropFirst().joined(separator: ", "))]"]
    }
}

extension FormDefinition {
    /// Every condition with what it is for: `visible`, `required`, `valid`.
    var tests: [(what: String, condition: FormCondition)] {
        var found: [(what: String, condition: FormCondition)] = []
        func add(_ what: String, _ condition: FormCondition?) {
            if let condition { found.append((what, condition)) }
        }
        func add(_ field: FormField) {
            add("\(field.name) visible", field.visible)
            if case .when(let condition) = field.required { add("\(field.name) required", condition) }
            for rule in field.valid { add("\(field.name) valid \(rule.code)", rule.condition) }
            switch field.kind {
            case .choice(let options), .multichoice(let options):
                for option in options { add("\(field.name) \(option.code) offered", option.visible) }
            default: break
            }
            for child in field.kind.children { add(child) }
        }
        for page in pages {
            add("page \(page.id) visible", page.visible)
            for rule in page.valid { add("page \(page.id) valid \(rule.code)", rule.condition) }
            for field in page.fields { add(field) }
        }
        return found
    }
}
