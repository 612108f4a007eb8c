import Audit
import Kernel
import Logging
import ServiceLifecycle

/// Verifies the whole log beside the work, at once when the start was content with less and then once in a while, and
/// tells the operator what is wrong with it.
struct LogWatch: Service {
    let platform: Platform
    let limits: OperatingLimits
    let logger: Logger
    /// Between two looks at the clock and at what the keeper found.
    var pause: Duration = .seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var told: LogDamage?
            var tried: Instant?
            while !Task.isCancelled {
                let last = [await platform.keeper.wholeAt, tried].compactMap(\.self).max()
                if isDue(last) {
                    tried = platform.clock.now
                    await verify()
                }
                let damage = await platform.keeper.damage
                if let damage, damage != told { tell(damage) }
                told = damage
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    func isDue(_ last: Instant?) -> Bool {
        guard let last else { return true }
        let now = platform.clock.now
        return now - last >= Int64(limits.value(.logWhole, on: now.date)) * 1_000
    }

    private func verify() async {
        do {
            try await platform.keeper.check(.whole)
        } catch {
            logger.error("verifying the log", metadata: ["error": "\(error)"])
        }
    }

    private func tell(_ damage: LogDamage) {
        var metadata: Logger.Metadata = ["code": "\(damage.problem.code)"]
        for (name, value) in damage.problem.arguments { metadata[name] = "\(value)" }
        logger.critical("the log is not whole: no head is signed any more", metadata: metadata)
    }
}
