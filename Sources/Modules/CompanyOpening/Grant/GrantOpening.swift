public import Cases
import CompanyNames
import Correspondence
import Credentials
import Deadlines
public import Kernel
import Registers
import Standards
import Storage

extension CompanyOpening {
    /// Everything that a granted opening brings about. The code is taken from the lease, licence and seals are
    /// signed, links for the named persons are drawn; then one closure writes it all.
    public func grant(_ subject: Case, facts: Facts, limits: JSON, occasion: Occasion) async throws
        -> GrantWork
    {
        let form = CompanyForm(subject.data)
        let today = occasion.now.date
        let settled = facts.values["settled"]
        let accepted = FreeScope.words(FreeScope.accept, of: form, settled: settled)
        let struck = FreeScope.words(FreeScope.strike, of: form, settled: settled)
        let scope = ScopeFacts.text(of: form, free: accepted, book: book, on: today)
        guard !scope.isEmpty else {
            throw CaseError.moduleRefused(code: "case.scope-empty", arguments: [:], status: .notAllowedNow)
        }
        let code = try await codes.next(
            authority: form.kind == .llc ? .enterprise : .soleTrader,
            region: subject.region
        ).rawValue
        let entry = RegisterEntryDraft(
            form: form,
            line: form.addressLine { regionName($0) },
            scope: scope,
            keys: keys,
            today: today
        )
        let prepared = try await credentials.prepare(
            credentialDrafts(of: form, code: code, entry: entry, subject: subject, today: today),
            occasion: occasion
        )
        let record = entry.subject(code: code, of: subject, at: occasion.now)
        guard let hours = limits["signingLinkHours"].int else {
            throw CaseError.unknownStep("limit signingLinkHours")
        }
        let links = form.people.map { _ in SigningLink.make(for: "", entropy: occasion.entropy) }
        let tasks = birthTasks(of: form, code: code, limits: limits, occasion: occasion)
        let appointments = Appointments(form: form, applicant: subject.applicant, limits: limits)
        return GrantWork(result: code) { granted, tx in
            try consumeName(of: form, code: code, granted: granted, occasion: occasion, in: tx)
            try establish(record, entry, of: granted, occasion: occasion, in: tx)
            try enter(record, of: granted, appointments: appointments, occasion: occasion, in: tx)
            try Credentials.store(prepared, occasion: occasion, in: tx)
            try publish(
                "establish",
                of: record,
                period: limits["publication"].text,
                occasion: occasion,
                in: tx
            )
            for task in tasks { try TaskStore.insert(task, in: tx) }
            try issue(
                "registration-notice",
                for: granted,
                details: [
                    "creditCode": .string(code),
                    "struck": struck.isEmpty ? .null : .array(struck.map { ["words": .string($0)] }),
                ],
                occasion: occasion,
                in: tx
            )
            return try tellNamedPersons(
                form,
                granted: granted,
                links: links,
                expires: occasion.now + hours * Instant.hour,
                occasion: occasion,
                in: tx
            )
        }
    }

    private func establish(
        _ record: RegisterSubject,
        _ entry: RegisterEntryDraft,
        of granted: Case,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        do {
            try Register.establish(
                record,
                filings: entry.filings,
                links: entry.links,
                telling: telling(granted.data),
                caseID: granted.id.rawValue,
                occasion: occasion,
                in: tx
            )
        } catch RegisterError.codeTaken {
            // An old code from before the blocks: the next one is drawn.
            throw GrantOvertaken()
        }
    }

    private func birthTasks(of form: CompanyForm, code: String, limits: JSON, occasion: Occasion)
        -> [BirthTask]
    {
        let today = occasion.now.date
        let permits = ScopeFacts.permitsAfter(form, book: book, on: today).flatMap { department, rows in
            rows.map { (phrase: $0["text_zh"], department: department) }
        }
        let list = BirthTaskList(
            form: form,
            code: code,
            limits: limits,
            today: today,
            calendar: standards.calendar,
            permits: permits
        )
        return list.tasks.map { task in
            BirthTask(
                id: occasion.newID(BirthTask.self).rawValue,
                code: code,
                kind: task.kind,
                dueOn: task.due,
                doneAt: nil,
                arguments: task.arguments
            )
        }
    }

    /// The reservation becomes the company's name. When it was lost in the meantime, or another case holds it, the
    /// case is judged again.
    private func consumeName(
        of form: CompanyForm,
        code: String,
        granted: Case,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard form.hasName, let id = form.reservation else { return }
        guard let entry = try NameLibrary.find(ID(id), in: tx),
            entry.state == .reserved || entry.state == .held,
            entry.holder == nil || entry.holder == granted.id.rawValue
        else {
            throw GrantOvertaken()
        }
        try ConsumeName.run(
            entry.id,
            enterprise: code,
            caseID: granted.id.rawValue,
            occasion: occasion,
            in: tx
        )
    }

    /// Everybody named learns of it, with a link of his own by which he can say that he did not agree.
    /// - Returns: digests of the links that these replaced.
    private func tellNamedPersons(
        _ form: CompanyForm,
        granted: Case,
        links: [SigningLink],
        expires: Instant,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Set<String> {
        let signers = try SignerStore.signers(of: granted.id, in: tx).filter { $0.state != .dropped }
        var replaced: Set<String> = []
        for (person, link) in zip(form.people, links) {
            guard var signer = signers.first(where: { $0.key == personKey(person) }) else { continue }
            replaced.insert(signer.link)
            signer.link = SigningLink.digest(link.secret)
            signer.invitedAt = occasion.now
            signer.expiresAt = expires
            try SignerStore.update(signer, in: tx)
            try notify(
                granted,
                CaseMessage(
                    kind: "named-person",
                    phone: person.phone,
                    arguments: [
                        "company": granted.title, "roles": person.roles.map(\.chinese).joined(separator: "、"),
                        "roles-en": person.roles.map(\.english).joined(separator: ", "),
                        "secret": link.secret,
                    ]
                ),
                occasion,
                tx
            )
        }
        return replaced
    }
}
