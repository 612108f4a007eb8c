import Credentials
import Forms
import Kernel
import Web

extension LicenceForm.Answers {
    /// Puts a refusal beside the question that it is about.
    mutating func note(_ refusal: any Refusal, _ type: LicenceType, _ visit: Visit) {
        let name =
            switch refusal {
            case LicenceDeskError.holder: "holder"
            case LicenceDeskError.numberTaken, LicenceDeskError.numberProposed:
                type.numberField?.key ?? "decision"
            case LicenceDeskError.over, LicenceError.endMissing, LicenceError.endGiven,
                LicenceError.endsBeforeStart:
                type.validity.lastDayField
            default: "confirm"
            }
        problems[name] = visit.deskSentence(refusal)
    }

    /// Notes what is wrong with the decision and whether it is meant.
    mutating func noteDecision(_ visit: Visit) {
        for fault in LicenceDecisionFaults.all(visit) { problems[fault.name] = fault.words }
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

    /// The question that says the last day, or from which day it is counted.
    var lastDayField: String {
        switch self {
        case .years, .open: "from"
        case .until(let field): field
        case .dated: "until"
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
