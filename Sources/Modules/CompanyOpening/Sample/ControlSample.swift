import Cases
public import Cryptography
import Draws
public import Jobs
public import Kernel
public import Storage

/// Which openings are drawn for a later control (R18), by a draw that anybody can repeat (Docs/formats/draw.md).
///
/// Every day has a seed of its own. Its commitment is fixed and logged the day before, and at the latest before the first
/// grant of the day asks for it. **The day counts on which a case is granted**, and the form that is registered: the sample
/// is drawn when nothing else stands in the way and kept in the transaction of the grant. A case that is returned, or
/// waits for a person, is not drawn, so that nobody learns of his before it is too late to hand in another. Some days
/// after the day is over the seed is published, and nothing more is drawn by it.
public struct ControlSample: Sendable {
    /// The rule that says what was drawn.
    static let rule = "R18"
    /// What the purposes of all days begin with.
    public static let family = "control-sample:company-opening:"
    /// What the purposes of control samples begin with, of whichever system.
    public static let families = "control-sample:"

    private let database: any Database
    private let box: SealedBox
    private let clock: any Clock
    private let entropy: any Entropy
    /// So many days after a day its seed is published; dated, at least 1.
    private let daysAfter: @Sendable (LocalDate) -> Int

    public init(
        database: any Database,
        box: SealedBox,
        clock: any Clock,
        entropy: any Entropy,
        daysAfter: @escaping @Sendable (LocalDate) -> Int
    ) {
        self.database = database
        self.box = box
        self.clock = clock
        self.entropy = entropy
        self.daysAfter = daysAfter
    }

    static func purpose(_ day: LocalDate) -> String { family + day.description }

    /// The day of a purpose.
    public static func day(of purpose: String) -> LocalDate? {
        LocalDate(parsing: purpose.split(separator: ":").last ?? "")
    }

    /// When the seed of a day is published.
    public func publication(of day: LocalDate) -> Instant {
        Instant(day.adding(days: max(1, daysAfter(day))), hour: Self.hour)
    }

    // MARK: drawing

    /// What the rules see of the draw when a case is granted now. A day that has no seed yet is committed to first.
    /// - Parameter percent: the rate of a case like this one.
    func facts(of subject: Case, percent: Int64, occasion: Occasion) async throws -> JSON {
        let asked = try await database.read { reader in
            try ask(subject, percent: percent, occasion: occasion, in: reader)
        }
        guard let asked else {
            return Self.facts(try await begin(subject, percent: percent, occasion: occasion))
        }
        return Self.facts(asked)
    }

    /// - Returns: nil when this day has no seed yet.
    private func ask(_ subject: Case, percent: Int64, occasion: Occasion, in reader: any Reader) throws
        -> Sampled?
    {
        let rate = Int(min(max(0, percent), 100)) * Self.percent
        return try Draws.sample(
            subject.number,
            rate: rate,
            purpose: Self.purpose(occasion.now.date),
            box: box,
            at: occasion.now,
            in: reader
        )
    }

    /// The same on a day that has no seed yet: it is committed to, in a write of its own, and then asked.
    private func begin(_ subject: Case, percent: Int64, occasion: Occasion) async throws -> Sampled {
        try await commit(occasion.now.date, occasion: occasion.by(.platform(Self.part)))
        let asked = try await database.read { reader in
            try ask(subject, percent: percent, occasion: occasion, in: reader)
        }
        guard let asked else { throw DrawError.unknown }
        return asked
    }

    private static func facts(_ sampled: Sampled) -> JSON {
        [
            "drawn": .bool(sampled.result.isDrawn), "rate": JSON(sampled.result.rate / percent),
            "draw": .string(sampled.draw.id.rawValue), "commitment": .string(sampled.draw.commitment),
        ]
    }

