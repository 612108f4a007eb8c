import Foundation
public import Kernel
public import Standards

/// A kind of electronic seal: data, not code (`Resources/credentials/seal-kinds.tsv`).
public struct SealKind: Hashable, Sendable {
    /// What its second line is.
    public enum Line: String, Sendable, CaseIterable {
        /// The name of the kind, or nothing.
        case none
        /// The name of a person.
        case person
        /// Words of the owner, such as the name of a department.
        case words
    }

    /// The type of its credential, such as `seal-finance`.
    public let key: String
    /// The property type in SES_ESPropertyInfo (GB/T 38540): 1 legal name, 2 finance, 3 invoice, 4 contract,
    /// 5 representative, 6 other business, 0 personal, 99 department.
    public let number: Int
    /// The figure by which it is drawn (`Resources/documents/seal-figures.yaml`).
    public let figure: String
    /// The figure in Chinese and Mongolian; nil where there is none.
    public let bilingual: String?
    public let line: Line
    /// Whether an owner may have more than one.
    public let isSeveral: Bool
}

/// All kinds, in the order of the table.
public struct SealKinds: Sendable {
    public let all: [SealKind]

    public init(home: Home) throws(StandardsError) {
        let path = home.resource("credentials/seal-kinds.tsv")
        guard let data = FileManager.default.contents(atPath: path) else { throw .fileMissing(path: path) }
        let table = try TabTable(
            "seal-kinds.tsv",
            text: String(decoding: data, as: UTF8.self),
            columns: ["key", "number", "figure", "bilingual", "line", "several"]
        )
        all = try table.map { row throws(StandardsError) in
            guard let line = SealKind.Line(rawValue: row.text("line")) else {
                throw row.bad("line is none, person or words")
            }
            return SealKind(
                key: row.text("key"),
                number: try row.integer("number"),
                figure: row.text("figure"),
                bilingual: row.text("bilingual") == "-" ? nil : row.text("bilingual"),
                line: line,
                isSeveral: row.text("several") == "yes"
            )
        }
    }

    public func kind(_ key: String) throws(SealError) -> SealKind {
        guard let kind = all.first(where: { $0.key == key }) else { throw .unknownKind(key) }
        return kind
    }
}
