/// A function: built in, or written as `function(a, b) a + b` together with what it could see.
public final class RuleFunction: Sendable {
    enum Body: Sendable {
        case builtin(Builtin)
        case written(Node.FunctionText, seeing: [RuleValue])
    }

    let body: Body

    init(_ builtin: Builtin) { body = .builtin(builtin) }
    init(_ text: Node.FunctionText, seeing slots: [RuleValue]) { body = .written(text, seeing: slots) }

    public var parameters: [String] {
        switch body {
        case .builtin(let builtin): builtin.signatures.first?.map(\.name) ?? []
        case .written(let text, _): text.parameters
        }
    }

    /// Named arguments in the order of the parameters; nil when a name is unknown or one is missing.
    func order(_ arguments: [String: RuleValue]) -> [RuleValue]? {
        switch body {
        case .builtin(let builtin): return builtin.order(arguments)
        case .written(let text, _):
            guard Set(text.parameters) == Set(arguments.keys) else { return nil }
            return text.parameters.map { arguments[$0] ?? .null }
        }
    }

    func matches(_ types: [RuleType]) -> Bool {
        switch body {
        case .builtin(let builtin): return builtin.accepts(types.count)
        case .written(let text, _):
            guard text.parameters.count == types.count else { return false }
            return zip(text.types, types).allSatisfy { $0 == nil || $0 == $1 || $1 == .any }
        }
    }
}
