public import Kernel

/// What came of all changes.
public struct MutationReport: Sendable {
    /// Changes that scenarios were put to.
    public private(set) var total = 0
    public private(set) var noticed = 0
    /// `company-opening/rules/R05.yaml:14  R05: row of-age removed`
    public private(set) var survivors: [String] = []
    /// The same, with the reason.
    public private(set) var leftOut: [String] = []
    /// Changes with which the program refuses the definition.
    public private(set) var refused: [String] = []
    /// By change the scenario that noticed it first.
    public private(set) var noticedBy: [String: String] = [:]
    /// What is wrong with the reasons: they cover nothing, or what is noticed.
    public private(set) var wrong: [String] = []
    public private(set) var kinds: [String: (noticed: Int, total: Int)] = [:]

    init() {}

    init(_ mutants: [Mutant], heap: MutantHeap, leftOut reasons: [LeftOut]) async {
        let seen = await heap.noticed
        let refusals = await heap.refused
        var used: Set<Int> = []
        for mutant in mutants {
            let line = "\(mutant.place)  \(mutant.text)"
            let covering = reasons.firstIndex { $0.covers(mutant) }
            if let covering { used.insert(covering) }
            if refusals.contains(mutant.number) {
                refused.append(line)
                continue
            }
            if let covering, let by = seen[mutant.number] {
                wrong.append("\(reasons[covering].position): left out, but \(by) notices: \(mutant.text)")
            }
            if let covering, seen[mutant.number] == nil {
                leftOut.append("\(line)  (\(reasons[covering].why))")
                continue
            }
            total += 1
            kinds[mutant.kind, default: (0, 0)].total += 1
            if seen[mutant.number] == nil {
                survivors.append(line)
            } else {
                noticed += 1
                noticedBy[line] = seen[mutant.number]
                kinds[mutant.kind, default: (0, 0)].noticed += 1
            }
        }
        for (number, reason) in reasons.enumerated() where !used.contains(number) {
            wrong.append("\(reason.position): no change is called \(reason.change)")
        }
    }

    mutating func add(_ other: MutationReport) {
        total += other.total
        noticed += other.noticed
        survivors += other.survivors
        leftOut += other.leftOut
        refused += other.refused
        wrong += other.wrong
        noticedBy.merge(other.noticedBy) { first, _ in first }
        kinds.merge(other.kinds) { ($0.noticed + $1.noticed, $0.total + $1.total) }
    }

    /// Noticed changes in a hundred, rounded down; 100 when there was nothing to change.
    public var percent: Int { total == 0 ? 100 : noticed * 100 / total }

    public var lines: [String] {
        let parts = kinds.sorted { $0.key < $1.key }.map {
            "\($0.key) \($0.value.noticed) of \($0.value.total)"
        }
        var lines = [
            "noticed \(noticed) of \(total) changes, \(percent) %  (\(parts.joined(separator: ", ")))"
        ]
        func list(_ title: String, _ texts: [String]) {
            guard !texts.isEmpty else { return }
            lines.append("\(title): \(texts.count)")
            lines += texts.map { "  \($0)" }
        }
        list("noticed by nothing", survivors)
        list("left out with a reason", leftOut)
        list("refused by the program itself", refused)
        list("wrong in mutations.yaml", wrong)
        return lines
    }

    public var json: JSON {
        func list(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
        return [
            "total": JSON(total), "noticed": JSON(noticed), "percent": JSON(percent),
            "survivors": list(survivors), "leftOut": list(leftOut), "refused": list(refused),
            "wrong": list(wrong),
            "noticedBy": .object(noticedBy.mapValues(JSON.string)),
        ]
    }
}
