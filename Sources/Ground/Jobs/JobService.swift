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
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let running = Running()
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await withDiscardingTaskGroup { group in
                    group.addTask { await ring(wake) }
                    group.addTask { await tick(wake) }
                    wake.yield()
                    await withDiscardingTaskGroup { jobs in
                        for await _ in wakes { await look(running, wake, &jobs) }
                    }
                    group.cancelAll()
                }
            } onCancel: {
                wake.finish()
            }
        } onGracefulShutdown: {
            wake.finish()
        }
    }

    private func ring(_ wake: AsyncStream<Void>.Continuation) async {
        for await _ in runner.database.rings() { wake.yield() }
    }

    private func tick(_ wake: AsyncStream<Void>.Continuation) async {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: lookEvery)) != nil else { return }
            wake.yield()
        }
    }

    /// Tells events and starts jobs until nothing is due or all hands are full.
    private func look(
        _ running: Running,
        _ wake: AsyncStream<Void>.Continuation,
        _ jobs: inout DiscardingTaskGroup
    ) async {
        do {
            while !Task.isCancelled && !Task.isShuttingDownGracefully {
                var isBusy = try await runner.dispatcher.round()
                let free = parallelMax - running.count
                if free > 0 {
                    for claimed in try await runner.claim(countMax: free) {
                        isBusy = true
                        running.begin()
                        jobs.addTask {
                            await work(claimed)
                            running.end()
                            wake.yield()
                        }
                    }
                }
                guard isBusy else { return }
            }
        } catch {
            logger.error("jobs: the database is not at hand", metadata: ["error": "\(reason(error))"])
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

/// How many jobs this node is working on.
private final class Running: Sendable {
    private let number = Atomic(0)

    var count: Int { number.load(ordering: .acquiring) }

    func begin() { number.add(1, ordering: .acquiringAndReleasing) }

    func end() { number.subtract(1, ordering: .acquiringAndReleasing) }
}
