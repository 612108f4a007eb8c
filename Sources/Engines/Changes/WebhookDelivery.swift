internal import AsyncHTTPClient
public import Jobs
public import Kernel
internal import NIOCore
internal import NIOHTTP1
public import Storage
internal import Synchronization

/// How deliveries are paced; none of it is a rule of the trade.
public struct WebhookPace: Sendable {
    /// Milliseconds before the second try; each further pause is twice as long, up to the longest.
    let pauseFirst: Int64
    let pauseLongest: Int64
    /// Milliseconds in which a receiver has to take a delivery, from looking up its name on.
    public let within: Int64
    /// Milliseconds after which a receiver has no further delivery before others had their turn.
    let turn: Int64
    /// Receivers that one node tells at once.
    let atOnce: Int
    /// Changes of a delivery, and entries of the log that are looked at for it.
    let countMax: Int
    let look: Int

    public init(
        pauseFirst: Int64,
        pauseLongest: Int64,
        within: Int64,
        turn: Int64,
        atOnce: Int,
        countMax: Int,
        look: Int
    ) {
        self.pauseFirst = pauseFirst
        self.pauseLongest = pauseLongest
        self.within = within
        self.turn = turn
        self.atOnce = atOnce
        self.countMax = countMax
        self.look = look
    }

    func pause(after failures: Int) -> Int64 {
        min(pauseLongest, pauseFirst << Int64(min(failures - 1, 30)))
    }
}

/// Tells subscribers what changed: each in order, from its own cursor, again and again until it has taken it. A
/// delivery may come twice, when a node dies between the receiver's answer and the note of it; never is one left out.
public struct WebhookDelivery: Sendable {
    private let database: any Database
    private let clock: any Clock
    private let networks: [NetworkRange]
    private let pace: @Sendable (LocalDate) -> WebhookPace
    private let places = Places()

    /// - Parameter networks: of the installation's own, where deliveries may go beside the public internet.
    public init(
        database: any Database,
        clock: any Clock,
        networks: [NetworkRange],
        pace: @escaping @Sendable (LocalDate) -> WebhookPace
    ) {
        self.database = database
        self.clock = clock
        self.networks = networks
        self.pace = pace
    }

    public var kind: JobKind {
        // What the receiver does wrong is no failure of the job: only trouble of the database counts its attempts.
        JobKind(
            Webhooks.job,
            retry: RetryPolicy(attempts: 101, first: 1_000, factor: 2, longest: Instant.hour)
        ) { job in
            let (id, pace) = (ID<Webhook>(job.key), pace(clock.now.date))
            // Receivers that take their time leave room for all other jobs of the node, and for one another.
            guard places.take(of: pace.atOnce) else {
                return .again(at: clock.now + pace.pauseFirst, why: "busy")
            }
            defer { places.giveBack() }
            // The real time, not the platform's: it decides nothing but whose turn it is.
            let end = ContinuousClock.now + .milliseconds(pace.turn)
            repeat {
                guard let webhook = try await database.read({ try WebhookStore.find(id, in: $0) }) else {
                    return .done
                }
                guard webhook.state == .active else { break }
                do {
                    guard try await tell(webhook, pace) else { break }
                } catch let refusal as any Refusal where !(refusal is StorageError) {
                    let why = refusal.code
                    try await database.write {
                        try WebhookStore.fail(id, at: webhook.cursor, why: why, in: $0)
                    }
                    let now = clock.now
                    return .again(at: now + pace.pause(after: webhook.failures + 1), why: why)
                }
            } while ContinuousClock.now < end
            let behind = try await database.read { reader in
                try WebhookStore.find(id, in: reader).map { try $0.cursor < ChangeFeed.latest(in: reader) }
            }
            return .again(at: clock.now + (behind == true ? 1 : Webhooks.restMilliseconds), why: "told")
        }
    }

