/// Whose bills a cash desk settles: those of its agency, of its divisions. Money that fits no bill is every desk's.
public struct CashReach: Sendable {
    /// As payees have it; empty for every agency.
    let agency: String
    /// Six digits: from here …
    let low: String
    /// … up to but not with this.
    let high: String

    public init(agency: String, from low: String, below high: String) {
        self.agency = agency
        self.low = low
        self.high = high
    }

    /// - Parameter bill: nil for money that fits none.
    func covers(_ bill: Bill?) -> Bool {
        guard let bill else { return true }
        return (agency.isEmpty || [agency, ""].contains(bill.payee.agency)) && bill.region >= low
            && bill.region < high
    }
}
