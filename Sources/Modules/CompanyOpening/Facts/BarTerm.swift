import Kernel

/// For how long what a court or a registering authority says of a person keeps him from an office (Company Law,
/// article 178; Regulations on the Registration of Market Entities, article 12). The years are dated limits.
struct BarTerm: Sendable {
    /// The limit that counts the years after the end of the cause, by what the courts call the cause.
    private static let limits = [
        "刑罚": "sentenceYears", "缓刑": "probationYears", "破产清算": "bankruptcyYears",
        "吊销营业执照": "bankruptcyYears", "责令关闭": "bankruptcyYears",
    ]

    let limits: JSON
    let today: LocalDate

    /// Whether the bar still stands today. The last day counts: what ended on 2 March is over five years later on
    /// 3 March. A bar without a day, or of a kind that has no term, stands until it is taken off the list.
    func stands(_ bar: JSON) -> Bool {
        if let until = bar["until"].text.flatMap({ LocalDate(parsing: $0) }) { return today <= until }
        guard let ended = bar["endedOn"].text.flatMap({ LocalDate(parsing: $0) }),
            let years = Self.limits[bar["kind"].text ?? ""].flatMap({ limits[$0].int })
        else { return true }
        return today <= ended.adding(months: 12 * Int(years))
    }
}
