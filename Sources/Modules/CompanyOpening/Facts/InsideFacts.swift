import Cases
public import CompanyNames
public import Kernel
import Registers
import Standards
import Storage

/// What our own tables say about an opening, read in one snapshot.
struct InsideFacts: Sendable {
    var name: JSON
    var scope: JSON
    var address: JSON
    var agent: JSON
    var disputes: JSON
    /// Until when somebody may not register (Regulations, article 40), by identity.
    var bans: [String: LocalDate]
    /// The share of cases like this one that is drawn for later control, per cent: the higher one where somebody
    /// who answers for the firm has left a promise broken.
    var sampleRate: Int64
    /// A trade whose law asks for paid-in or minimum capital.
    var paidInTrade: Bool
}

extension CompanyOpening {
    func insideFacts(
        of subject: Case,
        form: CompanyForm,
        people: [String: PersonAnswers],
        limits: JSON,
        occasion: Occasion,
        in reader: any Reader
    ) throws -> InsideFacts {
        let today = occasion.now.date
        let line = form.addressLine { regionName($0) }
        let notes = try personNotes(of: form, occasion: occasion, in: reader)
        let rows = form.scope.compactMap { book.phrase($0, on: today) }
        return InsideFacts(
            name: try nameFacts(of: subject, form: form, occasion: occasion, in: reader),
            scope: ScopeFacts.facts(
                of: form,
                book: book,
                today: today,
                approvalDays: Int(limits["approvalDays"].int ?? 0)
            ),
            address: try AddressFacts.facts(
                of: form,
                line: line,
                book: book,
                keys: keys,
                regions: { standards.regions[$0] != nil },
                occasion: occasion,
                in: reader
            ),
            agent: try agentFacts(of: form, line: line, limits: limits, occasion: occasion, in: reader),
            disputes: try disputes(
                of: subject,
                form: form,
                line: line,
                people: notes,
                occasion: occasion,
                in: reader
            ),
            bans: notes.mapValues { $0.filter { $0.kind == .ban }.compactMap { $0.until?.date }.max() }
                .compactMapValues { $0 },
            sampleRate: limits[
                notes.values.joined().contains { $0.kind == .brokenPromise }
                    ? "sampleRateHighPercent" : "sampleRatePercent"
            ].int ?? 0,
            paidInTrade: rows.contains { Self.paidInSections.contains(section(of: $0["industry"])) }
        )
    }

    /// Finance (section J of GB/T 4754) has capital rules of its own.
    private static let paidInSections: Set<String> = ["J"]

    private func section(of industry: String) -> String { standards.industries[industry]?.section ?? "" }

    /// R08: the reservation, and the same and near names on this very day.
    private func nameFacts(
        of subject: Case,
        form: CompanyForm,
        occasion: Occasion,
        in reader: any Reader
    ) throws -> JSON {
        var facts: JSON = [
            "needed": .bool(form.hasName), "reservation": "none", "until": "", "same": 0, "sameName": "",
            "nearScore": 0, "nearName": "", "person": false, "personWhy": "",
        ]
        guard form.hasName else { return facts }
        if let id = form.reservation, let entry = try NameLibrary.find(ID(id), in: reader) {
            facts["until"] = .string(entry.lastDay?.description ?? "")
            if entry.state == .expired {
                // An expired name belongs to nobody any more; the applicant learns that, not that another has it.
                facts["reservation"] = "expired"
            } else if entry.owner != subject.applicant || entry.parts.text != form.nameParts.text {
                facts["reservation"] = "other"
            } else if entry.isLive(at: occasion.now), entry.state == .reserved || entry.state == .held {
                facts["reservation"] = "own"
            } else {
                facts["reservation"] = "expired"
            }
        }
        let report = try NameCheck.run(
            proposal(for: form, applicant: subject.applicant, on: occasion.now.date),
            under: nameRules,
            now: occasion.now,
            in: reader
        )
        let same = report.findings.filter { $0.check == .same && $0.severity == .refuse }
        facts["same"] = JSON(same.count)
        facts["sameName"] = .string(same.first?.arguments["name"] ?? "")
        facts["nearScore"] = JSON(report.nearest.map(\.score).max() ?? 0)
        facts["nearName"] = .string(report.nearest.first?.text ?? "")
        let people = report.findings.filter { $0.severity == .person && $0.check != .near }
        facts["person"] = .bool(!people.isEmpty)
        facts["personWhy"] = .string(people.first?.code ?? "")
        return facts
    }

