import Foundation
import Synchronization

/// The numbers that were taken of one sender: each is good once, in any order inside a window behind the newest. They
/// are on the disk before a message is acted on, so that a restart takes nothing twice.
final class RelayNumbers: Sendable {
    private struct State {
        var newest: Int64
        var taken: Set<Int64>
        var lines: Int
        var file: FileHandle
    }

    private let path: String
    private let window: Int64
    private let state: Mutex<State>

    init(path: String, window: Int) throws {
        self.path = path
        self.window = Int64(window)
        let kept = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        // A line that a crash has torn was not acted on.
        let whole =
            kept.hasSuffix("\n") ? kept : kept.split(separator: "\n").dropLast().joined(separator: "\n")
        let numbers = whole.split(separator: "\n").compactMap { Int64($0) }
        let newest = numbers.max() ?? 0
        let taken = Set(numbers.filter { $0 > newest - Int64(window) })
        state = Mutex(
            State(newest: newest, taken: taken, lines: taken.count, file: try Self.write(taken, to: path))
        )
    }

    /// - Throws: `RelayRefusal.replayed`, `.tooFarBehind`; what the disk throws, and then nothing was taken.
    func take(_ number: Int64) throws {
        try state.withLock { state in
            guard number > state.newest - window else { throw RelayRefusal.tooFarBehind }
            guard !state.taken.contains(number) else { throw RelayRefusal.replayed }
            if state.lines > 4 * Int(window) {
                state.taken = state.taken.filter { $0 > state.newest - window }
                state.file = try Self.write(state.taken, to: path)
                state.lines = state.taken.count
            }
            try state.file.write(contentsOf: Data("\(number)\n".utf8))
            try state.file.synchronize()
            state.lines += 1
            state.taken.insert(number)
            state.newest = max(state.newest, number)
        }
    }

    private static func write(_ numbers: Set<Int64>, to path: String) throws -> FileHandle {
        let lines = numbers.sorted().map { "\($0)\n" }.joined()
        try Data(lines.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        return file
    }
}

/// The numbers that this side gives: rising, also over a restart. A block is on the disk before its numbers are used;
/// what a crash leaves of it is never used.
final class RelayCounter: Sendable {
    private static let block: Int64 = 256
    private let path: String
    private let state: Mutex<(last: Int64, bound: Int64)>

    init(path: String) throws {
        self.path = path
        let kept = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(
            in: .whitespacesAndNewlines
        )
        let bound = kept.flatMap { Int64($0) } ?? 0
        state = Mutex((bound, bound))
    }

    func next() throws -> Int64 {
        try state.withLock { state in
            if state.last == state.bound {
                let bound = state.bound + Self.block
                try Data("\(bound)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
                state.bound = bound
            }
            state.last += 1
            return state.last
        }
    }
}
