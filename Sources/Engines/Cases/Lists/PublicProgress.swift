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
    /// A wrong number and a wrong code give the same answer; after too many tries the number is locked for a while,
    /// also for the right code.
    public func lookUp(
        number: String,
        code: String,
        policy: LookupPolicy,
        occasion: Occasion
    ) async throws -> Case {
        let since = occasion.now + -Int64(policy.lockMinutes) * Instant.minute
        let (failures, found) = try await database.read { reader in
            (
                try LookupStore.failures(of: number, since: since, in: reader),
                try CaseStore.find(number: number, in: reader)
            )
        }
        guard failures < policy.triesMax else { throw CaseError.lookupLocked(minutes: policy.lockMinutes) }
        if let found, found.lookupCode == code.uppercased().filter({ !$0.isWhitespace }) { return found }
        let failure: ID<Case> = occasion.newID()
        try await database.write { tx in
            try LookupStore.insertFailure(failure.rawValue, number: number, at: occasion.now, in: tx)
        }
        throw CaseError.lookupWrong
    }
}
