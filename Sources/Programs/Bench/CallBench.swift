import Foundation
import Kernel
import NIOCore
import Storage

/// A real call of `/api/v1` through everything that a request passes, against a route of the same HTTP library that does
/// nothing. Both are asked in short turns by the same client over 64 connections, so that a disturbance does not fall on
/// one side alone; a route that writes or reads one row, and nothing else, is asked in between.
enum CallBench {
    private static let turns = 4
    private static let turnSeconds = 1.5

    /// Beginning a case: row, line of the timeline, entry of the log, event, timer and idempotency key in one commit.
    static func writes(_ settings: BenchSettings) async throws -> [BenchFigure] {
        try await inFolder(settings, "api-write") { course in
            let count = settings.writes
            let callers = try await course.callers(CallCourse.people(for: count), withDraft: false)
            let calls = CallCourse.writes(of: callers, count: count)
            let first = calls.messages.prefix(64)
            let some = LoadClient.Requests(messages: first, isOnce: false, status: 200)
            let measured = try await measure(
                course,
                calls: calls,
                bare: CallCourse.same(some) { _ in "POST /bare HTTP/1.1" },
                naked: CallCourse.same(some) { _ in "POST /naked HTTP/1.1" },
                settings
            )
            guard measured.nakedRows == Int64(measured.naked.answers) else {
                throw BenchFault("\(measured.nakedRows) rows are there for \(measured.naked.answers) answers")
            }
            let note = try await CallProof(home: settings.home, folder: course.path).prove(
                measured.all.bodies,
                of: callers
            )
            return figures("api-write", "naked-write", measured, note: "POST /api/v1/cases; \(note)")
        }
    }

    /// Saving one's own form: the row is changed and an entry of the log written, after the whole form was checked.
    static func saves(_ settings: BenchSettings) async throws -> [BenchFigure] {
        try await inFolder(settings, "api-save") { course in
            let callers = try await course.callers(savers, withDraft: true)
            let calls = CallCourse.saves(of: callers, count: settings.writes, turns: turns + 1)
            let some = LoadClient.Requests(messages: calls.messages.prefix(64), isOnce: false, status: 200)
            let measured = try await measure(
                course,
                calls: calls,
                bare: CallCourse.same(some) { _ in "POST /bare HTTP/1.1" },
                naked: CallCourse.same(some) { _ in "POST /naked HTTP/1.1" },
                settings
            )
            let note = try await CallProof(home: settings.home, folder: course.path).prove(
                saved: measured.all.answers,
                of: callers
            )
            return figures("api-save", nil, measured, note: "PUT /api/v1/cases/{id}/data; \(note)")
        }
    }

    /// So many in each turn that nobody's next saving is sent before his last was answered.
    private static let savers = 2_000

    /// Reading one's own case, by its identifier: session, permission, case, steps.
    static func reads(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let lite = try await inFolder(settings, "api-read") { course in
            figures("api-read", "naked-read", try await measureReads(course, settings), note: readNote)
        }
        let postgres = try BenchPostgres.start(in: settings)
        defer { postgres?.stop() }
        guard let postgres else {
            return lite + [
                BenchFigure(
                    "api-read-postgres.calls",
                    0,
                    "requests/s",
                    peer: "bare route",
                    note: "PostgreSQL is not installed"
                )
            ]
        }
        let url = try postgres.makeDatabase("calls")
        return lite
            + (try await inFolder(settings, "api-read-postgres", url) { course in
                let measured = try await measureReads(course, settings)
                return figures(
                    "api-read-postgres",
                    nil,
                    measured,
                    note: "\(postgres.version), durable; \(readNote)"
                )
            })
    }

    private static let readNote = "GET /api/v1/cases/{id} of one's own case"
    private static let readers = 400

    private static func measureReads(_ course: CallCourse, _ settings: BenchSettings) async throws
        -> Measured
    {
        let callers = try await course.callers(readers, withDraft: true)
        let calls = CallCourse.reads(of: callers)
        return try await measure(
            course,
            calls: calls,
            bare: CallCourse.same(calls) { _ in "GET /bare HTTP/1.1" },
            naked: CallCourse.same(calls) {
                "GET /naked/\(1 + Int64($0 * 7_919) % BareServer.rows) HTTP/1.1"
            },
            settings
        )
    }

