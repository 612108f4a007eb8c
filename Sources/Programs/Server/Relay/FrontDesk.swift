import Cryptography
import Foundation
import Kernel
import Logging
import ServiceLifecycle

/// Who waits in the outer zone, for what, and for how long: a seat for each request, taken before its body is read and
/// given back when the answer was fetched or nobody asks for it any more. In memory only; after a restart nobody waits.
actor FrontDesk: Service {
    private struct Seat {
        /// The address, or the block of addresses, whose share it is of.
        let block: String
        /// Digest of the secret in the cookie of whoever asked.
        let owner: [UInt8]
        let asked: Instant
        /// When its owner last asked for it.
        var seen: Instant
        /// In memory: of the body that is read, then of the answer.
        var bytes: Int
        /// Under which the request lies where the gate takes it.
        var fileName: String?
        var answer: RelayMessage?
        var isFetched = false
        /// The page that waits.
        var page: (reader: CheckedContinuation<Void, Never>, until: ContinuousClock.Instant)?
    }

    /// How a request stands. Nobody learns of another's, not even that there is one.
    enum Standing {
        case answered(RelayMessage)
        case open(Progress)
        /// No answer came in time.
        case lost
        /// It was kept long enough, or it is somebody else's.
        case unknown
    }

    /// How far a request has come, and whether anybody answers inside.
    struct Progress {
        let asked: Instant
        let isCarried: Bool
        let isSilent: Bool
    }

    enum Full: String, Error, CaseIterable {
        case all, address
        /// Too much waits for the gate already.
        case gate
    }

    nonisolated let end: RelayEnd
    nonisolated let meters = FrontMeters()
    private var seats: [String: Seat] = [:]
    /// Requests that were given up, so that their owners are told so and not that there never were any.
    private var lost: [String: (owner: [UInt8], at: Instant)] = [:]
    private var lastAnswer: Instant
    private var swept: Instant
    /// Bytes of files that wait for the gate, when last swept and sent since.
    private var waiting = 0
    private static let pause = Duration.milliseconds(15)
    private static let batch = 64

    init(end: RelayEnd) {
        self.end = end
        lastAnswer = end.clock.now
        swept = Instant(milliseconds: 0)
    }

    /// Takes a seat for a request whose body has at most so many bytes.
    /// - Returns: the identifier of the request, with which it is asked for.
    func take(block: String, owner: [UInt8], bytes: Int) throws(Full) -> String {
        do throws(Full) { return try takeSeat(block: block, owner: owner, bytes: bytes) } catch {
            meters.refused(error)
            throw error
        }
    }

    private func takeSeat(block: String, owner: [UInt8], bytes: Int) throws(Full) -> String {
        let now = end.clock.now
        forget(now)
        // What is being read will lie there too.
        let coming = seats.values.reduce(bytes + RelayMessage.headMax) {
            $0 + ($1.fileName == nil ? $1.bytes + RelayMessage.headMax : 0)
        }
        guard waiting + coming <= end.limits.disk else { throw .gate }
        let open = seats.values.filter { !$0.isFetched }
        guard open.count < end.limits.open else { throw .all }
        let held = memory(of: block)
        guard open.count(where: { $0.block == block }) < end.limits.openOfAddress,
            held + bytes <= end.limits.memoryOfAddress
        else { throw .address }
        // Bodies may come slowly: whoever holds some leaves room for those who hold nothing.
        if held > 0, bytes > 0, !makeRoom(for: bytes + end.limits.memoryReserve) { throw .address }
        guard makeRoom(for: bytes) else { throw .all }
        let id = Base32.encode(end.entropy.bytes(20))
        seats[id] = Seat(block: block, owner: owner, asked: now, seen: now, bytes: bytes)
        return id
    }

    /// Sends the request of a seat.
    func send(_ id: String, content: JSON, headers: [(name: String, value: String)], body: [UInt8])
        async throws
    {
        let message = RelayMessage(
            kind: .request,
            id: id,
            at: end.clock.now,
            content: content,
            headers: headers,
            body: body
        )
        seats[id]?.fileName = message.fileName
        let end = end
        let sent = try await RelayEnd.aside { try end.send(message) }
        waiting += sent
        // The body lies in the folder now; an answer that was faster counts by itself.
        if seats[id]?.answer == nil { seats[id]?.bytes = 0 }
    }

    /// The answer, if it comes while a person would still wait for a page.
    func answer(_ id: String) async -> RelayMessage? {
        guard let seat = seats[id] else { return nil }
        if seat.answer == nil, end.limits.wait > 0, !isSilent(end.clock.now) {
            let until = ContinuousClock.now + .milliseconds(end.limits.wait)
            await withCheckedContinuation { seats[id]?.page = ($0, until) }
        }
        return seats[id]?.answer
    }

    /// Whoever asked is there no more, or has what he asked for.
    func free(_ id: String) {
        if let seat = seats.removeValue(forKey: id) { seat.page?.reader.resume() }
    }

    /// Somebody signs out: what he asked for before is shown to nobody who comes back with his browser.
    func leave(owner: [UInt8]) {
        for (id, seat) in seats where ConstantTime.equal(seat.owner, owner) { free(id) }
        lost = lost.filter { !ConstantTime.equal($0.value.owner, owner) }
    }

    func look(_ id: String, owner: [UInt8]) async -> Standing {
        let now = end.clock.now
        forget(now)
        if let given = lost[id], ConstantTime.equal(given.owner, owner) { return .lost }
        guard let seat = seats[id], ConstantTime.equal(seat.owner, owner) else { return .unknown }
        seats[id]?.seen = now
        if let answer = seat.answer {
            // Its place is free; the page may be asked for again, for as long as there is room.
            seats[id]?.isFetched = true
            return .answered(answer)
        }
        guard let fileName = seat.fileName else { return .unknown }
        let end = end
        let isHere = (try? await RelayEnd.aside { end.isStillHere(fileName) }) ?? false
        return .open(Progress(asked: seat.asked, isCarried: !isHere, isSilent: isSilent(now)))
    }

    /// Somebody waits for long, and nobody was answered since.
    private func isSilent(_ now: Instant) -> Bool {
        now - lastAnswer > end.limits.silent
            && seats.values.contains { $0.answer == nil && now - $0.asked > end.limits.silent }
    }

    // MARK: what arrives

    func run() async throws {
        // Whoever still waits when the program is told to stop is served first: this ends after the site.
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do { try await collect() } catch {
                end.logger.error("the relay's folder", metadata: ["error": "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
        }
        for id in seats.keys { free(id) }
    }

    /// Takes in what has arrived, and lets go whose answer is there or who has waited long enough.
    func collect() async throws {
        // A folder that cannot be read is nothing to wait for.
        defer { letGo() }
        let (end, meters) = (end, meters)
        let arrived = try await RelayEnd.aside {
            let arrived = try end.arrived(most: Self.batch) { meters.notTaken($0) }
            for one in arrived { try end.remove(one) }
            return arrived
        }
        let now = end.clock.now
        if !arrived.isEmpty { lastAnswer = now }
        for one in arrived {
            do { try take(one.message, now) } catch {
                meters.notTaken(error)
                end.refused(error, one.message)
            }
        }
        forget(now)
        if now - swept >= end.limits.look {
            swept = now
            let (before, left) = (waiting, try await RelayEnd.aside { try end.sweep() })
            // What was sent while the files were counted may be among them or not.
            waiting = left.waiting + (waiting - before)
            let unsent = Set(left.unsent)
            for (id, seat) in seats where seat.fileName.map(unsent.contains) ?? false {
                give(up: id, seat, now)
            }
        }
    }

    private func letGo() {
        let moment = ContinuousClock.now
        for (id, seat) in seats {
            guard let page = seat.page, seat.answer != nil || page.until <= moment else { continue }
            seats[id]?.page = nil
            page.reader.resume()
        }
    }

    private func take(_ message: RelayMessage, _ now: Instant) throws(RelayRefusal) {
        guard let seat = seats[message.id], seat.answer == nil, seat.fileName != nil else { throw .unasked }
        seats[message.id]?.bytes = 0
        guard memory(of: seat.block) + message.body.count <= end.limits.memoryOfAddress,
            makeRoom(for: message.body.count)
        else {
            give(up: message.id, seat, now)
            throw .noRoom
        }
        seats[message.id]?.bytes = message.body.count
        seats[message.id]?.answer = message
        meters.arrived(after: now - seat.asked)
    }

    // MARK: what is over

    private func forget(_ now: Instant) {
        for (id, seat) in seats {
            if seat.answer == nil, now - seat.asked > end.limits.lost {
                give(up: id, seat, now)
            } else if seat.page == nil, now - seat.seen > end.limits.keep {
                free(id)
            }
        }
        lost = lost.filter { now - $0.value.at <= end.limits.keep }
    }

    private func give(up id: String, _ seat: Seat, _ now: Instant) {
        free(id)
        meters.gaveUp()
        if lost.count < end.limits.open { lost[id] = (seat.owner, now) }
    }

    private func memory(of block: String) -> Int {
        seats.values.reduce(0) { $0 + ($1.block == block ? $1.bytes : 0) }
    }

    /// Answers that were fetched are kept for who comes back, and go first.
    private func makeRoom(for bytes: Int) -> Bool {
        var sum = seats.values.reduce(0) { $0 + $1.bytes }
        let fetched = seats.filter { $0.value.isFetched }.sorted { $0.value.seen < $1.value.seen }
        for (id, seat) in fetched where sum + bytes > end.limits.memory {
            free(id)
            sum -= seat.bytes
        }
        return sum + bytes <= end.limits.memory
    }

    // MARK: figures

    /// How it stands now, beside what was counted.
    func figures() -> [MetricFamily] {
        func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
            let family = MetricFamily(.gauge, name, help)
            family.replace(by: [([], value)])
            return family
        }
        let now = end.clock.now
        let open = seats.values.filter { $0.answer == nil }
        let oldest = open.map { now - $0.asked }.max() ?? 0
        return meters.families + [
            gauge("suban_front_open", "Requests without an answer.", Double(open.count)),
            gauge(
                "suban_front_unfetched",
                "Answers that nobody has fetched.",
                Double(seats.values.count { $0.answer != nil && !$0.isFetched })
            ),
            gauge(
                "suban_front_oldest_seconds",
                "Age of the oldest request without an answer.",
                Double(oldest) / 1_000
            ),
            gauge(
                "suban_front_memory_bytes",
                "Bodies that are read and answers that are kept.",
                Double(seats.values.reduce(0) { $0 + $1.bytes })
            ),
            gauge("suban_front_gate_bytes", "Files that wait for the gate.", Double(waiting)),
        ]
    }
}
