internal import Foundation

/// A database whose personal columns are sealed. What a store binds as `PersonalText` or `PersonalBytes` is sealed on
/// the way in; every sealed value is opened on the way out, and rows that were written in clear before are read as they
/// are. Whoever holds a copy of the database without the installation's keys reads neither numbers nor secrets.
public struct SealedDatabase: Database {
    private let base: any Database
    private let seal: any ColumnSeal

    public init(_ base: any Database, seal: any ColumnSeal) {
        self.base = base
        self.seal = seal
    }

    public var engine: DatabaseEngine { base.engine }

    public func read<Answer: Sendable>(
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer {
        try await base.read { [seal] in try body(SealedReader(base: $0, seal: seal)) }
    }

    public func browse<Answer: Sendable>(
        _ body: @escaping @Sendable (any Reader) throws -> Answer
    ) async throws -> Answer {
        try await base.browse { [seal] in try body(SealedReader(base: $0, seal: seal)) }
    }

    public func ask(_ questions: [Question]) async throws -> [[Row]] {
        let sealed = try questions.map { Question($0.sql, values: try seal.sealed($0.values)) }
        return try await base.ask(sealed).map(seal.opened)
    }

    public func rings() -> AsyncStream<Void> { base.rings() }

    @discardableResult
    public func write<Answer: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Answer
    ) async throws -> Answer {
        try await base.write { [seal] in try body(SealedTransaction(base: $0, seal: seal)) }
    }

    public func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void) {
        base.atEndOfGroup { [seal] in try work(SealedTransaction(base: $0, seal: seal)) }
    }

    public func sealed(_ rows: Rows) throws -> Rows { try rows.sealed(by: seal) }

    public func migrate(_ migrations: [Migration]) async throws { try await base.migrate(migrations) }

    public func keepMonths(of table: StaticString, _ months: [TableMonth], isDividing: Bool) async throws
        -> TableMonths
    {
        try await base.keepMonths(of: table, months, isDividing: isDividing)
    }

    public func close() async { await base.close() }
}

private struct SealedReader: Reader {
    let base: any Reader
    let seal: any ColumnSeal

    var unopened: any Reader { base.unopened }

    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
        try seal.opened(base.query(sql, seal.sealed(values)))
    }
}

private struct SealedTransaction: Transaction {
    let base: any Transaction
    let seal: any ColumnSeal

    var writesAlone: Bool { base.writesAlone }

    var unopened: any Reader { base.unopened }

    func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
        try seal.opened(base.query(sql, seal.sealed(values)))
    }

    func execute(_ sql: StaticString, _ values: [any Bindable]) throws -> Int {
        try base.execute(sql, seal.sealed(values))
    }

    func insert(_ rows: Rows) throws { try base.insert(rows.isSealed ? rows : rows.sealed(by: seal)) }

    func send(_ sql: StaticString, _ values: [any Bindable]) throws {
        try base.send(sql, seal.sealed(values))
    }

    func afterCommit(_ work: @escaping @Sendable () -> Void) { base.afterCommit(work) }

    func ring() { base.ring() }
}

/// How a sealed value begins: a control character that no canonical JSON, number or cleaned text begins with.
private let mark = "\u{2}sealed-1:"
private let markBytes = Array(mark.utf8)

extension ColumnSeal {
    /// Nobody may write a value that only looks sealed: it could not be read again.
    fileprivate func sealed(_ values: [any Bindable]) throws -> [any Bindable] {
        var sealed = values
        for (index, value) in values.enumerated() {
            if let kept = try kept(value.secrecy) {
                sealed[index] = kept
            } else if value.bound.isSealed {
                throw StorageError.looksSealed
            }
        }
        return sealed
    }

    /// As it rests in the table; nil for what is not secret.
    func kept(_ secrecy: Secrecy) throws -> ColumnValue? {
        switch secrecy {
        case .none: nil
        case .text(let text): .text(mark + Data(try seal(Array(text.utf8))).base64EncodedString())
        case .bytes(let bytes): .blob(markBytes + (try seal(bytes)))
        case .lookup(let use, let text): .text(lookup(use, text))
        }
    }

    fileprivate func opened(_ rows: [Row]) throws -> [Row] {
        try rows.map { row in
            guard row.values.contains(where: \.isSealed) else { return row }
            return Row(try row.values.enumerated().map { try opened($1, at: $0) })
        }
    }

    private func opened(_ value: ColumnValue, at column: Int) throws -> ColumnValue {
        switch value {
        case .text(let text) where text.isMarked:
            let rest = String(Substring(text.utf8.dropFirst(markBytes.count)))
            guard let sealed = Data(base64Encoded: rest) else {
                throw StorageError.unexpectedColumn(index: column, wanted: "sealed text")
            }
            let opened = try open(sealed.withUnsafeBytes { Array($0) })
            return .text(String(decoding: opened, as: UTF8.self))
        case .blob(let bytes) where bytes.starts(with: markBytes):
            return .blob(try open(Array(bytes.dropFirst(markBytes.count))))
        case .null, .integer, .double, .text, .blob: return value
        }
    }
}

extension String {
    fileprivate var isMarked: Bool { utf8.first == 2 && hasPrefix(mark) }
}

extension ColumnValue {
    var isSealed: Bool {
        switch self {
        case .text(let text): text.isMarked
        case .blob(let bytes): bytes.first == 2 && bytes.starts(with: markBytes)
        case .null, .integer, .double: false
        }
    }
}
