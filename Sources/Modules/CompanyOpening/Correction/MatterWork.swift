import Audit
import Cases
import Catalogue
import Correspondence
import Credentials
import Deadlines
import Jobs
import Kernel
import Registers
import Storage

/// One event of a matter inside its transaction: what it stands on, and what it can bring about.
struct MatterWork {
    let corrections: Corrections
    var matter: Correction
    /// The entry as it stood before the event.
    let subject: RegisterSubject
    var granted: Case
    let limits: DatedLimits
    let occasion: Occasion
    let tx: any Transaction
    /// Identifiers of what was filed in this event.
    var filed: [JSON] = []

    var opening: CompanyOpening { corrections.opening }
    var today: LocalDate { occasion.now.date }
    var form: CompanyForm { CompanyForm(granted.data) }

    /// Whether somebody asked for it, besides the authority itself.
    var hasApplicant: Bool { matter.decision["applicant"].text?.isEmpty == false }

    func limit(_ name: String) -> LimitValue? { limits.value(name, region: subject.region, on: today) }

    // MARK: Clocks

    /// Starts the clock of a dated limit.
    /// - Returns: its identifier; nil where the limit is not in force.
    func startClock(_ name: String) throws -> String? {
        guard let period = limit(name)?.period else { return nil }
        return try Deadlines.start(
            name,
            for: matter.object,
            budget: Period(period.text),
            rule: limits[name]?.law ?? name,
            calendar: corrections.calendar,
            occasion: occasion,
            in: tx
        ).id.rawValue
    }

    mutating func endClock() throws {
        guard let clock = matter.clock else { return }
        try Deadlines.end(ID(clock), calendar: corrections.calendar, occasion: occasion, in: tx)
        matter.clock = nil
    }

    func due(_ clock: String?) throws -> LocalDate? {
        guard let clock else { return nil }
        return try Deadlines.find(ID(clock), in: tx)?.due(corrections.calendar).date
    }

    /// - Throws: `CorrectionError.noticeRunning` while the publication for somebody out of reach still runs,
    ///   `.noticeEndUnknown` while nobody can say when it ends.
    func requireNoticeOver() throws {
        guard matter.isNoticed else { return }
        // A calendar that came meanwhile tells the last day.
        guard let until = try matter.noticeEnds ?? due(matter.noticeClock) else {
            throw CorrectionError.noticeEndUnknown
        }
        if today <= until { throw CorrectionError.noticeRunning(until: until) }
    }

    // MARK: The register

    /// An act of the register about this matter, which its own notes do not hold up.
    @discardableResult
    func act(
        _ act: RegisterAct,
        _ changes: [String: JSON] = [:],
        filings: [RegisterFiling] = [],
        ending: Set<String> = []
    ) throws -> RegisterSubject {
        try Register.act(
            act,
            on: subject.code,
            changes: .object(changes),
            filings: filings,
            ending: ending,
            caseID: granted.id.rawValue,
            force: true,
            occasion: occasion,
            in: tx
        )
    }

    /// - Parameter object: the subject's code when nil.
    func note(
        _ kind: RegisterNote.Kind,
        on object: String? = nil,
        id: ID<RegisterNote>? = nil,
        until: Instant? = nil
    ) throws {
        try NoteStore.insert(
            RegisterNote(
                id: id ?? occasion.newID(),
                register: subject.register,
                object: object ?? subject.code,
                kind: kind,
                text: matter.object,
                blocks: false,
                from: occasion.now,
                until: until,
                liftedAt: nil
            ),
            in: tx
        )
    }

    /// Lifts the notes that this matter set beside an object, the subject's code when nil.
    func lift(_ kinds: Set<RegisterNote.Kind>, on object: String? = nil) throws {
        for note in try NoteStore.standing(on: object ?? subject.code, at: occasion.now, in: tx)
        where kinds.contains(note.kind) && note.text == matter.object {
            try NoteStore.lift(note.id, at: occasion.now, in: tx)
        }
    }

