import Changes
import Kernel
import ServiceLifecycle
import Storage
import Synchronization
import Web

/// How much of the feed is read at once, and how many may listen for how long.
public struct FeedLimits: Sendable {
    /// Entries of the log that one page looks at.
    let look: Int
    let streams: Int
    let streamsOfCaller: Int
    let streamSeconds: Int
    let heartbeatSeconds: Int

    public init(look: Int, streams: Int, streamsOfCaller: Int, streamSeconds: Int, heartbeatSeconds: Int) {
        self.look = look
        self.streams = streams
        self.streamsOfCaller = streamsOfCaller
        self.streamSeconds = streamSeconds
        self.heartbeatSeconds = heartbeatSeconds
    }
}

/// Who listens to the feed in this process, and how far the log was when somebody last looked.
final class ChangeListeners: Sendable {
    private let seats = Mutex<[String: Int]>([:])
    private let looked = Mutex<(at: ContinuousClock.Instant, latest: Int64)?>(nil)

    /// Held as long as somebody listens.
    final class Seat: Sendable {
        private let leave: @Sendable () -> Void

        init(leave: @escaping @Sendable () -> Void) { self.leave = leave }

        deinit { leave() }
    }

    /// - Throws: `ChangesError.tooManyOfCaller`, `.tooManyListeners`.
    func enter(_ actor: Actor, _ limits: FeedLimits) throws(ChangesError) -> Seat {
        let name = "\(actor.kind.rawValue) \(actor.id)"
        let refusal = seats.withLock { seats -> ChangesError? in
            if seats[name, default: 0] >= limits.streamsOfCaller {
                return .tooManyOfCaller(max: limits.streamsOfCaller)
            }
            if seats.values.reduce(0, +) >= limits.streams { return .tooManyListeners(max: limits.streams) }
            seats[name, default: 0] += 1
            return nil
        }
        if let refusal { throw refusal }
        return Seat { [self] in
            seats.withLock { seats in
                seats[name] = seats[name].flatMap { $0 > 1 ? $0 - 1 : nil }
            }
        }
    }

    /// The number of the latest entry, asked of the database a few times a second however many listen.
    func latest(in database: any Database) async throws -> Int64 {
        let now = ContinuousClock.now
        if let looked = looked.withLock({ $0 }), looked.at.duration(to: now) < ChangeListener.pause {
            return looked.latest
        }
        let latest = try await database.read { try ChangeFeed.latest(in: $0) }
        looked.withLock { $0 = (now, latest) }
        return latest
    }
}

/// One that listens: what is new since his cursor, and a sign of life in between. The connection ends after a while, so
/// that whoever lost his post does not listen on; a browser comes back by itself and goes on where it was.
actor ChangeListener {
    /// Between two looks whether there is anything new: other nodes write too.
    static let pause = Duration.milliseconds(200)
    /// Changes written at a time.
    private static let countMax = 100

    private let seat: ChangeListeners.Seat
    private let reach: ChangeReach
    private var cursor: Int64?
    private let until: ContinuousClock.Instant
    private let limits: FeedLimits
    private let desk: APIDesk
    /// What was read and not sent yet.
    private var waiting: ChangePage?
    private var sentAt = ContinuousClock.now
    /// The cursor that the listener knows of.
    private var told: Int64?
    /// The latest entry when this listener last read.
    private var known: Int64 = -1

    init(
        seat: ChangeListeners.Seat,
        reach: ChangeReach,
        after: Int64?,
        seconds: Int,
        limits: FeedLimits,
        desk: APIDesk
    ) {
        self.seat = seat
        self.reach = reach
        cursor = after
        until = .now + .seconds(seconds)
        self.limits = limits
        self.desk = desk
    }

    /// Reads what is there already.
    func begin() async throws { waiting = try await read() }

    /// What is to be sent next; nil when the stream ends.
    func next() async throws -> [UInt8]? {
        while true {
            if let page = waiting {
                (waiting, cursor, known) = (nil, page.next, page.latest)
                if !page.changes.isEmpty || told == nil { return sent(text(of: page), cursor: page.next) }
            }
            let latest = try await desk.listeners.latest(in: desk.database)
            if max(known, latest) > cursor ?? -1 {
                waiting = try await read()
                continue
            }
            let now = ContinuousClock.now
            guard now < until, !Task.isShuttingDownGracefully else { return nil }
            if sentAt.duration(to: now) >= .seconds(limits.heartbeatSeconds) { return heartbeat() }
            do { try await Task.sleep(for: min(Self.pause, now.duration(to: until))) } catch { return nil }
        }
    }

    private func read() async throws -> ChangePage {
        let (after, reach, look) = (cursor, reach, limits.look)
        return try await desk.database.read {
            try ChangeFeed.page(
                after: after,
                reach: reach,
                countMax: Self.countMax,
                lookMax: look,
                in: $0
            )
        }
    }

    /// The first lines also say after how long a lost connection is made again.
    private func text(of page: ChangePage) -> String {
        let events = page.changes.map { change in
            "id: \(change.sequence)\nevent: \(change.name)\ndata: \(change.json.canonical)\n\n"
        }
        return (told == nil ? "retry: 2000\n\n" : "") + events.joined() + "id: \(page.next)\n\n"
    }

    /// A comment, and the cursor where it moved over what was not for this listener.
    private func heartbeat() -> [UInt8] {
        let at = cursor ?? -1
        return sent(":\n" + (told == at ? "\n" : "id: \(at)\n\n"), cursor: at)
    }

    private func sent(_ text: String, cursor: Int64) -> [UInt8] {
        sentAt = .now
        told = cursor
        return Array(text.utf8)
    }
}
