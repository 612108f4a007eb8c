import Changes
import Kernel
import Logging
import ServiceLifecycle

/// Wakes the deliveries of changes when the log has grown, whichever node wrote to it.
struct WebhookBell: Service {
    let webhooks: WebhookDelivery
    let logger: Logger
    var pause: Duration = .milliseconds(500)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failed = false
            var known: Set<ID<Webhook>> = []
            while !Task.isCancelled {
                do {
                    let failing = try await webhooks.ring()
                    failed = false
                    // Each is named once, when it begins; how often it failed is in the list.
                    for webhook in failing where !known.contains(webhook.id) {
                        logger.warning(
                            "a subscription does not take what changed",
                            metadata: ["webhook": "\(webhook.id)", "why": "\(webhook.why ?? "-")"]
                        )
                    }
                    known = Set(failing.map(\.id))
                } catch {
                    // Said once; the list of jobs looks by itself when the database is at hand again.
                    if !failed { logger.error("webhooks", metadata: ["error": "\(error)"]) }
                    failed = true
                }
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }
}
