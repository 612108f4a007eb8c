import Audit
import Cases
import Draws
import Kernel
public import Storage

/// The log knows what was drawn from the facts of the decisions; rows of samples stand beside it until their day is
/// published. A row that says something else than its decision, or that has none, or that a grant lacks, was altered.
extension ControlSample {
    /// Compares every sample with the decision that it was kept with, and every grant with its sample. Decisions
    /// themselves are compared with the log by `DecisionStore`.
    /// - Returns: how many samples there are, and at most `max` numbers of cases whose sample is not what was decided.
    public static func compareWithDecisions(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        var (count, altered) = (0, [String]())
        var last: SampleKey?
        while true {
            try Task.checkCancellation()
            let after = last
            let page = try await database.read { reader in
                try AuditLog.readable { try Draws.sampleKeys(after: after, limit: pageMax, in: reader) }?
                    .map { key in
                        (key: key, stands: try AuditLog.readable { try stands(key, in: reader) } ?? false)
                    }
            }
            guard let page else {
                altered.append(unknown)
                break
            }
            guard let end = page.last else { break }
            last = end.key
            count += page.count
            altered += page.filter { !$0.stands }.map(\.key.item)
        }
        altered += try await lacking(allOf: database)
        var seen: Set<String> = []
        return (count, Array(altered.filter { seen.insert($0).inserted }.prefix(max)))
    }

    /// In the place of a number, where it cannot be read which cases there are.
    private static let unknown = "?"

    /// Rows read at a time.
    private static let pageMax = 100

    /// Whether one of the case's decisions said exactly this at that moment.
    private static func stands(_ key: SampleKey, in reader: any Reader) throws -> Bool {
        guard let kept = try Draws.sample(key, in: reader),
            let subject = try CaseStore.find(number: key.item, in: reader)
        else { return false }
        return try DecisionStore.of(subject.id, in: reader).contains { decision in
            told(decision.facts["sample"], of: key.item, at: decision.at).map {
                $0.draw == key.draw && $0.result == kept
            } ?? false
        }
    }

    /// Numbers of cases whose grant names a draw that does not say the same of them.
    private static func lacking(allOf database: any Database) async throws -> [String] {
        var lacking: [String] = []
        var last = ""
        while true {
            try Task.checkCancellation()
            let after = last
            let page = try await database.read { reader in
                try AuditLog.readable { try DecisionStore.grants(after: after, limit: pageMax, in: reader) }?
                    .map { id in
                        // A decision that cannot be read is named where decisions are compared.
                        (id: id, number: try AuditLog.readable { try caseLacking(id, in: reader) } ?? nil)
                    }
            }
            guard let page else { return lacking + [unknown] }
            guard let end = page.last else { return lacking }
            last = end.id
            lacking += page.compactMap(\.number)
        }
    }

    /// The number of the case, when its grant lacks the sample that it names.
    private static func caseLacking(_ id: String, in reader: any Reader) throws -> String? {
        guard let decision = try DecisionStore.find(ID(id), in: reader) else { return nil }
        let number = try CaseStore.find(decision.caseID, in: reader).number
        guard let told = told(decision.facts["sample"], of: number, at: decision.at) else { return nil }
        let kept = try Draws.sample(SampleKey(draw: told.draw, item: number), in: reader)
        // Its moment is that of the decision which drew it, and stands where rows are compared.
        let isSame = kept?.rate == told.result.rate && kept?.isDrawn == told.result.isDrawn
        return isSame ? nil : number
    }
}
