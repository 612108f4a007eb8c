public import Catalogue
import Forms
public import Rules

/// Where a step of one case stands.
public enum StepState: String, Sendable, CaseIterable, Codable {
    case open
    case done
    /// Its `when` was false.
    case skipped
    /// Ended without its result, such as refused by the party.
    case failed
    /// The applicant put it off.
    case later

    /// Whether steps that wait for this one may begin.
    public var letsOthersBegin: Bool {
        switch self {
        case .done, .skipped: true
        case .open, .failed, .later: false
        }
    }

    /// Whether the bundle need not wait for it any longer.
    public var isEnded: Bool {
        switch self {
        case .done, .skipped, .failed, .later: true
        case .open: false
        }
    }
}

/// What a flow does next. Pure: no clock, no database.
public enum Flow {
    public struct Opening: Sendable {
        public let open: [FlowStep]
        public let skip: [FlowStep]
    }

    /// The steps that can begin now: not yet begun, and everything before them done or skipped.
    ///
    /// Skipping a step can let others begin, so the answer is worked out until nothing changes.
    public static func next(_ steps: [FlowStep], states: [String: StepState], context: RuleContext) -> Opening
    {
        var states = states
        var open: [FlowStep] = []
        var skip: [FlowStep] = []
        var changed = true
        while changed {
            changed = false
            for step in steps where states[step.name] == nil {
                guard step.after.allSatisfy({ states[$0]?.letsOthersBegin ?? false }) else { continue }
                let taken = step.when.map { $0.expression.evaluate(in: context).isTrue } ?? true
                // What a needed step would have given is not there: the step waits until it is.
                if taken, !step.needs.allSatisfy({ states[$0] == .done }) { continue }
                states[step.name] = taken ? .open : .skipped
                if taken { open.append(step) } else { skip.append(step) }
                changed = true
            }
        }
        return Opening(open: open, skip: skip)
    }

    /// Every step that closes the bundle has ended, and none is still to begin. A step whose predecessors can no
    /// longer succeed will never begin and does not hold the bundle.
    public static func isComplete(_ steps: [FlowStep], states: [String: StepState]) -> Bool {
        steps.filter(\.closes).allSatisfy { step in
            if let state = states[step.name] { return state.isEnded }
            return isBlocked(step, steps: steps, states: states)
        }
    }

    private static func isBlocked(_ step: FlowStep, steps: [FlowStep], states: [String: StepState]) -> Bool {
        step.after.contains { name in
            if let state = states[name] {
                return state == .failed || state == .later || state == .skipped && step.needs.contains(name)
            }
            return steps.first { $0.name == name }.map { isBlocked($0, steps: steps, states: states) }
                ?? false
        }
    }
}