    /// The wish as the name library reads it.
    public func proposal(for form: CompanyForm, applicant: String, on date: LocalDate) -> NameProposal {
        let kind: NameSubject = form.kind == .llc ? .limitedCompany : .soleTrader
        let body = registering(
            of: form.district,
            subject: kind,
            capital: Money(fen: form.capital),
            on: date
        ).body
        let main = form.scope.first.flatMap { book.phrase($0, on: date)?["industry"] }
        return NameProposal(
            parts: form.nameParts,
            subject: kind,
            scope: body?.nameScope ?? form.district,
            region: form.district,
            industry: form.data["name"]["tradeIndustry"].text ?? main,
            applicant: applicant,
            kin: form.firms.compactMap { $0["creditCode"].text },
            needsApproval: needsApproval(form, on: date),
            mongolian: form.data["name"]["mongolian"].text
        )
    }

    /// R16: who applies, and signs of registrations in bulk.
    private func agentFacts(
        of form: CompanyForm,
        line: String,
        limits: JSON,
        occasion: Occasion,
        in reader: any Reader
    ) throws -> JSON {
        let applicant = form.data["applicant"]
        let since = occasion.now + -(limits["openingDays"].int ?? 0) * Instant.day
        let person = NamedPerson(applicant, role: .applicant)
        let key = person.map(personKey) ?? ""
        let liaison = form.data["liaison"]["idNumber"].text
        let agencyCode = applicant["agencyCode"].text
        return [
            "role": .string(applicant["role"].text ?? ""), "named": .bool(form.namesApplicant),
            "isAgent": .bool(applicant["role"].text == "agent"),
            "isLiaison": .bool(liaison != nil && liaison == applicant["idNumber"].text),
            "ownFirm": .bool(
                agencyCode != nil && form.firms.contains { $0["creditCode"].text == agencyCode }
            ),
            "phoneFirms": JSON(
                try LinkStore.count("phone", key: keys.phone(applicant["phone"].text ?? ""), in: reader)
            ),
            "openingsByPerson": JSON(try LinkStore.count("applicant", key: key, since: since, in: reader)),
            "openingsByAddress": JSON(
                try LinkStore.count("address", key: keys.address(line), since: since, in: reader)
            ),
            "batch": .bool(form.data["batch"].bool ?? false),
            "age": person?.birthDate.map { JSON($0.years(until: occasion.now.date)) } ?? 18,
        ]
    }

    /// R17: complaints, court notices and disputes about the case, its name, its address, its people.
    private func disputes(
        of subject: Case,
        form: CompanyForm,
        line: String,
        people: [String: [RegisterNote]],
        occasion: Occasion,
        in reader: any Reader
    ) throws -> JSON {
        let objects = ["address:\(keys.address(line))", "name:\(form.registeredName)"]
        var notes = try objects.flatMap { try NoteStore.standing(on: $0, at: occasion.now, in: reader) }
        notes += form.people.flatMap { people[$0.identity] ?? [] }
        let (standing, doubtful) = try ObjectionStore.concerning(subject.id, in: reader)
        return [
            "complaints": JSON(standing.count + doubtful.count + notes.count { $0.kind == .complaint }),
            "courtNotices": JSON(notes.count { $0.kind == .courtNotice }),
            "name": JSON(notes.count { $0.kind == .dispute }),
        ]
    }

    /// The notes that stand beside everybody named, by identity.
    private func personNotes(
        of form: CompanyForm,
        occasion: Occasion,
        in reader: any Reader
    ) throws -> [String: [RegisterNote]] {
        var notes: [String: [RegisterNote]] = [:]
        for person in form.people where notes[person.identity] == nil {
            notes[person.identity] = try NoteStore.standing(
                on: "person:\(personKey(person))",
                at: occasion.now,
                in: reader
            )
        }
        return notes
    }
}
