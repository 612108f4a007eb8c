import Audit
import Kernel
import Logging
import ServiceLifecycle

/// Verifies the whole log, and the tables against it, beside the work: at once when the start was content with less, then
/// once in a while, and soon again when it came to no end. Tells the operator what is wrong.
struct LogWatch: Service {
    let platform: Platform
    let limits: OperatingLimits
    let logger: Logger
    /// Between two looks at the clock and at what the keeper found.
    var pause: Duration = .seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            if await platform.keeper.lacksMirror { tellMirror() }
            var told: LogDamage?
            var (ended, failed): (Instant?, Instant?)
            while !Task.isCancelled {
                if isDue(ended: ended, failed: failed) {
                    let isDone = await verify(isFirst: ended == nil)
                    failed = isDone ? nil : platform.clock.now
                    if isDone { ended = platform.clock.now }
                }
                let damage = await platform.keeper.damage
                if let damage, damage != told { tell(damage) }
                told = damage
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    /// - Parameters:
    ///   - ended: when a look last came to an end; nil when none has.
    ///   - failed: when one came to none since.
    func isDue(ended: Instant?, failed: Instant?) -> Bool {
        let now = platform.clock.now
        if let failed { return now - failed >= seconds(.logRetry) }
        return ended.map { now - $0 >= seconds(.logWhole) } ?? true
    }

    private func seconds(_ name: OperatingLimits.Name) -> Int64 {
        Int64(limits.value(name, on: platform.clock.now.date)) * 1_000
    }

    /// - Returns: whether it came to an end, with whatever finding.
    func verify(isFirst: Bool) async -> Bool {
        do {
            // What the start has hashed as a whole a moment ago is not hashed again.
            let isHashed = await platform.keeper.wholeAt != nil
            if !isFirst || !isHashed { try await platform.keeper.check(.whole) }
            try await compare()
            return true
        } catch {
            logger.error("verifying the log", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func compare() async throws {
        let day = platform.clock.now.date
        let max = limits.value(.logFindings, on: day)
        let tables = try await TableComparison(of: platform.database, max: max)
        await platform.keeper.compared(altered: tables.altered.map(\.subject))
        for finding in tables.altered {
            logger.critical(
                "a table is not what the log says",
                metadata: ["object": "\(finding.subject)", "code": "\(finding.code)"]
            )
        }
    }

    private func tell(_ damage: LogDamage) {
        var metadata: Logger.Metadata = ["code": "\(damage.problem.code)"]
        for (name, value) in damage.problem.arguments { metadata[name] = "\(value)" }
        logger.critical("the log is not whole: no head is signed any more", metadata: metadata)
    }

    private func tellMirror() {
        logger.critical(
            "the mirror of the log's heads is missing: put it back, or say publicly that the log begins anew",
            metadata: ["file": "\(platform.settings.folder)/heads.jsonl"]
        )
    }
}
