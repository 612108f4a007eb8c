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
        _ verify: (LogCheckup, LogProgress) async throws -> LogReport
    ) async throws -> Bool {
        let bar = ProgressBar(isShown: !json && ProgressBar.isTerminal)
        do {
            let checkup = try checkup ?? newCheckup()
            let report = try await verify(checkup) { done, size in
                bar.show("entries", Int(done), Int(size))
            }
            bar.clear()
            for line in json ? [report.json.canonical] : try lines(report, checkup) { say(line) }
            return report.isWhole
        } catch let refusal as any Refusal {
            bar.clear()
            throw ValidationError(try words(refusal))
        }
    }

    private func newCheckup() throws -> LogCheckup {
        try LogCheckup(folder: folder, home: home.find(), on: SystemClock().now.date)
    }

    /// Nil where the keys are not in their place, as before they are put back.
    /// - Throws: `ValidationError` when they are, and something else cannot be read: that is no sound state.
    func checkup() throws -> LogCheckup? {
        do { return try newCheckup() } catch LogCheckupError.noKeys {
            return nil
        } catch let refusal as any Refusal {
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
    private func lines(_ report: LogReport, _ checkup: LogCheckup) throws -> [String] {
        let log = report.log
        var lines: [String] = []
        if !report.isSigned { lines.append(try words("log.unsigned", ["size": String(log.size)])) }
        if log.isWhole, report.isSigned {
            lines.append(
                try words("log.whole", ["size": String(log.size), "heads": String(log.heads)])
            )
        } else if !log.isWhole {
            lines.append(
                try log.firstBad.map { try words("log.broken", ["entry": String($0)]) }
                    ?? words("log.broken-somewhere", [:])
            )
            lines += try log.problems.prefix(Self.shown).map {
                "  " + (try words("verdict.\($0.code)", $0.arguments))
            }
            lines += try more(log.problems.count)
        }
        if report.unsealed > 0, let oldest = report.oldestUnsealed {
            let values = ["count": String(report.unsealed), "since": oldest.minuteText]
            lines.append(
                try words(
                    report.isSealing(at: SystemClock().now) ? "log.unsealed" : "log.unsealed-long",
                    values
                )
            )
        }
        for finding in report.altered.prefix(Self.shown) {
            lines.append(try words("log.other", ["object": finding.subject]))
            lines.append("  " + (try words("verdict.\(finding.code)", finding.arguments)))
        }
        lines += try more(report.altered.count)
        if report.altered.isEmpty {
            let counts = [
                "subjects": report.subjects, "decisions": report.decisions, "clocks": report.clocks,
                "draws": report.draws, "samples": report.samples, "credentials": report.credentials,
                "taken": report.taken, "seals": report.seals, "uses": report.uses,
                "impressions": report.impressions, "files": report.files, "archives": report.archives,
                "cases": report.cases,
            ]
            lines.append(try words("log.compared", counts.mapValues { String($0) }))
        }
        if !checkup.hasMirror { lines.append(try words("log.no-mirror", ["folder": data])) }
        return lines
    }

    /// A terminal has so many lines for one kind of finding.
    private static let shown = 10

    private func more(_ count: Int) throws -> [String] {
        guard count > Self.shown else { return [] }
        return ["  " + (try words("log.more", ["count": String(count - Self.shown)]))]
    }
}

extension LogReport {
    fileprivate var json: JSON {
        [
            "verdict": isWhole ? "whole" : "broken", "size": JSON(log.size), "heads": JSON(log.heads),
            "root": .string(Hex.encode(log.root)), "firstBad": log.firstBad.map { JSON($0) } ?? .null,
            "unsealed": JSON(unsealed), "oldestUnsealed": JSON(oldestUnsealed?.description),
            "problems": .array(log.problems.map { Self.json($0.code, $0.arguments) }),
            "subjects": JSON(subjects), "decisions": JSON(decisions), "clocks": JSON(clocks),
            "cases": JSON(cases), "credentials": JSON(credentials), "taken": JSON(taken),
            "seals": JSON(seals), "uses": JSON(uses), "files": JSON(files), "archives": JSON(archives),
            "draws": JSON(draws),
            "samples": JSON(samples),
            "altered": .array(
                altered.map { finding in
                    var json = Self.json(finding.code, finding.arguments)
                    json["subject"] = .string(finding.subject)
                    return json
                }
            ),
        ]
    }

    private static func json(_ code: String, _ arguments: [String: String]) -> JSON {
        ["code": .string(code), "arguments": .object(arguments.mapValues(JSON.string))]
    }
}
