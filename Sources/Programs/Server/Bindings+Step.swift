import Cases
import Exchange

extension Bindings {
    /// The step of several lines: open while one is, otherwise as the weakest of them ended.
    static func step(_ lines: [PartyLine]) -> StepState {
        let states = lines.map { line -> StepState in
            switch line.state {
            case .done: .done
            case .notNeeded: .skipped
            case .later: .later
            case .personNeeded: .failed
            case .pending, .sent, .received, .working, .returned, .overdue: .open
            }
        }
        for state in [StepState.open, .failed, .later, .done] where states.contains(state) { return state }
        return .skipped
    }
}
