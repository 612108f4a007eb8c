public import Kernel
public import Standards

/// Numbers of sign-in, sessions and codes: dated data from `identity-limits.tsv`.
public struct IdentityLimits: Sendable {
    public enum Name: String, Sendable, CaseIterable {
        case sessionIdlePerson = "session.idle.person"
        case sessionIdleStaff = "session.idle.staff"
        case sessionAbsolute = "session.absolute"
        case sessionTouch = "session.touch"
        case signInTries = "sign-in.tries"
        case signInWindow = "sign-in.window"
        case signInLock = "sign-in.lock"
        case signInAddressTries = "sign-in.address-tries"
        /// Wrong passwords for one account from all strange devices together; then a delay after each that doubles up to the
        /// longest, until for so long nobody tried.
        case signInAccountTries = "sign-in.account-tries"
        case signInAccountDelay = "sign-in.account-delay"
        case signInAccountDelayMax = "sign-in.account-delay-max"
        case signInAccountQuiet = "sign-in.account-quiet"
        case passwordLengthMin = "password.length-min"
        case passwordLengthMax = "password.length-max"
        case codeDigits = "code.digits"
        case codeLife = "code.life"
        case codeTries = "code.tries"
        case codePause = "code.pause"
        case codePerHour = "code.per-hour"
        case codePerDay = "code.per-day"
        /// Codes that one address may ask for, within the hour.
        case codeAddressTries = "code.address-tries"
        case codeAddressWindow = "code.address-window"
        /// How long a code that was right stays good for opening an account.
        case codeSignUp = "code.sign-up"
        /// How often one number may ask whether name and document belong together.
        case signUpTries = "sign-up.tries"
        case signUpWindow = "sign-up.window"
        /// Per mille.
        case faceScore = "face.score"
        case faceTries = "face.tries"
        case faceWindow = "face.window"
        /// Steps of thirty seconds by which a clock may be off, to either side.
        case factorDrift = "factor.drift"
        /// How long a password alone waits for the second factor.
        case factorPending = "factor.pending"
        case factorTries = "factor.tries"
        /// The first lock after too many wrong codes; the second; every later one.
        case factorLock = "factor.lock"
        case factorLockSecond = "factor.lock-second"
        case factorLockLater = "factor.lock-later"
        /// How long a code to enrol with, handed out by the security administrator, may be used.
        case factorHandedCode = "factor.handed-code"
        case factorRecoveryCodes = "factor.recovery-codes"
        /// How many days the owner's page tells what happened to his account.
        case noticeDays = "account.notice-days"
        case authorisationYearsMax = "authorisation.years-max"
        case agentAgeMin = "agent.age-min"
    }

    private let values: [Name: [(from: LocalDate, value: Int)]]

    /// - Throws: which line cannot be read, or `columnMissing` when a limit is not there at all.
    public init(home: Home) throws(StandardsError) {
        let table = try TabTable("identity-limits.tsv", home: home, columns: ["name", "from", "value"])
        let rows = try table.map { (row: TabRow) throws(StandardsError) -> (Name, LocalDate, Int) in
            guard let name = Name(rawValue: row.text("name")) else { throw row.bad("name is not known") }
            let value = try row.integer("value")
            guard value > 0 else { throw row.bad("value is at least 1") }
            return (name, try row.date("from"), value)
        }
        var values: [Name: [(from: LocalDate, value: Int)]] = [:]
        for (name, from, value) in rows { values[name, default: []].append((from, value)) }
        for name in Name.allCases where values[name] == nil {
            throw .columnMissing(file: "identity-limits.tsv", column: name.rawValue)
        }
        self.values = values.mapValues { $0.sorted { $0.from < $1.from } }
    }

    /// The value in force at a moment.
    /// - Throws: `noLimit` before the first one.
    public func value(_ name: Name, at instant: Instant) throws(IdentityError) -> Int {
        let date = instant.date
        guard let value = values[name]?.last(where: { $0.from <= date })?.value else {
            throw .noLimit(name.rawValue)
        }
        return value
    }

    func milliseconds(_ name: Name, at instant: Instant) throws(IdentityError) -> Int64 {
        let value = Int64(try value(name, at: instant))
        return name == .sessionTouch || name == .codePause ? value * 1_000 : value * Instant.minute
    }
}
