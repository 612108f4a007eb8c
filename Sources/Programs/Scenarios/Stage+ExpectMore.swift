import Audit
import Cases
import Catalogue
import CompanyOpening
import Credentials
import Deadlines
import Draws
import Exchange
import Forms
import Kernel
import Registers
import Server
import Standards
import Storage

/// What must be true of decisions, clocks, parties, entries and versions.
extension Stage {
    /// How every decision came about.
    func checkReasons(_ expected: Expectation, _ decisions: [Decision]) -> [String] {
        var wrong: [String] = []
        if let wanted = expected.decisions {
            let found = decisions.map(\.outcome.rawValue)
            if wanted != found { wrong.append("decisions: expected \(wanted), found \(found)") }
        }
        guard let last = decisions.last else { return wrong }
        if let decider = expected.decider {
            let found = last.by.kind == .platform ? last.by.id : last.by.role
            if found != decider { wrong.append("decider: expected \(decider), found \(found)") }
        }
        if let reads = expected.reads {
            let times = last.findings.reduce(into: [String: Instant]()) { known, finding in
                known.merge(finding.dataTimes) { max($0, $1) }
            }
            if Self.list(reads) != Self.list(Array(times.keys)) {
                wrong.append("reads: expected \(Self.list(reads)), found \(Self.list(Array(times.keys)))")
            }
            for (source, time) in times where time > last.at {
                wrong.append("\(source) was read after the decision")
            }
            // A rule for each of several keeps nothing where there is none, such as R13 without corporate shareholders,
            // nor does one that does not apply, such as the draw of a case that is not granted.
            for finding in last.findings
            where finding.inputs.members.isEmpty && finding.subject == nil
                && Set(finding.rows).isDisjoint(with: ["nobody", "not-applicable"])
            {
                wrong.append("\(finding.rule) kept no inputs")
            }
        }
        for (rule, columns) in expected.inputs.sorted(by: { $0.key < $1.key }) {
            let inputs = last.findings.first { $0.rule == rule }?.inputs ?? [:]
            for (column, wanted) in columns.sorted(by: { $0.key < $1.key }) {
                let found = Self.plain(inputs[column])
                if found != wanted {
                    wrong.append("\(rule) saw \(column): expected \(wanted), found \(found)")
                }
            }
        }
        return wrong
    }

    /// Everything a party receives, member by member; `staff[]` stands for every row.
    private static func members(of value: JSON, under path: String = "") -> Set<String> {
        switch value {
        case .object(let members):
            members.reduce(into: Set()) {
                $0.formUnion(Self.members(of: $1.value, under: path.isEmpty ? $1.key : "\(path).\($1.key)"))
            }
        case .array(let elements):
            elements.isEmpty
                ? [path]
                : elements.reduce(into: Set()) { $0.formUnion(Self.members(of: $1, under: "\(path)[]")) }
        default: [path]
        }
    }

    private static func plain(_ value: JSON) -> String { value.text ?? value.canonical }

    private static func compare(_ what: String, _ wanted: [String: String], in value: JSON) -> [String] {
        wanted.sorted { $0.key < $1.key }.compactMap { path, text in
            guard let at = FormPath(parsing: path) else { return "\(path) is no path" }
            let found = value[at].isNull ? "nothing" : plain(value[at])
            return found == text ? nil : "\(what) \(path): expected \(text), found \(found)"
        }
    }

    func checkSent(_ expected: Expectation, of subject: Case) async throws -> [String] {
        let lines = try await platform.database.read {
            try ExchangeStore.lines(of: subject.id.rawValue, in: $0)
        }
        func line(_ step: String) -> PartyLine? {
            lines.first { $0.order.key.split(separator: "/").dropFirst().first.map(String.init) == step }
        }
        var wrong: [String] = []
        for (step, wanted) in expected.fields.sorted(by: { $0.key < $1.key }) {
            let found = Self.list(Array(Self.members(of: line(step)?.order.fields ?? [:])))
            if Self.list(wanted) != found {
                wrong.append("\(step) receives: expected \(Self.list(wanted)), found \(found)")
            }
        }
        for (step, wanted) in expected.sent.sorted(by: { $0.key < $1.key }) {
            wrong += Self.compare("\(step) receives", wanted, in: line(step)?.order.fields ?? [:])
        }
        for (step, wanted) in expected.answered.sorted(by: { $0.key < $1.key }) {
            wrong += Self.compare("\(step) answered", wanted, in: line(step)?.answer ?? [:])
        }
        return wrong
    }

