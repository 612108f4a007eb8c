import Cryptography
public import Kernel

/// A system that is told of changes as they happen.
public struct Webhook: Sendable, Equatable {
    /// Raw values are stored: never rename, only add.
    public enum State: String, Sendable, CaseIterable {
        case active, paused
    }

    public let id: ID<Webhook>
    /// What its owner is called, for the list.
    public let name: String
    public let address: String
    /// Six digits: everything at or below it is told.
    public let region: String
    public let state: State
    /// The last entry of the log of which it has been told, or which is nothing for it.
    public let cursor: Int64
    public let madeAt: Instant
    /// Deliveries that failed since the last good one.
    public let failures: Int
    /// Why the last one failed: a stable code.
    public let why: String?
    /// When it last took a delivery.
    public let toldAt: Instant?

    public var object: String { "webhook:\(id)" }

    /// What the log digests.
    var logged: JSON {
        [
            "name": .string(name), "address": .string(address), "region": .string(region),
            "cursor": JSON(cursor),
        ]
    }
}

/// How a subscription stands against the log.
public struct WebhookStanding: Sendable {
    public let webhook: Webhook
    /// Entries of the log behind its cursor that it has not been told of.
    public let lag: Int64
    /// When the oldest of them was written.
    public let since: Instant?
    /// When it is tried again; nil when there is nothing to tell.
    public let nextTry: Instant?
}

/// What a delivery is signed with: HMAC with SM3 over what identifies it and its body, so that nobody can send one in the
/// platform's name, change it, or send an old one again unnoticed (Docs/formats/changes.md).
public enum WebhookSignature {
    /// - Parameters:
    ///   - secret: as it was shown when the subscription was made.
    ///   - timestamp: milliseconds since 1970.
    public static func sign(secret: String, delivery: String, timestamp: Int64, body: [UInt8]) -> String {
        let head = "suban-webhook-1\n\(delivery)\n\(timestamp)\n"
        return Hex.encode(SM3.hmac(key: Array(secret.utf8), message: Array(head.utf8) + body))
    }
}

/// What is refused about webhooks.
public enum WebhookError: Refusal, Equatable {
    case badAddress
    /// The address leads where the installation lets no delivery go.
    case forbiddenAddress
    case unknownHost
    case badName
    case unknownRegion
    case unknown
    /// So many subscriptions there are already.
    case tooMany(max: Int)
    /// The receiver did not answer in time, or not at all.
    case unreachable
    /// It answered, but not with 2xx.
    case notTaken

    public var code: String {
        switch self {
        case .badAddress: "webhook.bad-address"
        case .forbiddenAddress: "webhook.forbidden-address"
        case .unknownHost: "webhook.unknown-host"
        case .badName: "webhook.bad-name"
        case .unknownRegion: "webhook.unknown-region"
        case .unknown: "webhook.unknown"
        case .tooMany: "webhook.too-many"
        case .unreachable: "webhook.unreachable"
        case .notTaken: "webhook.not-taken"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .tooMany(let max): ["max": String(max)]

        case .badAddress, .forbiddenAddress, .unknownHost, .badName, .unknownRegion, .unknown, .unreachable,
            .notTaken:
            [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .badAddress, .forbiddenAddress, .unknownHost, .badName, .unknownRegion: .unacceptable
        case .unknown: .notFound
        case .tooMany: .notAllowedNow
        case .unreachable, .notTaken: .unavailable
        }
    }
}
