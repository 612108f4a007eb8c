import ArgumentParser
import Audit
import Kernel
import Server

extension DataOptions {
    typealias LogProgress = @Sendable (_ done: Int64, _ size: Int64) async -> Void

    /// Verifies a log against the keys and the mirror of this data folder, and says what was found.
    /// - Parameter checkup: nil to read keys and mirror now.
    /// - Returns: whether the log is whole.
    /// - Throws: `ValidationError` when it cannot be verified at all.
    func checkLog(
        _ checkup: LogCheckup? = nil,
        json: Bool = false,
        _ verify: (LogCheckup, LogProgress) async throws -> LogVerdict
    ) async throws -> Bool {
        let bar = ProgressBar(isShown: !json && ProgressBar.isTerminal)
        do {
            let checkup = try checkup ?? LogCheckup(folder: folder)
            let verdict = try await verify(checkup) { done, size in
                bar.show("entries", Int(done), Int(size))
            }
            bar.clear()
            for line in json ? [verdict.json.canonical] : try lines(verdict, checkup) { say(line) }
            return verdict.isWhole
        } catch let refusal as any Refusal {
            bar.clear()
            throw ValidationError(try words(refusal))
        }
    }

    /// Verifies the log in a copy of the database.
    /// - Parameter checkup: nil where the keys are not in their place; then that is said, and the copy counts.
    func checkCopy(_ file: String, with checkup: LogCheckup?) async throws -> Bool {
        guard let checkup else {
            say(try words("log.unchecked", ["folder": data]))
            return true
        }
        return try await checkLog(checkup) { try await $0.verify(file: file, progress: $1) }
    }

    /// What was found, in words: the first bad entry first.
    private func lines(_ verdict: LogVerdict, _ checkup: LogCheckup) throws -> [String] {
        var lines: [String] = []
        if verdict.isWhole {
            lines.append(
                try words("log.whole", ["size": String(verdict.size), "heads": String(verdict.heads)])
            )
        } else {
            lines.append(
                try verdict.firstBad.map { try words("log.broken", ["entry": String($0)]) }
                    ?? words("log.broken-somewhere", [:])
            )
            for problem in verdict.problems.prefix(10) {
                lines.append("  " + (try words("verdict.\(problem.code)", problem.arguments)))
            }
            if verdict.problems.count > 10 {
                lines.append("  " + (try words("log.more", ["count": String(verdict.problems.count - 10)])))
            }
        }
        if !checkup.hasMirror { lines.append(try words("log.no-mirror", ["folder": data])) }
        return lines
    }
}

extension LogVerdict {
    fileprivate var json: JSON {
        [
            "verdict": .string(isWhole ? "whole" : "broken"), "size": JSON(size), "heads": JSON(heads),
            "root": .string(Hex.encode(root)), "firstBad": firstBad.map { JSON($0) } ?? .null,
            "problems": .array(
                problems.map {
                    ["code": .string($0.code), "arguments": .object($0.arguments.mapValues(JSON.string))]
                }
            ),
        ]
    }
}
