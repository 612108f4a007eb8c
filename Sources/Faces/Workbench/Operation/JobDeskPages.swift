import Identity
import Jobs
import Kernel
import Storage
import Web

/// What the platform could not do after all its tries, for the administrator of the system: why, and starting it again.
enum JobDeskPages {
    static func routes(_ desk: WorkbenchDesk) -> [Route] {
        [
            .page(
                .get,
                "/desk/jobs",
                who: [.systemAdmin],
                scope: .platform,
                zh: "停止的后台任务",
                en: "Background work that stopped"
            ) { visit in
                _ = try desk.permissions.scope("job.revive", of: try desk.seat(visit).principal)
                return try await page(visit, desk)
            },
            .page(
                .post,
                "/desk/jobs",
                who: [.systemAdmin],
                scope: .platform,
                zh: "重新启动后台任务",
                en: "Start background work again"
            ) { visit in
                _ = try desk.permissions.scope("job.revive", of: try desk.seat(visit).principal)
                guard let what = visit.form.trimmed("what").flatMap(DeadLetter.What.init(rawValue:)),
                    let kind = visit.form.trimmed("kind")
                else { throw WebRefusal.badField(name: visit.text("jobs.column.kind")) }
                try ActView.requireConfirmation(visit)
                let (key, occasion) = (visit.form.trimmed("key"), visit.occasion)
                do {
                    try await desk.database.write { tx in
                        guard let key else {
                            try DeadLetters.reviveAll(what, kind: kind, occasion: occasion, in: tx)
                            return
                        }
                        try DeadLetters.revive(what, kind: kind, key: key, occasion: occasion, in: tx)
                    }
                } catch let refusal as JobError {
                    return try await page(refusal: refusal, visit, desk)
                }
                return .redirect(to: "/desk/jobs")
            },
        ]
    }

    private static func page(refusal: JobError? = nil, _ visit: Visit, _ desk: WorkbenchDesk) async throws
        -> Reply
    {
        let countMax = desk.operation(visit.now.date).deadLetters
        let dead = try await desk.database.read { try DeadLetters.all(countMax: countMax, in: $0) }
        let kinds = Dictionary(grouping: dead) { Kind(what: $0.what, name: $0.kind) }
            .sorted { $0.value.count > $1.value.count }
        return .page(
            "workbench/jobs",
            JobDeskView(
                notice: refusal.map { visit.explain($0) }.map { NoticeView(.bad, title: $0.wrong, $0.next) },
                isEmpty: dead.isEmpty,
                kinds: kinds.enumerated().map { place, one in
                    JobDeskView.Kind(one.key, one.value, place: place, visit)
                }
            ),
            heading: Heading(visit.text("jobs.title"), section: "jobs", hasErrors: refusal != nil),
            status: refusal.map { $0.status.rawValue } ?? 200
        )
    }

    struct Kind: Hashable {
        let what: DeadLetter.What
        let name: String
    }
}

/// Template: `workbench/jobs`.
struct JobDeskView: PageView {
    struct Line: PageView {
        let key: String
        let about: String
        let attempts: Int
        let why: String
        let since: String
        let age: String
        let id: String
    }

    struct Kind: PageView {
        let what: String
        let name: String
        let words: String
        let id: String
        let lines: [Line]
        let confirmation: String

        init(_ kind: JobDeskPages.Kind, _ letters: [DeadLetter], place: Int, _ visit: Visit) {
            what = kind.what.rawValue
            name = kind.name
            words = visit.text("jobs.\(kind.what.rawValue)", ["count": String(letters.count)])
            let id = "kind-\(place)"
            self.id = id
            confirmation = visit.text("jobs.confirm")
            lines = letters.enumerated().map { row, letter in
                Line(
                    key: letter.key,
                    about: letter.object,
                    attempts: letter.attempts,
                    why: JobDeskView.why(letter.why, visit),
                    since: letter.since.minuteText,
                    age: JobDeskView.age(visit.now - letter.since, visit),
                    id: "\(id)-\(row)"
                )
            }
        }
    }

    let notice: NoticeView?
    let isEmpty: Bool
    let kinds: [Kind]

    /// The words of a refusal, or the name of the error as it is.
    static func why(_ code: String?, _ visit: Visit) -> String {
        guard let code else { return visit.dash(nil) }
        return visit.has("refusal.\(code)") ? visit.text("refusal.\(code)") + "（\(code)）" : code
    }

    static func age(_ milliseconds: Int64, _ visit: Visit) -> String {
        let hours = max(0, milliseconds) / Instant.hour
        return hours < 48
            ? visit.text("jobs.hours", ["count": String(hours)])
            : visit.text("jobs.days", ["count": String(hours / 24)])
    }
}
