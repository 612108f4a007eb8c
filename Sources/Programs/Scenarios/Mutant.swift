import Catalogue
import Forms
import Foundation
import Kernel
import Rules

/// One single change of a system's definition, for the question whether any scenario notices.
struct Mutant: Sendable {
    enum What: Sendable {
        /// A decision table, by name.
        case table(String, DecisionTable)
        /// A dated number, by name.
        case limit(String)
        /// When a table is put to a case at all, by the table's name.
        case rule(String, RuleExpression)
        /// When a step of a flow is taken, by its name.
        case step(String)
    }

    let number: Int
    let system: String
    /// In the system's folder.
    let position: SourcePosition
    /// `R05: row of-age removed`, `limits.faceTries: 3 -> 4`, `llc.tax: x -> not(x)`.
    let text: String
    let what: What
    let edit: FileEdit
    /// Changes of one place exclude each other; this one is the first, second … of its place.
    var alternative = 0

    /// `company-opening/rules/R05.yaml:14`
    var place: String { "\(system)/\(edit.file):\(position.line)" }
}

/// What a mutant does to a file of the folder.
struct FileEdit: Sendable {
    let file: String
    /// Characters of one line, or the whole file.
    let part: (line: Int, characters: Range<Int>)?
    let new: String

    /// - Parameter edits: no two of one place; one that replaces a whole file comes alone for that file.
    static func apply(_ edits: [FileEdit], to files: [String: [UInt8]]) -> [String: [UInt8]] {
        var files = files
        for (file, own) in Dictionary(grouping: edits, by: \.file) {
            var lines = String(decoding: files[file] ?? [], as: UTF8.self)
                .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let fromTheRight = own.sorted {
                ($0.part?.characters.lowerBound ?? 0) > ($1.part?.characters.lowerBound ?? 0)
            }
            for edit in fromTheRight {
                guard let part = edit.part, lines.indices.contains(part.line) else {
                    lines = [edit.new]
                    continue
                }
                var characters = Array(lines[part.line])
                characters.replaceSubrange(part.characters, with: Array(edit.new))
                lines[part.line] = String(characters)
            }
            files[file] = Array(lines.joined(separator: "\n").utf8)
        }
        return files
    }
}

/// Makes every mutant of one folder, in a fixed order.
struct MutantMaker {
    let system: String
    let definition: SystemDefinition
    let folder: SystemFolder
    private(set) var made: [Mutant] = []
    private var perPlace: [String: Int] = [:]

    init(system: String, home: Home) throws {
        self.system = system
        folder = try SystemFolder(at: "\(home.systems)/\(system)")
        definition = try SystemDefinition(folder)
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
        }
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

    private func changes(of when: FormCondition) -> [(change: (note: String, text: String), edit: FileEdit)] {
        FEEL.changes(of: when.text).compactMap { change in
            guard let characters = find(when.text, at: when.position) else { return nil }
            let edit = FileEdit(
                file: "system.yaml",
                part: (when.position.line - 1, characters),
                new: change.text.replacingOccurrences(of: "'", with: "''")
            )
            return (change, edit)
        }
    }

    /// Where a condition stands in its line: after its place, which may be that of the quote before it.
    private func find(_ text: String, at position: SourcePosition) -> Range<Int>? {
        guard
            let lines = try? folder.text("system.yaml").split(
                separator: "\n",
                omittingEmptySubsequences: false
            ),
            lines.indices.contains(position.line - 1)
        else { return nil }
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

/// Changes that nothing can notice, each with the reason: `Systems/<id>/mutations.yaml`.
struct LeftOut: Sendable {
    let change: String
    let why: String
    let position: SourcePosition

    static func all(of system: String, in folder: SystemFolder) throws -> [LeftOut] {
        guard folder.files["mutations.yaml"] != nil else { return [] }
        let root = try SourceNode(yaml: folder.text("mutations.yaml"), file: "\(system)/mutations.yaml")
        var all: [LeftOut] = []
        for node in try root.map(["leftOut"]).needed("leftOut").list() {
            let map = try node.map(["change", "why"])
            all.append(
                LeftOut(
                    change: try map.needed("change").word(),
                    why: try map.needed("why").word(),
                    position: node.position
                )
            )
        }
        return all
    }

    /// The change itself, or everything that the words before a colon name.
    func covers(_ mutant: Mutant) -> Bool {
        mutant.text == change || mutant.text.hasPrefix("\(change):") || mutant.text.hasPrefix("\(change) in ")
            || mutant.text.hasPrefix("\(change), ")
    }
}