    /// Wakes the jobs of subscriptions for which there may be something new. Nothing is written when nothing is.
    /// - Returns: those that are not taken at present.
    public func ring() async throws -> [Webhook] {
        let now = clock.now
        let standings = try await database.read { try Webhooks.standings(in: $0) }
            .filter { $0.webhook.state == .active }
        // One that fails keeps its pause.
        let failing = standings.map(\.webhook).filter { $0.failures > 0 }
        let due = standings.filter { $0.webhook.failures == 0 && $0.nextTry.map { $0 > now } ?? false }
            .map(\.webhook.id)
        guard !due.isEmpty else { return failing }
        try await database.write { tx in
            for id in due { try Jobs.hasten(kind: Webhooks.job, key: id.rawValue, at: now, in: tx) }
        }
        return failing
    }

    /// The next stretch of the feed.
    /// - Returns: false when there is nothing more for now.
    private func tell(_ webhook: Webhook, _ pace: WebhookPace) async throws -> Bool {
        let (page, secret) = try await database.read { reader in
            (
                try ChangeFeed.page(
                    after: webhook.cursor,
                    reach: ChangeReach(region: webhook.region),
                    countMax: pace.countMax,
                    lookMax: pace.look,
                    in: reader
                ), try WebhookStore.secret(webhook.id, in: reader)
            )
        }
        guard page.next > webhook.cursor, let secret else { return false }
        if !page.changes.isEmpty {
            try await post(page, to: webhook, secret: secret, within: pace.within)
        }
        let toldAt = page.changes.isEmpty ? nil : clock.now
        return try await database.write { tx in
            try WebhookStore.advance(
                webhook.id,
                from: webhook.cursor,
                to: page.next,
                toldAt: toldAt,
                in: tx
            )
        }
    }

    private func post(_ page: ChangePage, to webhook: Webhook, secret: String, within: Int64) async throws {
        let address = try WebhookAddress(webhook.address, inside: networks)
        let end = ContinuousClock.now + .milliseconds(within)
        let target = try await address.resolved(inside: networks, within: within)
        let body: JSON = [
            "webhook": .string(webhook.id.rawValue), "after": JSON(webhook.cursor), "next": JSON(page.next),
            "changes": .array(page.changes.map(\.json)),
        ]
        let bytes = body.canonicalBytes
        let delivery = "\(webhook.id)-\(webhook.cursor)-\(page.next)"
        let timestamp = clock.now.milliseconds
        var request = HTTPClientRequest(url: webhook.address)
        request.method = .POST
        request.headers = [
            "content-type": "application/json", "suban-webhook": webhook.id.rawValue,
            "suban-delivery": delivery, "suban-timestamp": String(timestamp),
            "suban-signature": "hmac-sm3="
                + WebhookSignature.sign(
                    secret: secret,
                    delivery: delivery,
                    timestamp: timestamp,
                    body: bytes
                ),
        ]
        request.body = .bytes(bytes)
        let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
        let status = try await Self.status(
            of: request,
            host: address.host,
            at: target,
            within: max(1, Int64(left))
        )
        guard (200...299).contains(status) else { throw WebhookError.notTaken }
    }

    /// The status that the receiver answers with. The connection goes to the address that was looked at, whatever the
    /// name stands for by now, and to no other that the receiver names.
    private static func status(
        of request: HTTPClientRequest,
        host: String,
        at target: String,
        within: Int64
    ) async throws(WebhookError) -> Int {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .milliseconds(within), read: .milliseconds(within)),
            decompression: .disabled
        )
        configuration.dnsOverride = [host: target]
        configuration.httpVersion = .http1Only
        // A port that nobody listens on is a failure at once: the pauses between two tries are the subscription's own.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let status: Int?
        do {
            status = Int(try await client.execute(request, timeout: .milliseconds(within)).status.code)
        } catch {
            status = nil
        }
        // The answer's body is nobody's business: closing the client drops it.
        try? await client.shutdown()
        guard let status else { throw .unreachable }
        return status
    }
}

/// How many receivers this node is telling.
private final class Places: Sendable {
    private let taken = Mutex(0)

    func take(of most: Int) -> Bool {
        taken.withLock { taken in
            guard taken < most else { return false }
            taken += 1
            return true
        }
    }

    func giveBack() { taken.withLock { $0 -= 1 } }
}
