import Kernel
import Logging
import ServiceLifecycle
import Storage

/// Takes over what other processes put in force: reference tables, calendars, and what begins with a new day.
struct Refresher: Service {
    let platform: Platform
    let logger: Logger
    var pause: Duration = .seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failed = false
            while !Task.isCancelled {
                do {
                    try await platform.refresh()
                    failed = false
                } catch {
                    // Said once; what is in force stays so until the database is at hand again.
                    if !failed { logger.error("refresh", metadata: ["error": "\(error)"]) }
                    failed = true
                }
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }
}
