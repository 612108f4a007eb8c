import Audit
import Jobs
public import Kernel
public import Storage

/// Subscriptions: made, stopped and taken away by the administrator of the system, each act in the log.
public enum Webhooks {
    static let job = "webhook"
    /// After so long a quiet subscription is looked at though nobody rang.
    static let restMilliseconds = Instant.hour

    /// Makes a subscription, told of everything that is written from now on.
    /// - Parameters:
    ///   - networks: of one's own, where deliveries may go beside the public internet.
    ///   - within: milliseconds in which the name of the address is looked up.
    /// - Returns: with the secret that signs deliveries, which nobody is shown again.
    /// - Throws: `WebhookError`.
    public static func add(
        name: String,
        address: String,
        region: String,
        inside networks: [NetworkRange],
        within: Int64,
        countMax: Int,
        occasion: Occasion,
        database: any Database
    ) async throws -> (webhook: Webhook, secret: String) {
        guard (1...100).contains(name.count) else { throw WebhookError.badName }
        guard region.utf8.count == 6, region.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw WebhookError.unknownRegion
        }
        _ = try await WebhookAddress(address, inside: networks).resolved(inside: networks, within: within)
        let secret = Base32.encode(occasion.entropy.bytes(25))
        return try await database.write { tx in
            guard try WebhookStore.all(in: tx).count < countMax else {
                throw WebhookError.tooMany(max: countMax)
            }
            let webhook = Webhook(
                id: occasion.newID(),
                name: name,
                address: address,
                region: region,
                state: .active,
                cursor: try ChangeStore.size(in: tx) - 1,
                madeAt: occasion.now,
                failures: 0,
                why: nil,
                toldAt: nil
            )
            try WebhookStore.insert(webhook, secret: secret, in: tx)
            try AuditLog.append(
                "webhook.added",
                object: webhook.object,
                after: webhook.logged,
                occasion: occasion,
                in: tx
            )
            try arm(webhook.id, at: occasion.now, in: tx)
            return (webhook, secret)
        }
    }

    public static func all(in reader: any Reader) throws -> [Webhook] { try WebhookStore.all(in: reader) }

    /// Every subscription with what it has not been told of.
    public static func standings(in reader: any Reader) throws -> [WebhookStanding] {
        let latest = try ChangeStore.size(in: reader) - 1
        return try WebhookStore.all(in: reader).map { webhook in
            let lag = latest - webhook.cursor
            let work = try Jobs.find(kind: job, key: webhook.id.rawValue, in: reader)
            return WebhookStanding(
                webhook: webhook,
                lag: lag,
                since: lag > 0 ? try ChangeStore.moment(of: webhook.cursor + 1, in: reader) : nil,
                nextTry: lag > 0 && work?.state == .waiting ? work?.due : nil
            )
        }
    }

    /// Tells it nothing for now; what happens meanwhile it is told afterwards.
    /// - Throws: `WebhookError.unknown`.
    static func pause(_ id: ID<Webhook>, occasion: Occasion, in tx: any Transaction) throws {
        try change("paused", id, occasion: occasion, in: tx) { _ in
            try WebhookStore.setState(.paused, of: id, in: tx)
            try Jobs.cancel(kind: job, key: id.rawValue, in: tx)
        }
    }

    /// Goes on where it stopped, or tries at once one that waits.
    /// - Throws: `WebhookError.unknown`.
    static func resume(_ id: ID<Webhook>, occasion: Occasion, in tx: any Transaction) throws {
        try change("resumed", id, occasion: occasion, in: tx) { _ in
            try WebhookStore.setState(.active, of: id, in: tx)
            try arm(id, at: occasion.now, in: tx)
        }
    }

    /// Tells everything after a cursor again, or leaves out what lies before it.
    /// - Throws: `WebhookError.unknown`, `ChangesError`.
    static func replay(
        _ id: ID<Webhook>,
        after cursor: Int64,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try change("replayed", id, cursor: cursor, occasion: occasion, in: tx) { webhook in
            // Refused as it would be to a reader.
            _ = try ChangeFeed.page(
                after: cursor,
                reach: ChangeReach(region: "100000"),
                countMax: 1,
                lookMax: 1,
                in: tx
            )
            try WebhookStore.setCursor(cursor, of: id, in: tx)
            if webhook.state == .active { try arm(id, at: occasion.now, in: tx) }
        }
    }

    /// - Throws: `WebhookError.unknown`.
    static func remove(_ id: ID<Webhook>, occasion: Occasion, in tx: any Transaction) throws {
        try change("removed", id, occasion: occasion, in: tx) { _ in
            try Jobs.cancel(kind: job, key: id.rawValue, in: tx)
            try WebhookStore.remove(id, in: tx)
        }
    }

    private static func change(
        _ what: String,
        _ id: ID<Webhook>,
        cursor: Int64? = nil,
        occasion: Occasion,
        in tx: any Transaction,
        by work: (Webhook) throws -> Void
    ) throws {
        guard let webhook = try WebhookStore.lock(id, in: tx) else { throw WebhookError.unknown }
        try work(webhook)
        var after = webhook.logged
        if let cursor { after["cursor"] = JSON(cursor) }
        try AuditLog.append(
            "webhook.\(what)",
            object: webhook.object,
            before: webhook.logged,
            after: after,
            occasion: occasion,
            in: tx
        )
    }

    /// One job for each subscription, so that one node at a time tells it, in order.
    static func arm(_ id: ID<Webhook>, at now: Instant, in tx: any Transaction) throws {
        try Jobs.enqueue(kind: job, key: id.rawValue, payload: nil, at: now, in: tx)
        try Jobs.hasten(kind: job, key: id.rawValue, at: now, in: tx)
    }
}

/// What is done with a subscription.
public enum WebhookAct: Sendable, Equatable {
    case pause, resume, remove
    case replay(after: Int64)

    /// - Parameter after: the cursor, for `replay` only.
    public init?(name: String, after: Int64?) {
        switch name {
        case "pause": self = .pause
        case "resume": self = .resume
        case "remove": self = .remove
        case "replay":
            guard let after, after >= -1 else { return nil }
            self = .replay(after: after)
        default: return nil
        }
    }

    public var name: String {
        switch self {
        case .pause: "pause"
        case .resume: "resume"
        case .remove: "remove"
        case .replay: "replay"
        }
    }

    /// - Throws: `WebhookError.unknown`, `ChangesError`.
    public func apply(to id: ID<Webhook>, occasion: Occasion, in tx: any Transaction) throws {
        switch self {
        case .pause: try Webhooks.pause(id, occasion: occasion, in: tx)
        case .resume: try Webhooks.resume(id, occasion: occasion, in: tx)
        case .remove: try Webhooks.remove(id, occasion: occasion, in: tx)
        case .replay(let after): try Webhooks.replay(id, after: after, occasion: occasion, in: tx)
        }
    }
}
