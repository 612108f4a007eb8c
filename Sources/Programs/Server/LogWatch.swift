import Audit
import Kernel
import Logging
import ServiceLifecycle

/// Compares the tables with the log and verifies it as a whole, beside the work: at once after the start, then once in a
/// while, and soon again when it came to no end or found damage. Tells the operator what is wrong.
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
                let isDamaged = await platform.keeper.damage != nil
                if isDue(ended: ended, failed: failed, isDamaged: isDamaged) {
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
    ///   - isDamaged: whether there is damage, which may be gone again.
    func isDue(ended: Instant?, failed: Instant?, isDamaged: Bool = false) -> Bool {
        let now = platform.clock.now
        if let failed { return now - failed >= seconds(.logRetry) }
        return ended.map { now - $0 >= seconds(isDamaged ? .logRetry : .logWhole) } ?? true
    }

    private func seconds(_ name: OperatingLimits.Name) -> Int64 {
        Int64(limits.value(name, on: platform.clock.now.date)) * 1_000
    }

    /// The two go their own ways: a log that cannot be verified keeps nobody from comparing the tables, nor these from
    /// verifying it.
    /// - Returns: whether both came to an end, with whatever finding.
    func verify(isFirst: Bool) async -> Bool {
        var isDone = true
        do { try await compare() } catch is CancellationError { return false } catch {
            isDone = false
            await platform.keeper.notCompared(because: error)
            logger.error("comparing the tables with the log", metadata: ["error": "\(error)"])
        }
        // What the start has hashed as a whole a moment ago is not hashed again.
        if isFirst, await platform.keeper.wholeAt != nil { return isDone }
        do { try await platform.keeper.check(.whole) } catch is CancellationError { return false } catch {
            isDone = false
            logger.error("verifying the log", metadata: ["error": "\(error)"])
        }
        if let failure = await platform.keeper.checkpointFailure {
            logger.error("keeping how far the log was verified", metadata: ["error": "\(failure)"])
        }
        return isDone
    }

    private func compare() async throws {
        let day = platform.clock.now.date
        let max = limits.value(.logFindings, on: day)
        // With millions of cases it takes long.
        let tables = try await TableComparison(of: RestingDatabase(base: platform.database), max: max)
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
