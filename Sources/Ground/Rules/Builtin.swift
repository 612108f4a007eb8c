import Kernel

/// A function that every expression knows (DMN 1.5, 10.3.4, and the working-day functions of ours).
final class Builtin: Sendable {
    struct Parameter: Sendable {
        let name: String
        let isOptional: Bool
        /// Any number of arguments from here on.
        let isRest: Bool
    }

    /// Nil means null; the machine then warns with the kinds of the arguments.
    typealias Run = @Sendable (inout Machine, [RuleValue]) throws(RuleError) -> RuleValue?

    let name: String
    let signatures: [[Parameter]]
    let run: Run

    /// - Parameter signatures: parameters by comma, `length?` may be left out, `items...` may be many.
    convenience init(_ name: String, _ signatures: String..., run: @escaping Run) {
        self.init(name, listed: signatures, run: run)
    }

    init(_ name: String, listed signatures: [String], run: @escaping Run) {
        self.name = name
        self.run = run
        self.signatures = signatures.map { signature in
            signature.split(separator: ",").map { part in
                let text = part.trimming(while: { $0 == " " })
                let isRest = text.hasSuffix("...")
                let isOptional = text.hasSuffix("?")
                let name = String(text.dropLast(isRest ? 3 : isOptional ? 1 : 0))
                return Parameter(name: name, isOptional: isOptional, isRest: isRest)
            }
        }
    }

    func accepts(_ count: Int) -> Bool {
        signatures.contains { signature in
            let needed = signature.count { !$0.isOptional && !$0.isRest }
            if let last = signature.last, last.isRest { return count >= max(needed, 1) }
            return count >= needed && count <= signature.count
        }
    }

    /// Arguments in order; optional ones in the middle are null.
    func order(_ arguments: [String: RuleValue]) -> [RuleValue]? {
        for signature in signatures {
            let names = Set(signature.map(\.name))
            guard arguments.keys.allSatisfy(names.contains) else { continue }
            guard signature.allSatisfy({ $0.isOptional || arguments[$0.name] != nil }) else { continue }
            let last = signature.lastIndex { arguments[$0.name] != nil } ?? -1
            return signature.prefix(last + 1).map { arguments[$0.name] ?? .null }
        }
        return nil
    }

    static let all: [String: Builtin] = {
        let groups: [[Builtin]] = [
            conversions, texts, lists, aggregates, numbers, times, workingDays, ranges, contexts,
        ]
        var table: [String: Builtin] = [:]
        for builtin in groups.joined() { table[builtin.name] = builtin }
        return table
    }()
}

extension Substring {
    fileprivate func trimming(while isBlank: (Character) -> Bool) -> Substring {
        var text = drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
}

/// Arguments as the functions want them: a list of one stands for its element (DMN 1.5, 10.3.2.9.4).
extension RuleValue {
    var single: RuleValue {
        if case .list(let elements) = self, elements.count == 1 { elements[0] } else { self }
    }

    var argumentText: String? { single.text }
    var argumentNumber: RuleDecimal? { single.decimal }
    var argumentBool: Bool? { single.bool }
    /// A number's whole part.
    var argumentInt: Int? { argumentNumber?.rounded(scale: 0, .down).int }

    /// A list's elements, or this value by itself; nil for null.
    var argumentList: [RuleValue]? {
        switch self {
        case .list(let elements): elements
        case .null: nil
        default: [self]
        }
    }

    var argumentDate: LocalDate? {
        switch single {
        case .date(let date): date
        case .dateTime(let moment): moment.date
        default: nil
        }
    }
}
