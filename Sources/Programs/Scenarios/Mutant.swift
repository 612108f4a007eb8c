import Catalogue
import Forms
import Foundation
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
        /// When a form shows, needs or takes an answer.
        case form
        /// When a material is needed, by the item's id.
        case material(String)
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

extension Mutant {
    /// As the report counts it.
    var kind: String {
        switch what {
        case .table: text.contains(": row ") && text.hasSuffix(" removed") ? "rows" : "cells"
        case .limit: "limits"
        case .rule, .step, .form, .material: "conditions"
        }
    }
}