    /// Notes the end of the case's good standing, or its return.
    mutating func moveCase(_ event: CaseEvent) throws {
        granted.state = try granted.state.after(event, in: granted.procedure)
        granted = try CaseStore.update(granted, in: tx)
    }

    func happened(_ act: String) throws {
        try HappeningStore.append(
            act,
            to: granted.id,
            details: ["correction": .string(matter.id.rawValue)],
            occasion: occasion,
            in: tx
        )
    }

    /// What named persons complained of is decided with the matter.
    func closeObjections(as state: Objection.State) throws {
        try ObjectionStore.closeAll(
            of: granted.id,
            as: state,
            outcome: matter.object,
            at: occasion.now,
            in: tx
        )
    }

    /// A proposed correction of a registration that is withdrawn has nothing left to correct.
    func dropSlips() throws {
        for var slip in try CorrectionStore.of(subject.code, in: tx)
        where slip.kind == .slip && slip.state.isOpen && slip.id != matter.id {
            slip.state = try slip.state.after(.drop)
            slip.decidedAt = occasion.now
            slip.decision["withdrawnBy"] = .string(matter.object)
            try CorrectionStore.update(slip, in: tx)
            try AuditLog.append(
                "correction.drop",
                object: slip.object,
                after: slip.decision,
                occasion: occasion,
                in: tx
            )
        }
    }

    // MARK: Telling

    /// Tells all parties that were told of the entry what became of it, and opens its publication.
    mutating func tell(_ kind: String, about after: RegisterSubject, isOver: Bool = false) throws {
        let told = try opening.tellParties(
            PartyNotice(kind: kind, subject: after, matter: matter, decidedOn: today, isOver: isOver),
            of: granted,
            occasion: occasion,
            in: tx
        )
        matter.decision["told"] = .array(told.parties.map(JSON.string))
        if !told.setAside.isEmpty { matter.decision["setAside"] = .array(told.setAside.map(JSON.string)) }
        try opening.publish(
            kind,
            of: after,
            period: limit("publication")?.period?.text,
            occasion: occasion,
            in: tx
        )
    }

    /// A short message to everybody named in the registration.
    func messageNamedPersons(_ kind: String, scope: String) throws {
        for person in form.people where !person.phone.isEmpty {
            try opening.notify(
                granted,
                CaseMessage(
                    kind: kind,
                    phone: person.phone,
                    arguments: ["company": subject.name, "scope": scope]
                ),
                occasion,
                tx
            )
        }
    }

    /// Writes and files a paper of the authority about the matter, in the case's own folder; the event keeps which.
    mutating func paper(_ kind: String, _ fields: JSON) throws {
        let region = opening.regionName(subject.region)
        let agency = opening.agencyName(subject.agency)
        var all: JSON = [
            "companyName": .string(subject.name), "creditCode": .string(subject.code),
            "caseNumber": .string(granted.number), "agencyName": .string(agency), "contact": "12345",
            "reviewBody": .string("\(region)人民政府"), "court": .string("\(region)人民法院"),
            "party": .string(subject.name), "applicant": .string(form.data["applicant"]["name"].text ?? ""),
        ]
        for (key, value) in fields.members { all[key] = value }
        var chosen: JSON = [:]
        for name in try opening.correspondence.library.fields(of: kind) {
            let bare = name.hasSuffix("?") ? String(name.dropLast()) : name
            if !all[bare].isNull { chosen[bare] = all[bare] }
        }
        let document = try opening.correspondence.render(kind, fields: chosen, on: today, agencyWord: agency)
        let paper = try opening.correspondence.file(
            document,
            caseID: granted.id.rawValue,
            agency: subject.agency,
            occasion: occasion,
            in: tx
        )
        filed.append(.string(paper.id.rawValue))
    }

    func log(_ act: String) throws {
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
