public import Kernel
public import Storage

/// Hands out serials and seal codes before anything is signed. Each is given once and never again: blocks of them
/// are taken from the database, and what a stopped program had left of its block is lost.
public actor CredentialNumbers {
    private let database: any Database
    private let blockSize: Int64
    private var blocks: [String: Range<Int64>] = [:]
    private var fetching: Set<String> = []
    private var waiting: [CheckedContinuation<Void, Never>] = []

    public init(database: any Database, blockSize: Int64 = 100) {
        self.database = database
        self.blockSize = blockSize
    }

    /// A serial for a type and an issuer: the year and ten digits.
    public func serial(type: CredentialType, issuer: IssuingBody, on date: LocalDate) async throws -> String {
        let number = try await next("serial:\(type.code):\(issuer.code):\(date.year)")
        guard number < 10_000_000_000 else { throw CredentialError.numbersExhausted }
        return String(date.year) + Self.padded(number, 10)
    }

    /// An e-seal's code: the region's six digits and eight more, as seals in use have it.
    public func sealCode(region: String) async throws -> String {
        guard region.utf8.count == 6, region.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw CredentialError.badNumber
        }
        let number = try await next("seal:\(region)")
        guard number < 100_000_000 else { throw CredentialError.numbersExhausted }
        return region + Self.padded(number, 8)
    }

    private func next(_ scope: String) async throws -> Int64 {
        while true {
            if let block = blocks[scope], let number = block.first {
                blocks[scope] = block.dropFirst()
                return number
            }
            if fetching.contains(scope) {
                await withCheckedContinuation { waiting.append($0) }
                continue
            }
            fetching.insert(scope)
            defer {
                fetching.remove(scope)
                for waiter in waiting { waiter.resume() }
                waiting = []
            }
            let size = blockSize
            let start = try await database.write {
                try CredentialStore.takeBlock(of: scope, size: size, in: $0)
            }
            blocks[scope] = start..<start + size
        }
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
