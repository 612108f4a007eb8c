import Kernel
import Storage

/// Whether the same brand in the same trade, or without a trade, is taken in the same library (企业名称登记管理规定,
/// article 17): borne, kept for another, or left less than a year ago; except where an investment relation is shown.
struct SameCheck {
    let key: NameKey
    let applicant: String
    let kin: Set<String>
    let now: Instant

    enum Answer: Equatable {
        case free
        /// Free because of an investment relation with what is there.
        case kindred
        case own(NameEntry)
        case taken(NameEntry)
    }

    func answer(among entries: [NameEntry]) -> Answer {
        var isKindred = false
        var own: NameEntry?
        for entry in entries where stands(entry) {
            if let enterprise = entry.enterprise, kin.contains(enterprise) {
                isKindred = true
            } else if entry.owner == applicant, entry.state == .reserved || entry.state == .held {
                own = own ?? entry
            } else {
                return .taken(entry)
            }
        }
        if let own { return .own(own) }
        return isKindred ? .kindred : .free
    }

    /// Whether the entry is in the same trade and its time has not run out.
    private func stands(_ entry: NameEntry) -> Bool {
        guard entry.state.blocks, entry.key.scope == key.scope, entry.key.brand == key.brand else {
            return false
        }
        let isSameTrade =
            entry.key.industryClass == key.industryClass || entry.key.industryClass.isEmpty
            || key.industryClass.isEmpty
        guard isSameTrade else { return false }
        guard entry.state != .held, let until = entry.until else { return true }
        return now < until
    }
}
