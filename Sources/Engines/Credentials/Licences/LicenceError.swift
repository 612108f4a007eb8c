public import Kernel

/// Why a licence is not issued or changed.
public enum LicenceError: Refusal, Equatable {
    case field(LicenceFieldProblem)
    /// Licences of this type are for the other kind of holder.
    case holderKind(type: String, wanted: Holder.Kind)
    /// The decision has to say until when it holds.
    case endMissing(type: String)
    /// The type itself says until when it holds.
    case endGiven(type: String)
    case endsBeforeStart
    /// A suspension, withdrawal and the like need the number of the decision.
    case decision

    public var code: String {
        switch self {
        case .field(let problem): "licence.field-\(problem.what.rawValue)"
        case .holderKind: "licence.holder-kind"
        case .endMissing: "licence.end-missing"
        case .endGiven: "licence.end-given"
        case .endsBeforeStart: "licence.ends-before-start"
        case .decision: "licence.decision"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .field(let problem): ["field": problem.name]
        case .holderKind(let type, _), .endMissing(let type), .endGiven(let type): ["type": type]
        case .endsBeforeStart, .decision: [:]
        }
    }

    public var status: RefusalStatus { .unacceptable }
}
