import Credentials
import Cryptography
public import Kernel
import Identity
import Registers
import Standards
import Storage

/// The source counted against what the engines hold of it now, by region, kind and state.
public struct StockReconciliation: Sendable {
    /// `150203 company active`.
    public struct Group: Sendable {
        public let name: String
        /// Rows of the source, and the sum of their capital in fen.
        public var source = 0
        public var sourceFen: Int64 = 0
        public var kept = 0
        public var keptFen: Int64 = 0
        /// Rows with errors, which went back to the source.
        public var leftOut = 0
        public var leftOutFen: Int64 = 0

        public var isEqual: Bool { source == kept + leftOut && sourceFen == keptFen + leftOutFen }
    }

    public let id: String
    public let kind: StockKind
    public let source: String
    /// By name.
    public let groups: [Group]
    /// Rows that say that something is here which is not.
    public let missing: [(line: Int, object: String)]
    /// Lines of the rows that stayed out with errors, by the code of each error.
    public let leftOut: [String: [Int]]

    public var isEqual: Bool { missing.isEmpty && leftOut.isEmpty && groups.allSatisfy(\.isEqual) }

    /// The whole of it as one text, whose digest the log keeps.
    public var json: JSON {
        [
            "import": .string(id), "kind": .string(kind.rawValue), "source": .string(source),
            "equal": .bool(isEqual),
            "missing": .array(missing.map { ["line": JSON($0.line), "object": .string($0.object)] }),
            "leftOut": .object(leftOut.mapValues { .array($0.map { JSON($0) }) }),
            "groups": .array(
                groups.map { group in
                    [
                        "group": .string(group.name), "source": JSON(group.source), "kept": JSON(group.kept),
                        "leftOut": JSON(group.leftOut), "sourceFen": JSON(group.sourceFen),
                        "keptFen": JSON(group.keptFen), "leftOutFen": JSON(group.leftOutFen),
                        "equal": .bool(group.isEqual),
                    ]
                }
            ),
        ]
    }

    /// SM3 over the canonical text, in hexadecimal.
    public var digest: String { Hex.encode(SM3.digest(json.canonicalBytes)) }
}

extension StockDesk {
    /// Counts the file anew and what the engines hold of it, and writes down in the log what came of it.
    /// - Throws: `StockError.neverRun`, `.unfinished`.
    public func reconcile(occasion: Occasion) async throws -> StockReconciliation {
        let known = try await database.read {
            try StockStore.find(file: file.digest, mapping: mapping.digest, in: $0)
        }
        guard let known else { throw StockError.neverRun }
        guard known.endedAt != nil else { throw StockError.unfinished(line: known.place.line) }
        var groups: [String: StockReconciliation.Group] = [:]
        var here: Set<Int> = []
        let missing = try await countKept(known.id, into: &groups, lines: &here)
        try await countSource(into: &groups, here: here)
        let reconciliation = StockReconciliation(
            id: known.id.rawValue,
            kind: mapping.kind,
            source: mapping.source,
            groups: groups.values.sorted { $0.name < $1.name },
            missing: missing,
            leftOut: try await linesLeftOut(of: known.id)
        )
        try await database.write { tx in
            let digest = reconciliation.digest
            try StockStore.report(known.id, digest: digest, at: occasion.now, in: tx)
            try StockLog.reconciled(known.id, report: digest, occasion: occasion, in: tx)
        }
        return reconciliation
    }

    private func countSource(
        into groups: inout [String: StockReconciliation.Group],
        here: Set<Int>
    ) async throws {
        try await forEachPage(from: file.start) { page in
            for read in page.rows {
                let name = group(of: read.values)
                let fen = read.values.capital ?? 0
                groups[name, default: .init(name: name)].source += 1
                groups[name]?.sourceFen += fen
                guard !here.contains(read.row.line) else { continue }
                groups[name]?.leftOut += 1
                groups[name]?.leftOutFen += fen
            }
        }
    }

    /// Whoever is in the file twice is kept once: of him nothing stayed out.
    private func linesLeftOut(of id: ID<StockImport>) async throws -> [String: [Int]] {
        var lines: [String: [Int]] = [:]
        var last = 0
        while true {
            let after = last
            let page = try await database.read {
                try StockStore.leftOut(of: id, after: after, limit: batch, in: $0)
            }
            guard let end = page.last else { return lines }
            for row in page {
                for code in row.marks where StockFinding.isError(code) {
                    lines[code, default: []].append(row.line)
                }
            }
            last = end.line
        }
    }

    /// - Returns: objects that are not here, with the lines that say they are.
    private func countKept(
        _ id: ID<StockImport>,
        into groups: inout [String: StockReconciliation.Group],
        lines: inout Set<Int>
    ) async throws -> [(line: Int, object: String)] {
        var missing: [(line: Int, object: String)] = []
        var last = 0
        while true {
            let after = last
            let page = try await database.read { reader in
                try StockStore.objects(of: id, after: after, limit: batch, in: reader).map { row in
                    (line: row.line, object: row.object, kept: try kept(row.object, in: reader))
                }
            }
            guard let end = page.last else { return missing }
            for row in page {
                lines.insert(row.line)
                guard let kept = row.kept else {
                    missing.append((row.line, row.object))
                    continue
                }
                groups[kept.group, default: .init(name: kept.group)].kept += 1
                groups[kept.group]?.keptFen += kept.fen
            }
            last = end.line
        }
    }

    private func group(of values: StockValues) -> String {
        let texts = values.texts
        switch mapping.kind {
        case .person: return texts["documentKind"] ?? values.documents["document"]?.kind ?? "?"
        case .enterprise: return Self.group(texts["region"], texts["register"], texts["state"])
        case .licence: return Self.group(texts["region"], texts["type"], texts["state"])
        }
    }

    private static func group(_ parts: String?...) -> String {
        parts.map { $0 ?? "?" }.joined(separator: " ")
    }

    /// As the engine holds it now, and in which group it counts.
    private func kept(_ object: String, in reader: any Reader) throws -> (group: String, fen: Int64)? {
        let id = String(object.drop { $0 != ":" }.dropFirst())
        switch mapping.kind {
        case .person: return try People.find(ID(id), in: reader).map { ($0.documentKind, 0) }
        case .enterprise:
            return try RegisterStore.find(id, in: reader).map { subject in
                let fen = subject.items["capitalFen"].int ?? 0
                return (Self.group(subject.region, subject.register, subject.state.rawValue), fen)
            }
        case .licence:
            return try TakenLicences.find(ID(id), in: reader).map {
                (Self.group($0.region, $0.type, $0.state.rawValue), 0)
            }
        }
    }
}
