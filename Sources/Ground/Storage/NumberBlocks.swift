/// Gives out the numbers of counters that a database keeps, from blocks taken ahead, so that a number costs no write.
///
/// A number is given once. What a stopped program had left of its blocks is lost; nothing else is: whoever comes while
/// a block is fetched waits for that one.
public actor NumberBlocks {
    public typealias Take = @Sendable (String, Int64, any Transaction) throws -> Int64

    private let database: any Database
    private let size: Int64
    private let take: Take
    private var blocks: [String: Range<Int64>] = [:]
    /// Who waits for a block that is being fetched, by its counter.
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    /// - Parameters:
    ///   - size: how many numbers are taken at once.
    ///   - take: moves a counter on by so many and gives the first number taken.
    public init(database: any Database, size: Int64, take: @escaping Take) {
        self.database = database
        self.size = size
        self.take = take
    }

    /// The next number of a counter.
    public func next(_ counter: String) async throws -> Int64 {
        while true {
            if let block = blocks[counter], let number = block.first {
                blocks[counter] = block.dropFirst()
                return number
            }
            if waiting[counter] != nil {
                await withCheckedContinuation { waiting[counter, default: []].append($0) }
            } else {
                try await fetch(counter)
            }
        }
    }

    private func fetch(_ counter: String) async throws {
        waiting[counter] = []
        defer { for waiter in waiting.removeValue(forKey: counter) ?? [] { waiter.resume() } }
        let (size, take) = (size, take)
        let start = try await database.write { try take(counter, size, $0) }
        blocks[counter] = start..<start + size
    }
}
