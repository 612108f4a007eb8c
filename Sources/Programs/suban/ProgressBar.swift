import Foundation
import Synchronization

/// How far a long task is, on the terminal's error stream; nothing when that is no terminal.
final class ProgressBar: Sendable {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    private let isShown: Bool
    private let last = Mutex("")
    private static let width = 30

    init(isShown: Bool) { self.isShown = isShown }

    /// `[##########                    ]  34/103 scenarios`, over what stood there before.
    func show(_ what: String, _ done: Int, _ total: Int) {
        guard isShown else { return }
        let filled = total > 0 ? Self.width * min(done, total) / total : Self.width
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: Self.width - filled)
        let line = "[\(bar)] \(done)/\(total) \(what)"
        last.withLock { last in
            guard line != last else { return }
            last = line
            FileHandle.standardError.write(Data("\r\u{1B}[2K\(line)".utf8))
        }
    }

    /// The same, and for whoever follows a log instead of a terminal a line of its own.
    func tell(_ what: String, _ done: Int, _ total: Int) {
        if isShown { show(what, done, total) } else { say("\(done)/\(total)") }
    }

    func clear() {
        guard isShown else { return }
        last.withLock { last in
            guard !last.isEmpty else { return }
            last = ""
            FileHandle.standardError.write(Data("\r\u{1B}[2K".utf8))
        }
    }
}
