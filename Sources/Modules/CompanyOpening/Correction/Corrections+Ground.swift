import Audit
import Cases
import Catalogue
import Correspondence
import Deadlines
import Jobs
import Kernel
import Registers
import Storage

/// What the acts of a correction share.
extension Corrections {
    typealias Change = (inout Correction, RegisterSubject, Case, DatedLimits, any Transaction) throws -> Void

    static let wordsCharactersMax = 2_000

    static func checked(_ words: String) throws(CorrectionError) -> String {
        guard words.contains(where: { !$0.isWhitespace }), words.count <= wordsCharactersMax else {
            throw .reasonMissing
        }
        return words
    }

    /// The subject and the case that brought it forth.
    func matter(of code: String) async throws -> (RegisterSubject, Case) {
        try await database.read { reader in
            guard let subject = try RegisterStore.find(code, in: reader),
                let granted = try CaseStore.granting(code, in: reader)
            else { throw CorrectionError.notFound }
            return (subject, granted)
        }
    }

    /// One event of a matter in one transaction: state, whatever `act` does, row, log.
    func change(
        _ id: ID<Correction>,
        version: Int,
        by event: CorrectionEvent,
        occasion: Occasion,
        _ act:
            @escaping @Sendable (inout Correction, RegisterSubject, Case, DatedLimits, any Transaction) throws
            -> Void
    ) async throws -> Correction {
        guard let before = try await database.read({ try CorrectionStore.find(id, in: $0) }) else {
            throw CorrectionError.notFound
        }
        let (_, granted) = try await matter(of: before.code)
        let limits = try await definitions.of(granted).system.limits
        return try await database.write { tx in
            guard var matter = try CorrectionStore.find(id, in: tx), matter.version == version,
                let subject = try RegisterStore.find(matter.code, in: tx)
            else { throw CorrectionError.changedMeanwhile }
            let current = try CaseStore.lock(granted.id, in: tx)
            matter.state = try matter.state.after(event)
            try act(&matter, subject, current, limits, tx)
            try CorrectionStore.update(matter, in: tx)
            try log(event.rawValue, matter, granted: current, occasion: occasion, in: tx)
            matter.version += 1
            return matter
        }
    }

    /// Starts the clock of a dated limit.
    /// - Returns: its identifier; nil where the limit is not in force.
    func start(
        _ limit: String,
        for matter: Correction,
        limits: DatedLimits,
        in subject: RegisterSubject,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws -> String? {
        guard let period = limits.value(limit, region: subject.region, on: occasion.now.date)?.period else {
            return nil
        }
        return try Deadlines.start(
            limit,
            for: matter.object,
            budget: Period(period.text),
            rule: limits[limit]?.law ?? limit,
            calendar: calendar,
            occasion: occasion,
            in: tx
        ).id.rawValue
    }

    func end(_ clock: String?, _ occasion: Occasion, _ tx: any Transaction) throws {
        guard let clock else { return }
        try Deadlines.end(ID(clock), calendar: calendar, occasion: occasion, in: tx)
    }

    func due(_ clock: String?, _ reader: any Reader) throws -> LocalDate? {
        guard let clock else { return nil }
        return try Deadlines.find(ID(clock), in: reader)?.due(calendar).date
    }

    /// Lifts the notes that this matter set.
    func lift(_ kind: RegisterNote.Kind, of matter: Correction, _ occasion: Occasion, _ tx: any Transaction)
        throws
    {
        for note in try NoteStore.standing(on: matter.code, at: occasion.now, in: tx)
        where note.kind == kind && note.text == matter.object {
            try NoteStore.lift(note.id, at: occasion.now, in: tx)
        }
    }

    /// Writes and files a paper of the authority about the matter, in the case's own folder.
    func paper(
        _ kind: String,
        _ granted: Case,
        _ subject: RegisterSubject,
        _ fields: JSON,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        let region = opening.regionName(subject.region)
        let agency = opening.agencyName(subject.agency)
        var all: JSON = [
            "companyName": .string(subject.name), "creditCode": .string(subject.code),
            "caseNumber": .string(granted.number), "agencyName": .string(agency), "contact": "12345",
            "reviewBody": .string("\(region)人民政府"), "court": .string("\(region)人民法院"),
            "party": .string(subject.name),
        ]
        for (key, value) in fields.members { all[key] = value }
        var chosen: JSON = [:]
        for name in try opening.correspondence.library.fields(of: kind) {
            let bare = name.hasSuffix("?") ? String(name.dropLast()) : name
            if !all[bare].isNull { chosen[bare] = all[bare] }
        }
        let document = try opening.correspondence.render(
            kind,
            fields: chosen,
            on: occasion.now.date,
            agencyWord: agency
        )
        _ = try opening.correspondence.file(
            document,
            caseID: granted.id.rawValue,
            agency: subject.agency,
            occasion: occasion,
            in: tx
        )
    }

    /// What the parties are told about the entry.
    func record(of subject: RegisterSubject, kind: String) -> JSON {
        var record = subject.items
        record["establishedOn"] = .string(subject.establishedOn.description)
        record["state"] = .string(subject.state.rawValue)
        record["region"] = .string(subject.region)
        return ["creditCode": .string(subject.code), "record": record, "kind": .string(kind)]
    }

    func log(
        _ act: String,
        _ matter: Correction,
        granted: Case,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try AuditLog.append(
            "correction.\(act)",
            object: matter.object,
            after: matter.decision,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "correction.\(act)",
            object: matter.object,
            payload: [
                "code": .string(matter.code), "case": .string(granted.id.rawValue),
                "state": .string(matter.state.rawValue),
            ],
            occasion: occasion,
            in: tx
        )
    }
}
