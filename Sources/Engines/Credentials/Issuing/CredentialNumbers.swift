public import Kernel
public import Storage

/// Hands out serials and seal codes before anything is signed, each once.
public struct CredentialNumbers: Sendable {
    private let numbers: NumberBlocks

    public init(database: any Database, blockSize: Int64 = 100) {
        numbers = NumberBlocks(database: database, size: blockSize) { scope, size, tx in
            try CredentialStore.takeBlock(of: scope, size: size, in: tx)
        }
    }

    /// A serial for a type and an issuer: the year and ten digits.
    public func serial(type: CredentialType, issuer: IssuingBody, on date: LocalDate) async throws -> String {
        let number = try await numbers.next("serial:\(type.code):\(issuer.code):\(date.year)")
        guard number < 10_000_000_000 else { throw CredentialError.numbersExhausted }
        return String(date.year) + Self.padded(number, 10)
    }

    /// An e-seal's code: the region's six digits and eight more, as seals in use have it.
    public func sealCode(region: String) async throws -> String {
        guard region.utf8.count == 6, region.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw CredentialError.badNumber
        }
        let number = try await numbers.next("seal:\(region)")
        guard number < 100_000_000 else { throw CredentialError.numbersExhausted }
        return region + Self.padded(number, 8)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
