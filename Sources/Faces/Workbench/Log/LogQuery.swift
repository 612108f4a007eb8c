import Audit
import Cases
import Identity
import Kernel
import Registers
import Storage
import Web

/// What was typed, and the search that it means.
struct LogQuery: Sendable {
    private(set) var search: AuditSearch
    private let actor: String
    private let object: String
    let purpose: String
    private let from: LocalDate
    private let until: LocalDate

    /// Before anything was asked.
    init(blank visit: Visit) {
        let today = visit.now.date
        (from, until, purpose, actor, object) = (today, today, "", "", "")
        search = AuditSearch(from: visit.now, until: visit.now)
    }

    /// - Throws: `badField` without a reason, for a day that is none, or days the wrong way round.
    init(_ visit: Visit, daysBack: Int) throws {
        func words(_ name: String) -> String? {
            visit.form.trimmed(name).flatMap { $0.isEmpty ? nil : String($0.prefix(200)) }
        }
        func day(_ name: String, or missing: LocalDate) throws(WebRefusal) -> LocalDate {
            guard let words = words(name) else { return missing }
            guard let day = LocalDate(parsing: words) else {
                throw .badField(name: visit.text("log.field.\(name)"))
            }
            return day
        }
        guard let purpose = words("purpose") else {
            throw WebRefusal.badField(name: visit.text("log.field.purpose"))
        }
        self.purpose = purpose
        until = try day("until", or: visit.now.date)
        from = try day("from", or: until.adding(days: -daysBack))
        guard from <= until else { throw WebRefusal.badField(name: visit.text("log.field.from")) }
        (actor, object) = (words("actor") ?? "", words("object") ?? "")
        search = AuditSearch(
            subject: words("subject"),
            from: Instant(from),
            until: Instant(until.adding(days: 1)),
            before: words("before").flatMap { Int64($0) }
        )
    }

    /// The same with what the typed words stand for: a login and an account for whoever holds it, the number of a case
    /// for the case, a credit code for the enterprise and its entry. What stands for nothing is
    /// looked for as it is.
    func resolved(_ desk: WorkbenchDesk, in reader: any Reader) throws -> LogQuery {
        var query = self
        // Nothing but letters and digits is a number or a code: other words are never taken to the tables.
        func isCode(_ typed: String) -> Bool {
            !typed.isEmpty
                && typed.unicodeScalars.allSatisfy {
                    $0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0)
                }
        }
        if !actor.isEmpty {
            let accounts = [
                try Accounts.find(login: Login(typed: actor), keys: desk.identity.keys, in: reader),
                isCode(actor) ? try Accounts.find(ID(actor), in: reader) : nil,
            ]
            query.search.actors = [actor] + accounts.compactMap { $0?.holder }
        }
        if !object.isEmpty {
            if isCode(object), let found = try CaseStore.find(number: object, in: reader) {
                query.search.objects = [found.object]
            } else if isCode(object), let entry = try RegisterStore.find(object, in: reader) {
                query.search.objects = ["enterprise:\(object)", entry.object]
            } else {
                query.search.objects = [object]
            }
        }
        return query
    }

    /// The same about the person who holds what was typed.
    func about(_ person: String) -> LogQuery {
        var query = self
        query.search.subject = person
        return query
    }

    private var values: [(name: String, value: String)] {
        [
            ("actor", actor), ("object", object),
            ("subject", search.subject ?? ""), ("from", purpose.isEmpty ? "" : from.description),
            ("until", purpose.isEmpty ? "" : until.description), ("purpose", purpose),
        ]
    }

    func fields(_ visit: Visit) -> [LogView.Field] {
        values.map { name, value in
            LogView.Field(
                name: name,
                value: value,
                label: visit.text("log.field.\(name)"),
                hint: visit.text("log.hint.\(name)"),
                isRequired: name == "purpose"
            )
        }
    }

    /// The same question once more, for the next page or for a file.
    func again(before: Int64?) -> LogView.Again {
        LogView.Again(
            fields: (values + [("before", before.map { String($0) } ?? "")]).map {
                LogView.Hidden(name: $0.name, value: $0.value)
            }
        )
    }
}
