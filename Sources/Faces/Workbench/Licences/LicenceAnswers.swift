import Credentials
import Forms
import Kernel
import Web

extension LicenceForm.Answers {
    /// Puts a refusal beside the question that it is about.
    mutating func note(_ refusal: any Refusal, _ visit: Visit) {
        let (wrong, next) = visit.explain(refusal)
        let name =
            switch refusal {
            case LicenceDeskError.holder: "holder"
            case LicenceError.decision: "decision"
            case CredentialError.reason: "reason"
            case LicenceError.endMissing, LicenceError.endGiven: "until"
            case is WebRefusal: "confirm"
            default: "from"
            }
        problems[name] = wrong + next
    }
}

extension LicenceField.Kind {
    var box: FieldView.Kind {
        switch self {
        case .text, .code: .text
        case .date: .date
        case .amount: .money
        case .list: .lines(4)
        }
    }
}

extension LicenceValidity {
    var key: String {
        switch self {
        case .years: "years"
        case .until: "until"
        case .open: "open"
        case .dated: "dated"
        }
    }

    var arguments: [String: String] {
        if case .years(let years) = self { ["years": String(years)] } else { [:] }
    }
}

extension String {
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
