import Audit
public import Kernel
public import Storage

/// A day's books beside the payment system's statement.
public struct ComparedDay: Hashable, Sendable {
    public let provider: String
    public let day: LocalDate
    /// What came in less what went back, by our books and by the statement.
    public let ours: Money
    public let theirs: Money
    public let countOurs: Int
    public let countTheirs: Int
    public let differences: Int
    public let at: Instant

    public var agrees: Bool { differences == 0 && ours == theirs && countOurs == countTheirs }
}

public enum Reconciliation {
    /// Compares a day with the statement. What only the statement has is taken like any payment; what only we have is
    /// a difference. Comparing again changes nothing but what is new.
    @discardableResult
    public static func compare(
        _ day: LocalDate,
        provider: String,
        statement: [Payment],
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> ComparedDay {
        let kept = try PaymentStore.between(
            Instant(day),
            Instant(day.adding(days: 1)),
            provider: provider,
            in: tx
        )
        let ours = Dictionary(kept.map { ($0.transaction, $0) }) { first, _ in first }
        let theirs = Dictionary(statement.map { ($0.transaction, $0) }) { first, _ in first }
        var differences = 0
        for payment in theirs.values.sorted(by: { $0.transaction < $1.transaction }) {
            guard let known = ours[payment.transaction] else {
                differences += 1
                switch payment.direction {
                case .taken: try Payments.take(payment, occasion: occasion, in: tx)
                case .given: try Payments.wentOut(payment, occasion: occasion, in: tx)
                }
                try Differences.open(.late, payment, ours: nil, occasion: occasion, in: tx)
                continue
            }
            guard known.amount != payment.amount || known.direction != payment.direction else { continue }
            differences += 1
            try Differences.open(.changed, payment, ours: known.amount, occasion: occasion, in: tx)
        }
        for payment in kept where theirs[payment.transaction] == nil {
            differences += 1
            try Differences.open(.notOnStatement, payment, ours: payment.amount, occasion: occasion, in: tx)
        }
        let compared = ComparedDay(
            provider: provider,
            day: day,
            ours: sum(kept),
            theirs: sum(Array(theirs.values)),
            countOurs: kept.count,
            countTheirs: theirs.count,
            differences: differences,
            at: occasion.now
        )
        try DifferenceStore.keep(compared, in: tx)
        try AuditLog.append(
            "charge-day.compared",
            object: "charge-day:\(provider)-\(day)",
            after: [
                "ours": JSON(compared.ours.fen), "theirs": JSON(compared.theirs.fen),
                "countOurs": JSON(compared.countOurs), "countTheirs": JSON(compared.countTheirs),
                "differences": JSON(differences),
            ],
            occasion: occasion,
            in: tx
        )
        return compared
    }

    /// The days that were compared, the latest first.
    public static func days(limit: Int, in reader: any Reader) throws -> [ComparedDay] {
        try DifferenceStore.days(limit: limit, in: reader)
    }

    private static func sum(_ payments: [Payment]) -> Money {
        payments.reduce(.zero) { $1.direction == .taken ? $0 + $1.amount : $0 - $1.amount }
    }
}
