import Dispatch
import Foundation

/// Counting and timing, the same way for both sides of a comparison.
enum Stopwatch {
    static var cores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try work()
        return seconds(since: start)
    }

    static func seconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start) / .seconds(1)
    }

    /// How often a second `work` runs on `threads` threads together, for about `duration` seconds.
    static func perSecond(threads: Int, for duration: Double = 2, _ work: @escaping @Sendable () -> Void)
        -> Double
    {
        let start = ContinuousClock.now
        let counts = Counts(threads)
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            var count = 0
            while seconds(since: start) < duration {
                for _ in 0..<16 { work() }
                count += 16
            }
            counts.set(thread, count)
        }
        return Double(counts.sum) / seconds(since: start)
    }

    /// The value below which `share` of `values` lies.
    static func percentile(_ share: Double, of values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return 0 }
        let place = Int((Double(sorted.count) * share).rounded(.down))
        return place < sorted.count ? sorted[place] : last
    }

    /// Seconds that this process was on a core, so that a busy machine does not count against it. Nothing else may
    /// run in it meanwhile.
    static func coreSeconds(_ work: () throws -> Void) rethrows -> Double {
        let start = clock()
        try work()
        // POSIX: a million clocks are a second.
        return Double(clock() - start) / 1_000_000
    }

    /// Seconds that a process was on a core, all its threads together; 0 where the system does not tell.
    static func coreSeconds(of process: Int32) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return 0 }
        // After the name, which may hold anything: user and system time are fields 14 and 15.
        let fields = text[end...].split(separator: " ").compactMap { Double($0) }
        let ticks = fields.count > 11 ? fields[10] + fields[11] : 0
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Resident memory of a process in megabytes, where the system tells it.
    static func residentMegabytes(of process: String) -> Double? { megabytes("VmRSS:", of: process) }

    /// The most that it ever had.
    static func peakMegabytes(of process: String) -> Double? { megabytes("VmHWM:", of: process) }

    private static func megabytes(_ name: String, of process: String) -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) })
        else { return nil }
        return line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }.first.map { $0 / 1_024 }
    }
}

/// One count for each thread.
private final class Counts: Sendable {
    private let values: Locked<[Int]>

    init(_ count: Int) { values = Locked([Int](repeating: 0, count: count)) }

    func set(_ index: Int, _ value: Int) { values.with { $0[index] = value } }

    var sum: Int { values.with { $0.reduce(0, +) } }
}
