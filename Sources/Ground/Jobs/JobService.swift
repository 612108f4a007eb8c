public import Logging
public import ServiceLifecycle
import Storage
import Synchronization

/// Keeps a `JobRunner` at work in a server: it wakes when something was put on the list, by this node or another, looks
/// from time to time for what came due, and does a bounded number of jobs at once.
///
/// At a graceful shutdown it takes nothing new, lets running jobs end, and returns. What a killed node leaves behind is
/// taken over when its leases run out.
public struct JobService: Service {
    private let runner: JobRunner
    private let logger: Logger
    private let parallelMax: Int
    private let lookEvery: Duration
    /// How the pause between two prolongations of a lease is waited.
    private let pause: @Sendable (Duration) async throws -> Void

    /// Up to `parallelMax` jobs at once (1...1,000), a look at the list at least every `lookEvery`.
    public init(
        _ runner: JobRunner,
        logger: Logger,
        parallelMax: Int = 16,
        lookEvery: Duration = .milliseconds(500)
    ) {
        self.init(runner, logger: logger, parallelMax: parallelMax, lookEvery: lookEvery) {
            try await Task.sleep(for: $0)
        }
    }

    init(
        _ runner: JobRunner,
        logger: Logger,
        parallelMax: Int,
        lookEvery: Duration,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        precondition((1...1_000).contains(parallelMax), "between one and a thousand jobs at once")
        self.runner = runner
        self.logger = logger
        self.parallelMax = parallelMax
        self.lookEvery = lookEvery
        self.pause = pause
    }

    public func run() async throws {
        let events = Wake()
        let work = Wake()
        let running = Running()
        let outage = Outage()
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await withDiscardingTaskGroup { group in
                    group.addTask { await ring([events, work]) }
                    group.addTask { await tick([events, work]) }
                    for wake in [events, work] { wake.up() }
                    // Side by side: an event that takes long to hear keeps no job waiting.
                    await withDiscardingTaskGroup { loops in
                        loops.addTask {
                            for await _ in events.calls {
                                while !Task.isCancelled, !Task.isShuttingDownGracefully, await tell(outage) {}
                            }
                        }
                        loops.addTask {
                            await withDiscardingTaskGroup { jobs in
                                for await _ in work.calls { await look(running, work, &jobs) }
                            }
                        }
                    }
                    group.cancelAll()
                }
            } onCancel: {
                for wake in [events, work] { wake.end() }
            }
        } onGracefulShutdown: {
            for wake in [events, work] { wake.end() }
        }
    }

    private func ring(_ wakes: [Wake]) async {
        for await _ in runner.database.rings() { for wake in wakes { wake.up() } }
    }

    private func tick(_ wakes: [Wake]) async {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: lookEvery)) != nil else { return }
            for wake in wakes { wake.up() }
        }
    }

    /// Starts jobs until nothing is due or all hands are full.
    private func look(_ running: Running, _ wake: Wake, _ jobs: inout DiscardingTaskGroup) async {
        do {
            while !Task.isCancelled && !Task.isShuttingDownGracefully {
                let free = parallelMax - running.count
                guard free > 0 else { return }
                let claimed = try await runner.claim(countMax: free)
                running.outage.end()
                guard !claimed.isEmpty else { return }
                for claimed in claimed {
                    running.begin()
                    jobs.addTask {
                        await work(claimed)
                        running.end()
                        wake.up()
                    }
                }
            }
        } catch {
            if running.outage.begin() {
                logger.error("jobs: the database is not at hand", metadata: ["error": "\(reason(error))"])
            }
        }
    }

    /// One round of events.
    /// - Returns: whether there was anything to tell.
    private func tell(_ outage: Outage) async -> Bool {
        do {
            let round = try await runner.dispatcher.round()
            outage.end()
            for failure in round.failures {
                logger.error(
                    "events could not be told",
                    metadata: ["subscriber": "\(failure.subscriber)", "error": "\(reason(failure.error))"]
                )
            }
            return round.isBusy
        } catch {
            if outage.begin() {
                logger.error("events: the database is not at hand", metadata: ["error": "\(reason(error))"])
            }
            return false
        }
    }

    /// Runs one job and prolongs its lease as long as it takes; when the lease is lost, the job is told to stop.
    private func work(_ claimed: JobRunner.Claimed) async {
        let name: Logger.Metadata = ["kind": "\(claimed.job.kind)", "key": "\(claimed.job.key)"]
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    guard let why = try await runner.attempt(claimed) else { return }
                    logger.error("job is dead", metadata: name.merging(["why": "\(why)"]) { $1 })
                } catch {
                    logger.error(
                        "job could not be settled",
                        metadata: name.merging(["why": "\(reason(error))"]) { $1 }
                    )
                }
            }
            group.addTask {
                let third = Duration.milliseconds(max(1, runner.leaseMilliseconds / 3))
                while (try? await pause(third)) != nil {
                    // A database that is away for a moment is no reason to stop; the lease may outlast it.
                    guard (try? await runner.prolong(claimed)) ?? true else { return }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }
}

/// Calls to look again; several that nobody has heard are one.
private struct Wake: Sendable {
    let calls: AsyncStream<Void>
    private let call: AsyncStream<Void>.Continuation

    init() {
        (calls, call) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func up() { call.yield() }
    func end() { call.finish() }
}

/// How many jobs this node is working on.
private final class Running: Sendable {
    private let number = Atomic(0)
    let outage = Outage()

    var count: Int { number.load(ordering: .acquiring) }

    func begin() { number.add(1, ordering: .acquiringAndReleasing) }

    func end() { number.subtract(1, ordering: .acquiringAndReleasing) }
}

/// A database that is away is said once, not at each look.
private final class Outage: Sendable {
    private let isOn = Atomic(false)

    /// - Returns: whether it begins now.
    func begin() -> Bool { !isOn.exchange(true, ordering: .acquiringAndReleasing) }

    func end() { isOn.store(false, ordering: .releasing) }
}