    func checkClock(_ expected: Expectation, of subject: Case) async throws -> [String] {
        var wrong: [String] = []
        let calendar = platform.standards.calendar
        if expected.due != nil || expected.light != nil {
            let clock = try await platform.database.read {
                try Deadlines.clocks(of: subject.object, in: $0).last
            }
            if let due = expected.due {
                let found = clock?.due(calendar).date?.description ?? "none"
                if found != due { wrong.append("due: expected \(due), found \(found)") }
            }
            if let light = expected.light {
                var climbed: [String: Instant] = [:]
                if let clock {
                    climbed = try await platform.database.read { try Deadlines.climbed(clock.id, in: $0) }
                }
                climbed["due"] = nil
                let found = climbed.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? "none"
                if found != light { wrong.append("light: expected \(light), found \(found)") }
            }
        }
        if let version = expected.version {
            let found = try await platform.database.read {
                try CatalogueStore.find(subject.definition, in: $0)
            }
            let number = found.map { String($0.number) } ?? "none"
            if number != version { wrong.append("version: expected \(version), found \(number)") }
        }
        if !expected.logged.isEmpty {
            let entries = try await platform.database.read {
                try AuditLog.history(of: subject.object, in: $0)
            }
            for (act, count) in expected.logged.sorted(by: { $0.key < $1.key }) {
                let found = String(entries.count { $0.act == act })
                if found != count { wrong.append("log \(act): expected \(count) times, found \(found)") }
            }
        }
        return wrong
    }

    func checkEntry(_ expected: Expectation, of subject: Case) async throws -> [String] {
        guard expected.needsEntry else { return [] }
        let code = subject.result ?? ""
        let (entry, history, publications, held) = try await platform.database.read { reader in
            (
                try RegisterStore.find(code, in: reader), try RegisterStore.entries(of: code, in: reader),
                try PublicationStore.of(code, in: reader), try Credentials.held(by: code, in: reader)
            )
        }
        var wrong = Self.compare("item", expected.items, in: entry?.items ?? [:])
        let licence = Self.businessLicence(in: held, on: now.date)
        var words = licence?.record.fields ?? [:]
        words["holder"] = JSON(licence?.record.holder.name)
        wrong += Self.compare("licence", expected.licensed, in: words)
        if let acts = expected.acts, acts != history.map(\.act.rawValue) {
            wrong.append("acts: expected \(acts), found \(history.map(\.act.rawValue))")
        }
        if let published = expected.published {
            let found = Self.list(publications.map(\.what))
            if Self.list(published) != found { wrong.append("published: found \(found)") }
        }
        for (what, day) in expected.publicBy.sorted(by: { $0.key < $1.key }) {
            let found = publications.last { $0.what == what }?.dueOn?.description ?? "none"
            if found != day { wrong.append("\(what) public by: expected \(day), found \(found)") }
        }
        if let wanted = expected.code, !code.hasPrefix(wanted) {
            wrong.append("code: expected \(wanted)…, found \(code)")
        }
        if expected.matter != nil || expected.matterDue != nil {
            let matter = try await platform.database.read { try CorrectionStore.of(code, in: $0).last }
            if let wanted = expected.matter, wanted != matter?.state.rawValue {
                wrong.append("matter: expected \(wanted), found \(matter?.state.rawValue ?? "none")")
            }
            var day = matter?.noticeEnds ?? matter?.investigationEnds
            if day == nil, let clock = matter?.clock {
                day = try await platform.database.read { try Deadlines.find(ID(clock), in: $0) }?
                    .due(platform.standards.calendar).date
            }
            if let wanted = expected.matterDue, wanted != day?.description {
                wrong.append("matterDue: expected \(wanted), found \(day?.description ?? "none")")
            }
        }
        if let banned = expected.banned {
            let found = try await self.banned()
            if Self.list(banned) != Self.list(found) { wrong.append("banned: found \(Self.list(found))") }
        }
        return wrong
    }

