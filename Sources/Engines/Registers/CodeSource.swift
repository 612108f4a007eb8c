import Kernel
public import Standards
public import Storage
import Synchronization

/// Gives out new credit codes, from blocks leased of the register's counters: a code is taken once, by one node.
///
/// Numbers of a lease that a crash loses are never given again; the blocks are large.
public final class CodeSource: Sendable {
    private let database: any Database
    private let standards: Standards
    private let leases = Mutex<[String: Range<Int64>]>([:])
    private let leaseSize: Int64

    /// - Parameter leaseSize: how many numbers a node takes at once.
    public init(database: any Database, standards: Standards, leaseSize: Int64 = 256) {
        self.database = database
        self.standards = standards
        self.leaseSize = leaseSize
    }

    /// The next code of a division.
    /// - Throws: `RegisterError.unknownRegion`, `AllocationError.exhausted`.
    public func next(authority: CreditCode.Authority, region: String) async throws -> CreditCode {
        guard let division = standards.regions[region] else { throw RegisterError.unknownRegion(region) }
        let counter = try standards.creditCodes.counter(for: division)
        while true {
            let number = leases.withLock { leases -> Int64? in
                guard let lease = leases[counter], let first = lease.first else { return nil }
                leases[counter] = lease.dropFirst()
                return first
            }
            if let number {
                return try standards.creditCodes.code(number, authority: authority, region: division)
            }
            let size = leaseSize
            let start = try await database.write { tx in try CounterStore.take(size, of: counter, in: tx) }
            leases.withLock { leases in
                if leases[counter]?.isEmpty ?? true { leases[counter] = start..<start + size }
            }
        }
    }
}
