/// A statement with its values.
public struct Question: Sendable {
    public let sql: StaticString
    public let values: [any Bindable]

    public init(_ sql: StaticString, _ values: any Bindable...) { self.init(sql, values: values) }

    public init(_ sql: StaticString, values: [any Bindable]) {
        self.sql = sql
        self.values = values
    }
}

/// A few rows by their keys, asked in full before the first answer: no question hangs on what another one finds. So
/// they need no turn of their own on a connection; PostgreSQL hears them in one trip with what others ask meanwhile.
public struct Glance<Answer: Sendable>: Sendable {
    public let questionCount: Int
    /// Made when they are asked for: whoever has the rows already needs none.
    @usableFromInline let ask: @Sendable () -> [Question]
    @usableFromInline let read: @Sendable (ArraySlice<[Row]>) throws -> Answer

    /// - Parameter read: makes the answer of the rows found.
    @inlinable
    public init(
        _ question: @autoclosure @escaping @Sendable () -> Question,
        read: @escaping @Sendable ([Row]) throws -> Answer
    ) {
        self.init(1, ask: { [question()] }, read: { try read($0.first ?? []) })
    }

    @usableFromInline
    init(
        _ count: Int,
        ask: @escaping @Sendable () -> [Question],
        read: @escaping @Sendable (ArraySlice<[Row]>) throws -> Answer
    ) {
        questionCount = count
        self.ask = ask
        self.read = read
    }

    public var questions: [Question] { ask() }

    /// Both, in one snapshot.
    @inlinable
    public func with<Other: Sendable>(_ other: Glance<Other>) -> Glance<(Answer, Other)> {
        let (own, count) = (self, questionCount)
        return Glance<(Answer, Other)>(
            count + other.questionCount,
            ask: { own.ask() + other.ask() },
            read: { (try own.read($0.prefix(count)), try other.read($0.dropFirst(count))) }
        )
    }

    /// - Parameter lists: the rows found, a list for each question.
    @inlinable
    public func answer(_ lists: [[Row]]) throws -> Answer {
        guard lists.count == questionCount else { throw StorageError.noRow }
        return try read(lists[...])
    }
}

extension Reader {
    /// The same within a longer read.
    public func look<Answer>(_ glance: Glance<Answer>) throws -> Answer {
        try glance.answer(try glance.questions.map { try query($0.sql, $0.values) })
    }
}

extension Database {
    public func look<Answer>(_ glance: Glance<Answer>) async throws -> Answer {
        try glance.answer(try await ask(glance.questions))
    }

    public func ask(_ questions: [Question]) async throws -> [[Row]] {
        try await read { reader in try questions.map { try reader.query($0.sql, $0.values) } }
    }
}
