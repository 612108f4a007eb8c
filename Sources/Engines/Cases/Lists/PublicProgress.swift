public import Kernel
import Storage

/// How often a wrong code may be tried for a number, as dated data of the portal.
public struct LookupPolicy: Sendable {
    public let triesMax: Int
    public let lockMinutes: Int

    public init(triesMax: Int, lockMinutes: Int) {
        self.triesMax = triesMax
        self.lockMinutes = lockMinutes
    }
}

extension CaseDesk {
    /// The case behind a number and its code, for the public progress page.
    ///
    /// A wrong number and a wrong code give the same answer. After too many tries from one address the number is
    /// locked there for a while, also for the right code; other addresses still open it, so that nobody can shut
    /// another's page.
    /// - Parameter address: where the asker's request came from.
    public func lookUp(
        number: String,
        code: String,
        address: String,
        policy: LookupPolicy,
        occasion: Occasion
    ) async throws -> Case {
        let since = occasion.now + -Int64(policy.lockMinutes) * Instant.minute
        let place = LookupPlace(address: address, number: number)
        let (misses, found) = try await database.read { reader in
            (
                try LookupStore.misses(at: place, since: since, in: reader),
                try CaseStore.find(number: number, in: reader)
            )
        }
        guard misses < policy.triesMax else { throw CaseError.lookupLocked(minutes: policy.lockMinutes) }
        if let found, found.lookupCode == code.uppercased().filter({ !$0.isWhitespace }) { return found }
        try await database.write { tx in
            try LookupStore.miss(at: place, since: since, now: occasion.now, in: tx)
        }
        throw CaseError.lookupWrong
    }
}
