import Jobs
public import Kernel
public import Storage

/// What changed, in the order of commits, for other systems to follow with one cursor (Docs/decisions/0007,
/// Docs/formats/changes.md).
///
/// A change is an event that names an entry of the log. It has its place once the log's sealer has given the entry its
/// number. Numbers are given by one sealer at a time, to committed entries only and each larger than all before, so
/// whoever has read up to a number never finds a change before it later on.
public enum ChangeFeed {
    /// The next stretch after a cursor.
    /// - Parameters:
    ///   - after: the cursor of the stretch before; nil for the earliest that is kept.
    ///   - lookMax: entries of the log that are looked at, so that a reader of a small place does not read all of it at
    ///     once.
    /// - Throws: `ChangesError.forgotten`, `.ahead`.
    public static func page(
        after: Int64?,
        reach: ChangeReach,
        countMax: Int,
        lookMax: Int,
        in reader: any Reader
    ) throws -> ChangePage {
        let latest = try ChangeStore.size(in: reader) - 1
        let earliest = try earliest(in: reader, latest: latest, asked: after ?? -1)
        let after = after ?? earliest
        guard after >= earliest else { throw ChangesError.forgotten(from: earliest) }
        guard after <= latest else { throw ChangesError.ahead(latest: latest) }
        let end = min(latest, after + Int64(lookMax))
        let changes = try ChangeStore.changes(
            after: after,
            through: end,
            reach: reach,
            countMax: countMax,
            in: reader
        )
        let next = changes.count < countMax ? end : changes.last?.sequence ?? end
        return ChangePage(changes: changes, next: next, latest: latest)
    }

    /// The number of the latest entry: a cheap look whether there may be anything new.
    public static func latest(in reader: any Reader) throws -> Int64 { try ChangeStore.size(in: reader) - 1 }

    /// Takes away events from before a moment that every subscriber has heard, and remembers that readers must not
    /// begin before it any more.
    /// - Returns: how many.
    @discardableResult
    public static func forget(toldBefore moment: Instant, countMax: Int, in tx: any Transaction) throws -> Int
    {
        let count = try Outbox.forget(toldBefore: moment, countMax: countMax, in: tx)
        if count > 0 { try ChangeStore.setForgotten(moment, in: tx) }
        return count
    }

    /// The earliest cursor after which nothing has gone: found only when the one that was asked for may be too early.
    private static func earliest(in reader: any Reader, latest: Int64, asked: Int64) throws -> Int64 {
        guard let forgotten = try ChangeStore.forgotten(in: reader) else { return -1 }
        // Entries are numbered in the order of commits, and may be written a little before those in front of them.
        let kept = forgotten + Instant.hour
        func isKept(_ sequence: Int64) throws -> Bool {
            try ChangeStore.moment(of: sequence, in: reader).map { $0 >= kept } ?? true
        }
        if asked >= latest { return -1 }
        if asked >= -1, try isKept(asked + 1) { return -1 }
        var (low, high) = (max(0, asked + 1), latest + 1)
        while low < high {
            let middle = (low + high) / 2
            if try isKept(middle) { high = middle } else { low = middle + 1 }
        }
        return low - 1
    }
}
