import Foundation
import Forms
public import Kernel
import Rules

/// One of the systems that the source documents name, as `Resources/standards/systems.tsv` lists them.
public struct ListedSystem: Sendable, Hashable {
    public let id: String
    public let name: String
    public let group: String
    public let source: String
    public let users: String
    /// In one sentence or more; a definition splits it into numbered clauses.
    public let mustDo: String
    public let numbers: String
    public let dependsOn: [String]
    public let engines: [String]
}

public enum SystemList {
    /// All listed systems in the file's order.
    /// - Throws: `DefinitionError` when the file is missing or a line has the wrong number of fields.
    public static func read(home: Home) throws -> [ListedSystem] {
        let path = home.resource("standards/systems.tsv")
        let position = SourcePosition(file: "systems.tsv")
        guard let data = FileManager.default.contents(atPath: path),
            let text = String(validating: data, as: UTF8.self)
        else { throw DefinitionError(.fileMissing, at: position, ["name": path]) }
        var systems: [ListedSystem] = []
        for (index, line) in text.split(separator: "\n").enumerated() where index > 0 {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 11 else {
                throw DefinitionError(
                    .badValue,
                    at: SourcePosition(file: "systems.tsv", line: index + 1),
                    ["value": "\(fields.count) fields", "expected": "11 fields"]
                )
            }
            func words(_ text: String) -> [String] {
                text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter {
                    !$0.isEmpty && $0 != "—"
                }
            }
            systems.append(
                ListedSystem(
                    id: fields[0],
                    name: fields[1],
                    group: fields[2],
                    source: fields[3],
                    users: fields[4],
                    mustDo: fields[5],
                    numbers: fields[6],
                    dependsOn: words(fields[7]),
                    engines: words(fields[8])
                )
            )
        }
        return systems
    }
}
