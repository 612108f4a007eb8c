public import Kernel
public import Storage

/// Kinds of objects whose every change is in the log with a digest, such as clocks: what stands in the tables must be
/// what the entries left, one after the other.
public protocol LoggedThing: Sendable {
    /// What the log digests of it.
    var logged: JSON { get }
    /// What older entries digested of the same; nil where that never was another thing.
    var loggedBefore: JSON? { get }
    /// As it was before an act; nil when there was nothing yet, or the act cannot have led here.
    func before(_ act: String) -> Self?
    /// Whether an act makes the thing what it is; others do something with it that leaves it as it was, such as showing it.
    static func isChange(_ act: String) -> Bool
}

extension LoggedThing {
    public var loggedBefore: JSON? { nil }

    public static func isChange(_ act: String) -> Bool { true }
}

extension AuditLog {
    /// Compares everything of a kind that the log knows with what stands in the tables now. Whatever was done must lead
    /// to it: undone one after the other, each act must have left exactly what stands there, and none may be left over.
    /// A row that was written anew does not go unseen; one that was added without an entry does, and of a kind whose acts
    /// follow each other an entry that was added together with its row is borne out.
    /// - Parameters:
    ///   - kind: what objects begin with, such as `clock`.
    ///   - find: the thing as it is today; nil when it is not there any more. One that cannot be read is altered.
    /// - Returns: how many were compared, and at most `max` that are not as they were logged.
    public static func compare<Thing: LoggedThing>(
        _ kind: String,
        in database: any Database,
        max: Int,
        with find: @escaping @Sendable (_ id: String, any Reader) throws -> Thing?
    ) async throws -> (count: Int, altered: [String]) {
        try await compare(kind, in: database, max: max) { id, entries, reader in
            bearsOut(try find(id, reader), by: entries)
        }
    }

    /// The same by another judgement on an object and all its entries, in the order in which they were sealed.
    /// - Parameter stands: nil for what is no object of this kind.
    public static func compare(
        _ kind: String,
        in database: any Database,
        max: Int,
        by stands: @escaping @Sendable (_ id: String, _ entries: [KeptEntry], any Reader) throws -> Bool?
    ) async throws -> (count: Int, altered: [String]) {
        var (count, altered, last) = (0, [String](), "")
        while true {
            // Whoever ends the program does not wait for millions of them.
            try Task.checkCancellation()
            let after = last
            let page = try await database.read { reader in
                try AuditStore.objects("\(kind):", after: after, limit: 100, in: reader).map { object in
                    let found: Bool?? = try readable {
                        let id = String(object.dropFirst(kind.utf8.count + 1))
                        return try stands(id, try kept(about: object, in: reader), reader)
                    }
                    return (object: object, stands: found ?? .some(false))
                }
            }
            guard let end = page.last else { return (count, altered) }
            last = end.object
            count += page.count { $0.stands != nil }
            altered += page.filter { $0.stands == false }.map(\.object).prefix(max - altered.count)
        }
    }

    /// Objects of a kind with which something was done and that are not there any more, row and all: nothing that begins
    /// with the rows can find them.
    /// - Parameters:
    ///   - acts: that make an object of this kind; others may name one that never was.
    ///   - isThere: asked with what follows the kind in the object's name.
    /// - Returns: at most `max`, each with how many of these acts the log has.
    public static func lost(
        _ kind: String,
        acts: Set<String>,
        in database: any Database,
        max: Int,
        isThere: @escaping @Sendable (_ id: String, any Reader) throws -> Bool
    ) async throws -> [(object: String, count: Int)] {
        var (lost, last) = ([(object: String, count: Int)](), "")
        while true {
            try Task.checkCancellation()
            let after = last
            let (end, page) = try await database.read { reader in
                let objects = try AuditStore.objects("\(kind):", after: after, limit: 100, in: reader)
                let gone = try objects.compactMap { object -> (object: String, count: Int)? in
                    if try isThere(String(object.dropFirst(kind.utf8.count + 1)), reader) { return nil }
                    let done = try kept(about: object, in: reader).count {
                        acts.contains($0.entry.act) && $0.entry.outcome == .done
                    }
                    return done == 0 ? nil : (object, done)
                }
                return (objects.last, gone)
            }
            lost += page.prefix(max - lost.count)
            guard let end else { return lost }
            last = end
        }
    }

    /// Whether one thing is what its entries left.
    /// - Parameter find: as it is today. What cannot be read is not.
    public static func isBorneOut<Thing: LoggedThing>(
        _ object: String,
        in reader: any Reader,
        find: () throws -> Thing?
    ) throws -> Bool {
        try readable { bearsOut(try find(), by: try kept(about: object, in: reader)) } ?? false
    }

    /// Whether a thing is what these entries left. Their order does not matter: of two requests the later one may be the
    /// first to be written.
    public static func bearsOut<Thing: LoggedThing>(_ thing: Thing?, by entries: [KeptEntry]) -> Bool {
        // Refused acts leave nothing behind, and only those looks do that digested what they left.
        var left = entries.filter { kept in
            (kept.entry.outcome == .done || kept.entry.after != nil) && Thing.isChange(kept.entry.act)
        }
        guard !left.isEmpty else { return true }
        var now = thing
        while let state = now, !left.isEmpty {
            let (content, older) = (state.logged, state.loggedBefore)
            let place = left.firstIndex { $0.stands(for: content) || older.map($0.stands) ?? false }
            guard let place else { return false }
            now = state.before(left.remove(at: place).entry.act)
        }
        return left.isEmpty
    }

    /// Nil for what is there and cannot be read.
    /// - Throws: only that the database is unavailable for now.
    public static func readable<Answer>(_ work: () throws -> Answer) throws -> Answer? {
        do { return try work() } catch {
            if error.isPassing { throw error }
            return nil
        }
    }
}

extension Error {
    /// Whether trying again may help: the database cannot be reached for now, or the program is ending. Everything else
    /// about the log's tables is a contradiction in them.
    var isPassing: Bool {
        switch self {
        case is CancellationError: true
        case let error as StorageError:
            switch error {
            case .unavailable, .tooLong, .unreachable, .closed, .full, .stale: true
            case .constraint, .noRow, .unexpectedColumn, .damaged, .schema, .looksSealed, .statement: false
            }
        default: false
        }
    }
}
