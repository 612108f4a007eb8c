public import Kernel

/// A block of organisation codes that one division may give out.
public struct CodeBlock: Hashable, Sendable {
    /// Names the counter that the register keeps for this block.
    public let id: String
    /// Four digits of a league, or `15` for the region's own authority.
    public let regionPrefix: String
    /// The fixed first characters of every organisation code in it; no stem begins with another.
    public let stem: String
    public init(id: String, regionPrefix: String, stem: String) {
        self.id = id
        self.regionPrefix = regionPrefix
        self.stem = stem
    }

    /// How many codes it holds: 31 to the number of free characters.
    public var capacity: Int64 {
        (0..<(8 - stem.utf8.count)).reduce(Int64(1)) { product, _ in product * 31 }
    }
}

/// Why no code can be given.
public enum AllocationError: Refusal, Equatable {
    /// Every block of the division is used up.
    case exhausted(region: String)
    /// No block is meant for the division, or it is none of GB/T 2260.
    case noBlock(region: String)

    public var code: String {
        switch self {
        case .exhausted: "credit-code.block-exhausted"
        case .noBlock: "credit-code.no-block"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .exhausted(let region), .noBlock(let region): ["region": region]
        }
    }

    public var status: RefusalStatus { .unavailable }
}

/// New credit codes that never collide.
///
/// A block belongs to one league and no two blocks share a stem, so two leagues never give the same organisation
/// code. Inside a block a counter, of which the register takes numbers ahead of the registrations, is turned into the
/// free characters by a pure one-to-one function; numbers that are never used leave gaps. A code that stands in the register already (a legacy code
/// from before the blocks) meets the register's unique constraint there; the caller takes the next number.
public struct CreditCodeAllocator: Sendable {
    public let blocks: [CodeBlock]

    init(home: Home) throws(StandardsError) {
        let table = try TabTable("code-blocks.tsv", home: home, columns: ["id", "region", "stem"])
        let blocks = try table.map { (row: TabRow) throws(StandardsError) -> CodeBlock in
            let stem = row.text("stem")
            guard (1...7).contains(stem.utf8.count),
                stem.utf8.allSatisfy({ CreditCode.alphabet.contains($0) })
            else {
                throw row.bad("a stem has 1 to 7 characters of a credit code")
            }
            return CodeBlock(id: row.text("id"), regionPrefix: row.text("region"), stem: stem)
        }
        try self.init(blocks: blocks, file: "code-blocks.tsv")
    }

    /// - Throws: `badRow` when two blocks overlap.
    public init(blocks: [CodeBlock], file: String = "blocks") throws(StandardsError) {
        for (index, block) in blocks.enumerated() {
            for other in blocks[..<index]
            where other.stem.hasPrefix(block.stem) || block.stem.hasPrefix(other.stem) {
                throw .badRow(file: file, line: index + 2, why: "stem \(block.stem) overlaps \(other.stem)")
            }
        }
        self.blocks = blocks
    }

    /// Blocks of a division in the order in which they are used: those of its league, then the region's.
    public func blocks(for region: Region) -> [CodeBlock] {
        let own = blocks.filter { $0.regionPrefix.utf8.count == 4 && region.code.hasPrefix($0.regionPrefix) }
        return own.isEmpty
            ? blocks.filter { $0.regionPrefix.utf8.count == 2 && region.code.hasPrefix($0.regionPrefix) }
            : own
    }

    /// The name of the counter for a division: one per league.
    public func counter(for region: Region) throws(AllocationError) -> String {
        guard region.mayStandInCreditCode, let block = blocks(for: region).first else {
            throw .noBlock(region: region.code)
        }
        return block.regionPrefix
    }

    /// The `number`-th code of a division.
    /// - Parameter number: 0... as the counter gives it; it runs through all blocks of the division in turn.
    public func code(
        _ number: Int64,
        authority: CreditCode.Authority,
        region: Region
    ) throws(AllocationError) -> CreditCode {
        guard region.mayStandInCreditCode else { throw .noBlock(region: region.code) }
        let blocks = blocks(for: region)
        guard !blocks.isEmpty, number >= 0 else { throw .noBlock(region: region.code) }
        var rest = number
        for block in blocks {
            if rest < block.capacity {
                do {
                    let organisation = try OrganisationCode(
                        body: block.stem + Self.digits(rest, block.capacity)
                    )
                    return try CreditCode.make(
                        authority: authority,
                        region: region,
                        organisation: organisation
                    )
                } catch { throw .noBlock(region: region.code) }
            }
            rest -= block.capacity
        }
        throw .exhausted(region: region.code)
    }

    /// The number in base 31, stepped through the block by a multiplier without a common factor with 31, so that
    /// neighbours in time are not neighbours in code and codes tell nobody how many were given this week.
    private static func digits(_ number: Int64, _ capacity: Int64) -> String {
        var rest = Int64((Int128(number) * 1_000_003 + 7_919) % Int128(capacity))
        var characters: [UInt8] = []
        var left = capacity
        while left > 1 {
            characters.append(CreditCode.alphabet[Int(rest % 31)])
            rest /= 31
            left /= 31
        }
        return String(decoding: characters.reversed(), as: UTF8.self)
    }
}
