import Kernel
public import Standards
public import Storage

/// Gives out new credit codes, from blocks leased of the register's counters: a code is taken once, by one node.
public struct CodeSource: Sendable {
    private let standards: Standards
    private let numbers: NumberBlocks

    /// - Parameter leaseSize: how many numbers a node takes at once.
    public init(database: any Database, standards: Standards, leaseSize: Int64 = 256) {
        self.standards = standards
        numbers = NumberBlocks(database: database, size: leaseSize) { counter, size, tx in
            try CounterStore.take(size, of: counter, in: tx)
        }
    }

    /// The next code of a division.
    /// - Throws: `RegisterError.unknownRegion`, `AllocationError.exhausted`.
    public func next(authority: CreditCode.Authority, region: String) async throws -> CreditCode {
        guard let division = standards.regions[region] else { throw RegisterError.unknownRegion(region) }
        let counter = try standards.creditCodes.counter(for: division)
        return try standards.creditCodes.code(
            try await numbers.next(counter),
            authority: authority,
            region: division
        )
    }
}
