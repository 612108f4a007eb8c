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
            while !Task.isCancelled {
                do {
                    try await webhooks.ring()
                    failed = false
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
