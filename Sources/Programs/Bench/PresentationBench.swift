import Audit
import Credentials
import Foundation
import Kernel
import Server
import Storage

/// A licence that is shown by its one-time code: a verifier sends the code and gets the chosen fields, with the use, the
/// log's entry and the event in one durable commit, against a route of the same HTTP library that does nothing.
enum PresentationBench {
    private static let codes = 24_000
    /// One holder's at once (`presentation.open`).
    private static let ofOneHolder = 4

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        try await CallBench.inFolder(settings, "presentation") { course in
            let calls = CallCourse.presentations(of: try await codes(course))
            let some = LoadClient.Requests(messages: calls.messages.prefix(64), isOnce: false, status: 200)
            let measured = try await CallBench.measure(
                course,
                calls: calls,
                bare: CallCourse.same(some) { _ in "POST /bare HTTP/1.1" },
                naked: CallCourse.same(some) { _ in "POST /naked HTTP/1.1" },
                settings
            )
            let (uses, entries) = try await CallProof(home: settings.home, folder: course.path).presented()
            guard uses == measured.all.answers, entries == uses else {
                throw BenchFault(
                    "\(uses) uses and \(entries) entries are there for \(measured.all.answers) answers"
                )
            }
            return CallBench.figures(
                "presentation",
                nil,
                measured,
                note: "POST /api/v1/licences/presentation; proven: each answer's use and its entry of the log"
            )
        }
    }

    /// Codes that are still good when they are asked for, some for each licence.
    private static func codes(_ course: CallCourse) async throws -> [String] {
        course.settings.progress("presentation: \(codes) codes of \(codes / ofOneHolder) licences")
        let town = try await DemoTown(home: course.settings.home, folder: course.path, at: SystemClock().now)
        {
            $0.entropy = SystemEntropy()
        }
        let platform = town.platform
        let presentations = Presentations(
            types: platform.credentials.types.licences,
            database: platform.database
        ) { _ in
            PresentationPolicy(
                life: Instant.day,
                openMax: ofOneHolder,
                guessesMax: 1,
                shortGuessesMax: 1,
                window: Instant.minute,
                keep: Instant.day
            )
        }
        let made = try await inParallel(Array(0..<codes / ofOneHolder), at: 16) { number in
            let occasion = Occasion(
                now: town.clock.now,
                actor: .platform("bench"),
                request: "bench-\(number)"
            )
            let prepared = try await platform.credentials.prepare(draft(number), occasion: occasion)
            let licence = try await platform.database.write {
                try Credentials.store(prepared, occasion: occasion, in: $0)
            }
            var codes: [String] = []
            for _ in 0..<ofOneHolder {
                let wish = PresentationWish(
                    credential: licence.id,
                    holder: licence.record.holder.code,
                    fields: ["number", "premises", "scope"],
                    showsName: true,
                    purpose: "办理供货合同"
                )
                codes.append(try await presentations.make(wish, occasion: occasion).long)
            }
            return codes
        }
        try await town.settle()
        try await platform.keeper.round()
        await platform.database.close()
        return made.flatMap { $0 }
    }

    private static func draft(_ number: Int) -> LicenceDraft {
        LicenceDraft(
            type: "food-operation",
            holder: Holder(.enterprise, code: "BENCH\(number)", name: "包头市某某餐饮有限公司"),
            issuer: IssuingBody(code: "150203", name: "昆都仑区市场监督管理局"),
            region: "150203",
            fields: [
                "number": .string("JY\(number)"), "premises": "包头市昆都仑区少先路12号",
                "businessKind": "餐饮服务经营者", "scope": ["热食类食品制售", "冷食类食品制售"],
                "legalRepresentative": "张三",
            ]
        )
    }
}
