import Credentials
import Kernel
import Web

extension Visit {
    /// What is wrong and what to do next, with states and acts in words.
    func deskWords(_ refusal: any Refusal) -> (wrong: String, next: String) {
        switch refusal as? CredentialError {
        case .notAllowed(let event, let state)?:
            let act = CredentialEvent(rawValue: event).flatMap(LicenceAct.init)
            return (
                text(
                    "licence-desk.not-allowed",
                    [
                        "state": text("credential-state.\(state.rawValue)"),
                        "act": act.map { text("licence-act.\($0.rawValue)") } ?? event,
                    ]
                ), text("licence-desk.not-allowed.next")
            )
        case .stale?: return (text("refusal.credential.stale"), text("licence-desk.stale.next"))
        default: return explain(refusal)
        }
    }

    /// The same as one line, to stand at a field.
    func deskSentence(_ refusal: any Refusal) -> String {
        let words = deskWords(refusal)
        let isEnded = words.wrong.last.map { "。.".contains($0) } ?? false
        return (isEnded ? String(words.wrong.dropLast()) : words.wrong) + text("web.and-then") + words.next
    }
}

extension LicenceAct {
    /// The act that takes a step; nil for one that no desk takes.
    fileprivate init?(_ event: CredentialEvent) {
        switch event {
        case .suspend: self = .suspend
        case .resume: self = .resume
        case .replace: self = .change
        case .cancel: self = .cancel
        case .withdraw: self = .withdraw
        case .revoke: self = .revoke
        case .reinstate: self = .reinstate
        case .setAside: self = .setAside
        case .transfer: return nil
        }
    }
}

/// What was typed about the decision behind an act, and what is wrong with it, all at once.
enum LicenceDecisionFaults {
    private static let lengthMax = 200

    static func all(_ visit: Visit) -> [(name: String, words: String)] {
        func isMissing(_ name: String) -> Bool {
            !(1...lengthMax).contains((visit.form.trimmed(name) ?? "").count)
        }
        var faults: [(name: String, words: String)] = []
        if isMissing("decision") { faults.append(("decision", visit.deskSentence(LicenceError.decision))) }
        if isMissing("reason") { faults.append(("reason", visit.explain(CredentialError.reason).wrong)) }
        if visit.form["confirm"] != "yes" {
            let label = visit.text("workbench.confirm")
            faults.append(("confirm", visit.text("problem.form.promise", ["label": label])))
        }
        return faults
    }
}
