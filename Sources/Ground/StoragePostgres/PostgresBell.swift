import CPostgres
import Foundation
import Storage
import Synchronization

/// Carries rings between the nodes of one database, over a connection and a thread of its own that are made with the
/// first use, and again after the connection was lost.
///
/// A ring is told to the others after its commit, not in it: PostgreSQL commits transactions that notify one after the
/// other, each with its flush. Rings that come while one is told are one.
final class PostgresBell: Sendable {
    private struct State {
        var isStarted = false
        var isRung = false
        var isClosing = false
        var isGone = false
        var whenGone: [CheckedContinuation<Void, Never>] = []
    }

    private let url: String
    private let schema: String?
    private let settings: PostgresSettings
    private let bell = Bell()
    private let state = Mutex(State())
    /// A byte in it wakes the thread.
    private let (hearing, calling): (Int32, Int32)

    init(url: String, schema: String?, settings: PostgresSettings) {
        self.url = url
        self.schema = schema
        self.settings = settings
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no file handles are left")
        (hearing, calling) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        Foundation.close(hearing)
        Foundation.close(calling)
    }

    func listen() -> AsyncStream<Void> {
        start()
        return bell.listen()
    }

    /// Wakes this node at once, and then the others.
    func ring() {
        bell.ring()
        start()
        let isNew = state.withLock { state in
            defer { state.isRung = true }
            return !state.isRung
        }
        if isNew { wake() }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            let isGone = state.withLock { state in
                state.isClosing = true
                let isGone = !state.isStarted || state.isGone
                if !isGone { state.whenGone.append(continuation) }
                return isGone
            }
            if isGone { continuation.resume() } else { wake() }
        }
        bell.close()
    }

    private func start() {
        let isNew = state.withLock { state in
            guard !state.isStarted, !state.isClosing else { return false }
            state.isStarted = true
            return true
        }
        guard isNew else { return }
        let thread = Thread { self.serve() }
        thread.name = "postgres-bell"
        thread.start()
    }

    private func wake() { _ = write(calling, [1], 1) }

    // MARK: - On its thread

    private func serve() {
        var pause: Int32 = 0
        while !state.withLock({ $0.isClosing && !$0.isRung }) {
            do {
                let connection = try PostgresConnection(url: url, schema: schema, settings: settings)
                try connection.perform("LISTEN \(channel)")
                pause = 0
                // What was rung while nobody listened.
                bell.ring()
                try serve(connection)
            } catch {
                // The others look by themselves as long as this cannot be mended.
                if state.withLock({ $0.isClosing }) { break }
                pause = min(max(pause * 2, 500), 10_000)
                rest(milliseconds: pause)
            }
        }
        let waiting = state.withLock { state in
            state.isGone = true
            return state.whenGone
        }
        for continuation in waiting { continuation.resume() }
    }

    private func serve(_ connection: PostgresConnection) throws {
        var rest: Int32 = -1
        while true {
            // After it has told the others, it rests from telling, not from hearing.
            wait(for: rest < 0 ? [connection.socket, hearing] : [connection.socket], milliseconds: rest)
            rest = -1
            drain()
            let (isRung, isClosing) = state.withLock { state in
                defer { state.isRung = false }
                return (state.isRung, state.isClosing)
            }
            if isRung {
                try connection.perform("NOTIFY \(channel)")
                rest = Int32(settings.ringMilliseconds)
            }
            if try connection.notifications() > 0 { bell.ring() }
            if isClosing { return }
        }
    }

    /// Whoever rings meanwhile does not shorten it; whoever closes does.
    private func rest(milliseconds: Int32) {
        let until = ContinuousClock.now + .milliseconds(Int(milliseconds))
        while ContinuousClock.now < until, !state.withLock({ $0.isClosing }) {
            let left = (until - .now) / .milliseconds(1)
            wait(for: [hearing], milliseconds: Int32(max(1, left.rounded(.up))))
            drain()
            state.withLock { $0.isRung = false }
        }
    }

    private func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(hearing, &bytes, bytes.count) > 0 {}
    }

    private var channel: String { quotedName("suban \(schema ?? "")") }

    private func wait(for handles: [Int32], milliseconds: Int32) {
        var handles = handles.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&handles, nfds_t(handles.count), milliseconds)
    }
}

extension PostgresConnection {
    var socket: Int32 { PQsocket(handle) }

    /// Reads what the server sent by itself, without waiting.
    /// - Returns: how many notifications of other connections there were.
    func notifications() throws(PostgresError) -> Int {
        guard PQconsumeInput(handle) == 1 else { throw lost() }
        var count = 0
        while let notification = PQnotifies(handle) {
            if notification.pointee.be_pid != PQbackendPID(handle) { count += 1 }
            PQfreemem(notification)
        }
        return count
    }
}