    struct Measured {
        var bare = LoadClient.Turn()
        var naked = LoadClient.Turn()
        var calls = LoadClient.Turn()
        /// Those of the first turn too, which is not measured.
        var all = LoadClient.Turn()
        var nakedRows: Int64 = 0
        /// Of the server in the measured turns.
        var coreSeconds = 0.0

        /// What one call costs the server, however busy the machine is.
        var microseconds: Double { calls.answers == 0 ? 0 : coreSeconds * 1e6 / Double(calls.answers) }
    }

    static func measure(
        _ course: CallCourse,
        calls: LoadClient.Requests,
        bare: LoadClient.Requests,
        naked: LoadClient.Requests,
        _ settings: BenchSettings
    ) async throws -> Measured {
        let server = try await course.server()
        defer { server.kill() }
        do {
            let measured = try await BareServer.serving(folder: course.path) { other in
                var measured = Measured()
                try await take(turns, server, other, (calls, bare, naked), settings, into: &measured)
                measured.nakedRows += try await other.written()
                return measured
            }
            try await server.stop()
            return measured
        } catch {
            throw BenchFault("\(error)\n\(server.complaints)")
        }
    }

    /// Turn by turn; the first warms everything up and does not count.
    private static func take(
        _ turns: Int,
        _ server: BenchServer,
        _ other: BareServer,
        _ requests: (calls: LoadClient.Requests, bare: LoadClient.Requests, naked: LoadClient.Requests),
        _ settings: BenchSettings,
        into measured: inout Measured
    ) async throws {
        var calls = requests.calls
        let share = calls.messages.count / (turns + 1)
        for turn in 0...turns {
            if turn == 1 {
                try settings.profiler?.follow([server.processID])
                settings.progress("measuring \(turns) turns of \(turnSeconds) s each")
            }
            let seconds = turn == 0 ? 1 : turnSeconds
            let portion = calls.isOnce ? calls.take(share) : calls
            let empty = try await LoadClient.run(requests.bare, at: other.port, for: seconds)
            let row = try await LoadClient.run(requests.naked, at: other.port, for: seconds)
            let before = server.coreSeconds
            let call = try await LoadClient.run(portion, at: server.port, for: seconds)
            measured.all += call
            guard turn > 0 else {
                measured.nakedRows -= Int64(row.answers)
                continue
            }
            measured.bare += empty
            measured.naked += row
            measured.calls += call
            measured.coreSeconds += server.coreSeconds - before
        }
    }

    static func figures(_ key: String, _ nakedKey: String?, _ measured: Measured, note: String)
        -> [BenchFigure]
    {
        let bare = measured.bare.perSecond
        let times = measured.calls.milliseconds
        func figure(_ key: String, _ turn: LoadClient.Turn, note: String) -> BenchFigure {
            BenchFigure(
                "\(key).calls",
                turn.perSecond,
                "requests/s",
                peer: "bare route",
                against: bare,
                note: note
            )
        }
        let naked = measured.naked.milliseconds
        return [
            figure(
                key,
                measured.calls,
                note:
                    "\(note); \(measured.calls.answers) answers, \(LoadClient.connections) connections, \(BenchLine.text(measured.microseconds)) µs of a core each"
            ),
            BenchFigure("\(key).p50", Stopwatch.percentile(0.5, of: times), "ms"),
            BenchFigure("\(key).p99", Stopwatch.percentile(0.99, of: times), "ms"),
        ]
            + (nakedKey.map { name in
                [
                    figure(
                        name,
                        measured.naked,
                        note:
                            "one row and nothing else; p50 \(BenchLine.text(Stopwatch.percentile(0.5, of: naked))) ms, p99 \(BenchLine.text(Stopwatch.percentile(0.99, of: naked))) ms; the bare route's p50 \(BenchLine.text(Stopwatch.percentile(0.5, of: measured.bare.milliseconds))) ms"
                    )
                ]
            } ?? [])
    }

    static func inFolder<Answer>(
        _ settings: BenchSettings,
        _ name: String,
        _ databaseURL: String? = nil,
        _ body: (CallCourse) async throws -> Answer
    ) async throws -> Answer {
        let path = "\(settings.folder)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(CallCourse(settings: settings, path: path, databaseURL: databaseURL))
    }
}
