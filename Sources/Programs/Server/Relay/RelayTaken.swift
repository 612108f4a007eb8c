import Cryptography
import Foundation
import Kernel
import Logging
import Synchronization

/// Which requests were taken: each counts once, for as long as its signature does, and is on the disk before it is acted
/// on, so that a restart takes nothing twice.
///
/// Messages that are too old are refused by their time, so that only those of the last minutes have to be known. Whoever
/// does not know them any more, because the file is damaged or gone, takes nothing from before he was sure again.
final class RelayTaken: Sendable {
    private struct State {
        /// Nothing signed then or earlier is taken.
        var floor: Instant
        var taken: [String: Instant]
        var lines: Int
        /// nil after a write that failed: then all of it is written anew.
        var file: FileHandle?
    }

    private static let title = "suban-relay-taken 2"
    private let path: String
    private let age: Int64
    private let state: Mutex<State>

    /// The file of an end for which nothing can have been sealed yet. Where there is none later, it was lost.
    static func begin(at path: String) throws {
        var state = State(floor: Instant(milliseconds: 0), taken: [:], lines: 0, file: nil)
        try renew(&state, at: path)
    }

    init(path: String, age: Int64, now: Instant, logger: Logger) throws {
        self.path = path
        self.age = age
        let known = FileManager.default.contents(atPath: path).flatMap { Self.read(Array($0)) }
        // A message from before may bear the time of a clock that is ahead by as much as clocks may differ.
        let floor = known?.floor ?? now + age
        state = Mutex(State(floor: floor, taken: known?.taken ?? [:], lines: 0, file: nil))
        if known == nil {
            logger.error(
                "which messages were taken is not known any more; none is from before this moment",
                metadata: ["why": "relay.lost-count", "file": "\(path)", "until": "\(floor)"]
            )
        } else if floor > now + age {
            logger.error(
                "the clock was ahead, none is taken from before this moment; if it is right now, stop and remove the file",
                metadata: ["why": "relay.clock", "file": "\(path)", "until": "\(floor)"]
            )
        }
        try state.withLock { state in
            forget(&state, now: now)
            try Self.renew(&state, at: path)
        }
    }

    /// Takes messages, all with one turn of the disk.
    /// - Returns: for each why not, or nil when it counts.
    /// - Throws: what the disk throws, and then nothing was taken.
    func take(_ messages: [RelayMessage], now: Instant) throws -> [RelayRefusal?] {
        guard !messages.isEmpty else { return [] }
        return try state.withLock { state in
            forget(&state, now: now)
            var fresh: [String: Instant] = [:]
            let verdicts = messages.map { message -> RelayRefusal? in
                if message.at <= state.floor { return .forgotten }
                if state.taken[message.id] != nil || fresh[message.id] != nil { return .replayed }
                fresh[message.id] = message.at
                return nil
            }
            guard !fresh.isEmpty else { return verdicts }
            do {
                if state.file == nil || state.lines > 2 * state.taken.count + 4_096 {
                    try Self.renew(&state, at: path)
                }
                let lines = fresh.map { Self.line("\($0.value.milliseconds) \($0.key)") }.joined()
                try state.file?.write(contentsOf: Data(lines.utf8))
                try state.file?.synchronize()
            } catch {
                state.file = nil
                throw error
            }
            state.lines += fresh.count
            state.taken.merge(fresh) { $1 }
            return verdicts
        }
    }

    /// A clock that is set back makes nothing count again.
    private func forget(_ state: inout State, now: Instant) {
        let oldest = now + -age
        let over = state.taken.filter { $0.value < oldest }
        guard let newest = over.values.max() else { return }
        for id in over.keys { state.taken[id] = nil }
        state.floor = max(state.floor, newest)
    }

    private static func renew(_ state: inout State, at path: String) throws {
        let head = line("\(title) \(state.floor.milliseconds)")
        let lines = state.taken.map { line("\($0.value.milliseconds) \($0.key)") }
        try KeptFile.replace(Array((head + lines.joined()).utf8), at: path)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        state.file = file
        state.lines = state.taken.count
    }

    // MARK: the file

    /// Each line ends with a check, so that damage is noticed and never read as another number.
    private static func line(_ words: String) -> String { "\(words) \(check(words))\n" }

    private static func check(_ words: some StringProtocol) -> String {
        String(Hex.encode(SM3.digest(Array(words.utf8))).prefix(8))
    }

    /// - Returns: nil when it is damaged. A last line without its end was not acted on and is none.
    private static func read(_ bytes: [UInt8]) -> (floor: Instant, taken: [String: Instant])? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            guard let space = line.lastIndex(of: " "),
                line[line.index(after: space)...] == check(line[..<space])
            else { return nil }
            lines.append(line[..<space])
        }
        guard let head = lines.first, head.hasPrefix("\(title) "),
            let floor = Int64(head.dropFirst(title.count + 1))
        else { return nil }
        var taken: [String: Instant] = [:]
        for line in lines.dropFirst() {
            let words = line.split(separator: " ")
            guard words.count == 2, let at = Int64(words[0]) else { return nil }
            taken[String(words[1])] = Instant(milliseconds: at)
        }
        return (Instant(milliseconds: floor), taken)
    }
}