    /// Keeps what the facts of a grant say, in its transaction.
    func keep(_ facts: JSON, of subject: Case, occasion: Occasion, in tx: any Transaction) throws {
        guard let told = Self.told(facts, of: subject.number, at: occasion.now) else { return }
        try Draws.keep(told.result, of: told.draw, in: tx)
    }

    /// What the facts of a decision say of the draw; nil when they say nothing.
    static func told(_ facts: JSON, of number: String, at moment: Instant) -> (
        draw: ID<Draw>, result: SampleResult
    )? {
        guard let draw = facts["draw"].text, let rate = facts["rate"].int, let isDrawn = facts["drawn"].bool
        else { return nil }
        let (parts, isTooMuch) = Int(rate).multipliedReportingOverflow(by: percent)
        guard !isTooMuch else { return nil }
        return (ID(draw), SampleResult(item: number, rate: parts, isDrawn: isDrawn, at: moment))
    }

    /// Parts of a million in one in a hundred.
    private static let percent = DrawRule.rateMax / 100

    // MARK: committing and publishing

    private static let part = "draws"
    private static let round = "control-sample.round"
    private static let publishing = "control-sample.publication"
    /// At three in the morning few people wait for anything, and whatever began the day before has ended.
    private static let hour = 3

    /// Commits to the seed of a day, unless it has one, and puts its publication on the list.
    private func commit(_ day: LocalDate, occasion: Occasion) async throws {
        let purpose = Self.purpose(day)
        try await database.write { tx in
            if try Draws.find(purpose: purpose, in: tx) != nil { return }
            try Draws.commit(purpose, box: box, occasion: occasion, in: tx)
            let moment = publication(of: day)
            try Jobs.enqueue(kind: Self.publishing, key: purpose, payload: .null, at: moment, in: tx)
        }
    }

    /// Publishes the seeds of days that are over for long enough, used or not. One that fails does not hold up the rest.
    /// - Throws: the first thing that failed.
    func publishDue() async throws {
        let now = clock.now
        let secret = try await database.read { reader in
            try Draws.secret(
                from: Self.family,
                below: Self.purpose(now.date),
                countMax: Self.publishedMax,
                in: reader
            )
        }
        var failed: (any Error)?
        for draw in secret {
            guard let day = Self.day(of: draw.purpose), publication(of: day) <= now else { continue }
            do {
                let occasion = occasion("publish")
                try await database.write { tx in
                    _ = try Draws.publish(draw.id, box: box, occasion: occasion, in: tx)
                }
            } catch { failed = failed ?? error }
        }
        if let failed { throw failed }
    }

    /// Seeds of one round.
    private static let publishedMax = 1_000

    private func occasion(_ what: String) -> Occasion {
        Occasion(now: clock.now, actor: .platform(Self.part), request: "draws:\(what)", entropy: entropy)
    }

    /// One round: today and tomorrow have seeds, and what is due is published.
    func run() async throws {
        let today = clock.now.date
        for day in [today, today.adding(days: 1)] { try await commit(day, occasion: occasion("commit")) }
        try await publishDue()
    }

    /// The daily round, and the publication of one day.
    public var jobKinds: [JobKind] {
        [
            JobKind(Self.round) { _ in
                try await run()
                return .again(at: Instant(clock.now.date.adding(days: 1), hour: Self.hour), why: "daily")
            },
            JobKind(Self.publishing) { _ in
                try await publishDue()
                return .done
            },
        ]
    }

    /// Puts the daily round on the list, to begin at once, and gives one that failed for the last time new attempts: a
    /// day without a commitment made before it is worth less.
    public func arm() async throws {
        let now = clock.now
        try await database.write { tx in
            try Jobs.enqueue(kind: Self.round, key: "daily", payload: nil, at: now, in: tx)
            if try Jobs.find(kind: Self.round, key: "daily", in: tx)?.state == .dead {
                try Jobs.revive(kind: Self.round, key: "daily", at: now, in: tx)
            }
        }
    }
}
