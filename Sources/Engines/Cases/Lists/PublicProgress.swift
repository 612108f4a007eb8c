import Audit
public import Kernel
import Storage

/// How often a wrong code may be tried, as dated data of the portal: for a number from one address, and for a number
/// from everywhere together.
public struct LookupPolicy: Sendable {
    public let triesMax: Int
    public let lockMinutes: Int
    /// Wrong codes for one number from all addresses together.
    public let numberTriesMax: Int
    /// After that many each wrong code makes the next wait twice as long, from the first delay up to the longest, until for
    /// so many minutes nobody tried.
    public let numberDelayMinutes: Int
    public let numberDelayMinutesMax: Int
    public let numberQuietMinutes: Int

    /// - Parameter limits: those of the service platform in force.
    /// - Throws: `CaseError.unknownStep` when one is not there.
    public init(_ limits: JSON) throws(CaseError) {
        triesMax = try Self.number("lookupTries", limits)
        lockMinutes = try Self.number("lookupLockMinutes", limits)
        numberTriesMax = try Self.number("lookupNumberTries", limits)
        numberDelayMinutes = try Self.number("lookupNumberDelayMinutes", limits)
        numberDelayMinutesMax = try Self.number("lookupNumberDelayMinutesMax", limits)
        numberQuietMinutes = try Self.number("lookupNumberQuietMinutes", limits)
    }

    private static func number(_ name: String, _ limits: JSON) throws(CaseError) -> Int {
        guard let value = limits[name].int else { throw .unknownStep("limit \(name)") }
        return Int(value)
    }

    /// Until when nobody may try at a number; nil when somebody may now.
    func until(_ tried: LookupStore.Tried, now: Instant) -> Instant? {
        guard tried.last + Int64(numberQuietMinutes) * Instant.minute > now, tried.misses >= numberTriesMax
        else {
            return nil
        }
        // Doubled at most twenty times: far beyond any longest delay.
        let doubled = Int64(numberDelayMinutes) << Int64(min(tried.misses - numberTriesMax, 20))
        let until = tried.last + min(doubled, Int64(numberDelayMinutesMax)) * Instant.minute
        return now < until ? until : nil
    }
}

extension CaseDesk {
    /// The case behind a number and its code, for the public progress page.
    ///
    /// A wrong number and a wrong code give the same answer. After too many tries from one address the number is
    /// locked there for a while, also for the right code. Too many from many addresses together make everybody wait
    /// for that number, except the case's own applicant where he is signed in, and the clerk before whom its code lies. The
    /// tries of one place are looked at one after another, so that many at once are no more than the limit.
    /// - Parameter address: where the asker's request came from.
    public func lookUp(
        number: String,
        code: String,
        address: String,
        policy: LookupPolicy,
        occasion: Occasion
    ) async throws -> Case {
        let now = occasion.now
        let since = now + -Int64(policy.lockMinutes) * Instant.minute
        let quiet = now + -Int64(policy.numberQuietMinutes) * Instant.minute
        let place = LookupPlace(address: AddressBlock.of(address), number: number)
        let typed = code.uppercased().filter { !$0.isWhitespace }
        let outcome = try await database.write { tx -> Result<Case, CaseError> in
            let misses = try LookupStore.misses(at: place, since: since, now: now, in: tx)
            let tried = try LookupStore.tried(place, now: now, in: tx)
            let found = try CaseStore.find(number: number, in: tx)
            let isKnown = occasion.actor.kind == .staff || found?.applicant == occasion.actor.id
            let answer: Result<Case, CaseError>
            if misses >= policy.triesMax {
                answer = .failure(.lookupLocked(minutes: policy.lockMinutes))
            } else if !isKnown, let until = policy.until(tried, now: now) {
                answer = .failure(
                    .lookupLocked(minutes: Int((until - now + Instant.minute - 1) / Instant.minute))
                )
            } else if let found, found.lookupCode == typed {
                answer = .success(found)
            } else {
                try LookupStore.miss(at: place, since: since, quiet: quiet, now: now, in: tx)
                answer = .failure(.lookupWrong)
            }
            try LookupStore.release(place, in: tx)
            return answer
        }
        if case .failure(.lookupWrong) = outcome {
            // By itself, because it touches rows of others.
            try await database.write { tx in
                _ = try LookupStore.forget(
                    before: since,
                    quiet: quiet,
                    countMax: LookupStore.forgottenMax,
                    in: tx
                )
            }
        }
        return try outcome.get()
    }
}
