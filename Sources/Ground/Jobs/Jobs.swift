public import Kernel
public import Storage

/// Work for later: kept in the database, done at least once, by whichever node is free.
///
/// A job never ends silently: it is done, it is asked to come again, or after its last attempt it is `dead` and
/// listed until somebody revives it.
public enum Jobs {
    /// Puts a job on the list, in the caller's transaction, not to run before `at`. The same `kind` (the name of a
    /// `JobKind`) and `key` (what it is about, such as `case:<id>:warn-1`, 1...400 bytes) are kept once: a second call
    /// changes nothing, unless the first job was cancelled. `payload` is up to 1 MiB of canonical text.
    /// - Throws: `JobError.badKey`, `JobError.payloadTooLarge`.
    public static func enqueue(
        kind: String,
        key: String,
        payload: JSON,
        at: Instant,
        in tx: any Transaction
    ) throws {
        try JobStore.enqueue(kind: kind, key: key, payload: payload, at: at, in: tx)
        tx.ring()
    }

    /// Runs a job at once that waits for a later moment; nothing when it does not wait.
    public static func hasten(kind: String, key: String, at now: Instant, in tx: any Transaction) throws {
        guard try JobStore.hasten(kind: kind, key: key, at: now, in: tx) else { return }
        tx.ring()
    }

    /// Takes a job off the list. One that is running is not interrupted, but its answer no longer counts.
    /// Cancelling what is not there, or is done, changes nothing.
    public static func cancel(kind: String, key: String, in tx: any Transaction) throws {
        try JobStore.cancel(kind: kind, key: key, in: tx)
    }

    /// A job as it stands now, or nil.
    public static func find(kind: String, key: String, in reader: any Reader) throws -> Job? {
        try JobStore.find(kind: kind, key: key, in: reader)
    }

    /// Jobs that failed for the last time, the oldest first.
    public static func dead(countMax: Int = 200, in reader: any Reader) throws -> [Job] {
        try JobStore.dead(countMax: countMax, in: reader)
    }

    /// Takes jobs off the list that are done or cancelled and fell due before a moment, the oldest first. Their keys are
    /// free again, so the moment lies further back than anything is ever asked for twice.
    /// - Returns: how many.
    @discardableResult
    public static func forget(doneBefore moment: Instant, countMax: Int, in tx: any Transaction) throws -> Int
    {
        try JobStore.forget(doneBefore: moment, countMax: countMax, in: tx)
    }

    /// Gives a dead job all its attempts again.
    /// - Throws: `JobError.notDead` when there is no such dead job.
    public static func revive(kind: String, key: String, at: Instant, in tx: any Transaction) throws {
        guard try JobStore.revive(kind: kind, key: key, at: at, in: tx) else { throw JobError.notDead }
        tx.ring()
    }
}
