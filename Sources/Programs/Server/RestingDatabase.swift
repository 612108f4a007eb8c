import Storage

/// The database as one sees it who has time: after each read he rests for as long as it took, so that hours of them take
/// half a core at most and whatever waits gets its turn in between.
struct RestingDatabase: Database {
    let base: any Database

    var engine: DatabaseEngine { base.engine }

    func read<Answer: Sendable>(
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer {
        let begun = ContinuousClock.now
        let answer = try await base.read(body)
        try await Task.sleep(for: begun.duration(to: .now))
        return answer
    }

    func write<Answer: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Answer
    ) async throws -> Answer {
        try await base.write(body)
    }

    func rings() -> AsyncStream<Void> { base.rings() }

    func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void) {
        base.atEndOfGroup(work)
    }

    func sealed(_ rows: Rows) throws -> Rows { try base.sealed(rows) }

    func migrate(_ migrations: [Migration]) async throws { try await base.migrate(migrations) }

    func close() async { await base.close() }
}
