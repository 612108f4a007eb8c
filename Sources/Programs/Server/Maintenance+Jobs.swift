public import Changes
public import Jobs
public import Kernel
import Standards
import Storage

/// What came to nothing, and who is told of changes, from the command line.
extension Maintenance {
    public func deadLetters() async throws -> [DeadLetter] {
        let limits = try OperatingLimits(home: settings.home)
        let countMax = limits.value(.deadLetters, on: settings.clock.now.date)
        return try await database.read { try DeadLetters.all(countMax: countMax, in: $0) }
    }

    /// Starts one again, or all of a kind; a running server does them.
    /// - Throws: `JobError`: `notDead`, `noneDead`.
    public func retry(_ what: DeadLetter.What, kind: String, key: String?) async throws -> Int {
        let occasion = occasion("jobs", purpose: "retry")
        return try await database.write { tx in
            guard let key else {
                return try DeadLetters.reviveAll(what, kind: kind, occasion: occasion, in: tx)
            }
            try DeadLetters.revive(what, kind: kind, key: key, occasion: occasion, in: tx)
            return 1
        }
    }

    /// - Throws: `WebhookError`.
    public func addWebhook(name: String, address: String, region: String) async throws -> (
        webhook: Webhook, secret: String
    ) {
        guard standards.regions[region] != nil else { throw WebhookError.unknownRegion }
        let limits = try OperatingLimits(home: settings.home)
        let occasion = occasion("webhook", purpose: "add")
        return try await Webhooks.add(
            name: name,
            address: address,
            region: region,
            inside: settings.webhookNetworks,
            within: limits.webhooks(on: occasion.now.date).within,
            countMax: limits.value(.webhooks, on: occasion.now.date),
            occasion: occasion,
            database: database
        )
    }

    public func webhooks() async throws -> [WebhookStanding] {
        try await database.read { try Webhooks.standings(in: $0) }
    }

    /// - Throws: `WebhookError.unknown`, `ChangesError`.
    public func webhook(_ id: ID<Webhook>, _ act: WebhookAct) async throws {
        let occasion = occasion("webhook", purpose: act.name)
        try await database.write { try act.apply(to: id, occasion: occasion, in: $0) }
    }
}