    /// People of the cast who may not register at present.
    private func banned() async throws -> [String] {
        let (keys, now, people) = (platform.personKeys, now, cast.people)
        return try await platform.database.read { reader in
            try people.filter { _, person in
                let key = keys.person(
                    idKind: person["idKind"].text ?? "",
                    idNumber: person["idNumber"].text ?? ""
                )
                return try NoteStore.standing(on: "person:\(key)", at: now, in: reader)
                    .contains { $0.kind == .ban }
            }.map(\.key)
        }
    }

    /// The measures of the platform over everything that was handed in since the day before the story.
    func checkMeasures(_ expected: Expectation, of subject: Case) async throws -> [String] {
        guard !expected.measures.isEmpty else { return [] }
        let now = now
        let definition = try await platform.desk.definition(of: subject)
        let limits = definition.limits(subject.region, (subject.submittedAt ?? now).date)
        let scope = MeasureScope(
            item: subject.item,
            regionPrefix: subject.region,
            from: now + -366 * Instant.day,
            until: now + Instant.day,
            promisedMinutes: limits["instantMinutes"].int
        )
        let counted = try await platform.database.read { try MeasureStore.measure(scope, at: now, in: $0) }
        let times = try await platform.database.read { try CaseTimesStore.of(subject.id, in: $0) }
        func minutes(_ duration: Measures.Duration) -> String {
            duration.median.map { String($0 / Instant.minute) } ?? "none"
        }
        let found = [
            "filling": minutes(counted.filling), "approval": minutes(counted.approval),
            "whole": minutes(counted.whole), "granted": String(counted.granted),
            "instant": String(counted.instant), "prompt": counted.prompt.map { String($0) } ?? "none",
            "firstTimeRight": String(counted.firstTimeRight),
            "lines": String(counted.lines), "kept": String(counted.kept), "broken": String(counted.broken),
            "promised": times?.promised?.minuteText ?? "none",
        ]
        return expected.measures.sorted { $0.key < $1.key }.compactMap { key, wanted in
            guard let value = found[key] else { return "there is no measure \(key)" }
            return value == wanted ? nil : "measure \(key): expected \(wanted), found \(value)"
        }
    }

    /// What the day's draw says of the case, and whether everybody can compute it again.
    func checkSample(_ expected: Expectation, of subject: Case) async throws -> [String] {
        guard !expected.sample.isEmpty else { return [] }
        let (kept, all) = try await platform.database.read { reader in
            let kept = try Draws.kept(subject.number, family: ControlSample.family, in: reader)
            return (kept, try kept.map { try Draws.samples(of: $0.draw.id, in: reader) } ?? [])
        }
        guard let kept else {
            return expected.sample == ["kept": "false"] ? [] : ["sample: none was kept"]
        }
        let verdict =
            kept.draw.seed == nil ? "secret" : DrawRule.verify(kept.draw, all) ? "valid" : "invalid"
        let found = [
            "kept": "true", "drawn": String(kept.result.isDrawn), "rate": String(kept.result.rate),
            "day": ControlSample.day(of: kept.draw.purpose)?.description ?? "none", "verdict": verdict,
        ]
        return expected.sample.sorted { $0.key < $1.key }.compactMap { key, wanted in
            guard let value = found[key] else { return "there is no \(key) of a sample" }
            return value == wanted ? nil : "sample \(key): expected \(wanted), found \(value)"
        }
    }

    func checkCatalogue(_ expected: Expectation) async throws -> [String] {
        var wrong: [String] = []
        for (system, count) in expected.versions.sorted(by: { $0.key < $1.key }) {
            let found = try await platform.database.read { try CatalogueStore.versions(of: system, in: $0) }
            let standing = String(found.count { $0.withdrawnAt == nil })
            if standing != count {
                wrong.append("versions of \(system): expected \(count), found \(standing)")
            }
        }
        for (system, wanted) in expected.changes.sorted(by: { $0.key < $1.key }) {
            let changes = try await platform.database.read { reader -> [VersionChange] in
                let versions = try CatalogueStore.versions(of: system, in: reader)
                guard versions.count > 1 else { return [] }
                return VersionComparison.changes(
                    from: try CatalogueStore.folder(of: versions[1].id, in: reader),
                    to: try CatalogueStore.folder(of: versions[0].id, in: reader)
                )
            }
            let found = Self.list(
                changes.map { "\($0.file) \($0.path): \($0.before ?? "nothing") -> \($0.after ?? "nothing")" }
            )
            if Self.list(wanted) != found { wrong.append("changes of \(system): found \(found)") }
        }
        return wrong
    }
}
