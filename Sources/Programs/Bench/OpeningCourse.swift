import Audit
import Foundation
import Kernel
import Server
import Storage

/// Prepares founders, serves, lets them hand in, and proves what came of it.
struct OpeningCourse {
    let settings: BenchSettings
    /// Of this course, under the folder of the settings.
    let folder: String
    /// Nil for SQLite in the folder.
    var databaseURL: String?

    static let founders = 20
    /// Opened before the watch starts, so that connections and caches are as on any other minute of the day.
    private static let warmUp = 40

    struct Result: Sendable {
        /// In the measured time.
        let opened: [OpeningDriver.Opened]
        let openedInAll: Int
        let seconds: Double
        /// Bare signatures a second on all cores, before the server was started and after it had ended.
        let raw: Double
        let signed: OpeningProof.Signed
        let lines: Int64
        let parties: Int
        let megabytesBefore: Double
        let megabytesAfter: Double
        let note: String
    }

    func run(_ count: Int) async throws -> Result {
        let path = "\(settings.folder)/\(folder)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let ready = try await prepare(count + Self.warmUp, in: path)
        // Nothing of ours beside it: a server that still works off what it has begun would make bare signing look slow.
        let rawBefore = SigningBench.rawPerSecond(threads: Stopwatch.cores)
        let server = try await BenchServer(settings: settings, folder: path, databaseURL: databaseURL)
        defer { server.kill() }
        let driver = OpeningDriver(address: server.address, connections: Self.founders)
        let measured: Measured
        do {
            measured = try await drive(ready, server: server, driver: driver)
        } catch {
            try? await driver.close()
            throw BenchFault("\(error)\n\(server.complaints)")
        }
        try await driver.close()
        try await server.stop()
        let rawAfter = SigningBench.rawPerSecond(threads: Stopwatch.cores)
        settings.progress("open-company: proving")
        let proof = try await OpeningProof(home: settings.home, folder: path, databaseURL: databaseURL)
        let proven = try await proof.prove(
            measured.warm + measured.opened,
            from: measured.start,
            until: measured.end
        )
        await proof.close()
        return Result(
            opened: measured.opened,
            openedInAll: ready.count,
            seconds: measured.seconds,
            raw: (rawBefore + rawAfter) / 2,
            signed: proven.signed,
            lines: proven.lines,
            parties: server.parties,
            megabytesBefore: measured.megabytesBefore,
            megabytesAfter: measured.megabytesAfter,
            note: proven.note
        )
    }

    private struct Measured {
        let warm: [OpeningDriver.Opened]
        let opened: [OpeningDriver.Opened]
        let start: Instant
        let end: Instant
        let seconds: Double
        let megabytesBefore: Double
        let megabytesAfter: Double
    }

    private func drive(
        _ ready: [OpeningFactory.Ready],
        server: BenchServer,
        driver: OpeningDriver
    ) async throws -> Measured {
        let before = server.residentMegabytes
        // A few at once: parties that have only just started answer slowly, and a slow one is asked by a person.
        let warm = try await inParallel(Array(ready.prefix(Self.warmUp)), at: 4) {
            try await driver.open($0)
        }
        try await Task.sleep(for: .seconds(3))
        settings.progress("open-company: measuring")
        try settings.profiler?.follow([server.processID])
        let start = SystemClock().now
        let watch = ContinuousClock.now
        let opened = try await inParallel(Array(ready.dropFirst(Self.warmUp)), at: Self.founders) {
            try await driver.open($0)
        }
        let seconds = Stopwatch.seconds(since: watch)
        let end = SystemClock().now
        // Lines to the parties are handed over behind the founders' backs; memory is read when that has calmed down.
        try await Task.sleep(for: .seconds(5))
        let after = server.residentMegabytes
        return Measured(
            warm: warm,
            opened: opened,
            start: start,
            end: end,
            seconds: seconds,
            megabytesBefore: before,
            megabytesAfter: after
        )
    }

    /// Everything up to the founder's last click, through the engines in this process with the parties beside them.
    private func prepare(_ count: Int, in path: String) async throws -> [OpeningFactory.Ready] {
        settings.progress("open-company: \(count) founders sign up, fill in and sign")
        let town = try await DemoTown(home: settings.home, folder: path, at: SystemClock().now) {
            $0.entropy = SystemEntropy()
            $0.databaseURL = databaseURL
        }
        let factory = try await OpeningFactory(town: town)
        var ready: [OpeningFactory.Ready] = []
        // In portions, each settled, so that messages do not pile up.
        while ready.count < count {
            let portion = ready.count..<min(count, ready.count + 500)
            ready += try await factory.ready(Array(portion), at: 8)
            try await town.settle()
            settings.progress("open-company: \(ready.count) of \(count) ready")
        }
        town.clock.set(SystemClock().now)
        ready = try await factory.signedIn(ready, at: 16)
        try await town.settle()
        try await town.platform.keeper.round()
        await town.platform.database.close()
        return ready
    }
}
