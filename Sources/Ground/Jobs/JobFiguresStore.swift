public import Kernel
public import Storage

/// How much work waits, for whoever watches. Each number is asked of an index that holds only what waits.
public struct JobFigures: Sendable {
    public let due: Int64
    public let running: Int64
    public let dead: Int64
    public let oldestDue: Instant?
    /// Events that each subscriber has yet to hear.
    public let lag: [(subscriber: String, events: Int64)]
    /// Events that a subscriber could not hear, for the last time.
    public let deadEvents: Int64

    public init(now: Instant, subscribers: [String], in reader: any Reader) throws {
        due = try reader.number("SELECT COUNT(*) FROM jobs_job WHERE state = 'waiting' AND due <= $1", now)
        running = try reader.number("SELECT COUNT(*) FROM jobs_job WHERE state = 'running'")
        dead = try reader.number("SELECT COUNT(*) FROM jobs_job WHERE state = 'dead'")
        oldestDue = try reader.first(
            "SELECT MIN(due) FROM jobs_job WHERE state = 'waiting' AND due <= $1",
            now
        )?
        .optionalInstant(0)
        let head = try OutboxStore.head(in: reader)
        let cursors = try OutboxStore.cursors(in: reader)
        lag = subscribers.sorted().map { ($0, max(0, head - (cursors[$0] ?? 0))) }
        deadEvents = try reader.number("SELECT COUNT(*) FROM jobs_delivery WHERE state = 'dead'")
    }
}
