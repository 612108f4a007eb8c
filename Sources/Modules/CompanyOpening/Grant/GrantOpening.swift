public import Cases
import CompanyNames
import Correspondence
import Credentials
import Cryptography
import Draws
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
        let code = try await codes.next(
            authority: form.kind == .llc ? .enterprise : .soleTrader,
            region: subject.region
        )
        let entry = RegisterEntryDraft(
            form: form,
            line: form.addressLine { regionName($0) },
            scope: ScopeFacts.text(of: form, book: book, on: today),
            keys: keys,
            today: today
        )
        let prepared = try await credentials.prepare(
            credentialDrafts(of: form, code: code.rawValue, entry: entry, subject: subject, today: today),
            occasion: occasion
        )
        let record = RegisterSubject(
            register: form.kind == .llc ? "company" : "sole-trader",
            code: code.rawValue,
            name: form.registeredName,
            state: .active,
            region: subject.region,
            agency: subject.agency,
            establishedOn: today,
            items: entry.items,
            isLegacy: false,
            version: 1,
            updatedAt: occasion.now
        )
        let links = form.people.map { _ in SigningLink.make(for: "", entropy: occasion.entropy) }
        let publication = Publication(
            id: occasion.newID(),
            register: record.register,
            code: code.rawValue,
            what: "establish",
            content: entry.items,
            arisenAt: occasion.now,
            dueOn: try? standards.calendar.adding(
                workingDays: Int(limits["publication"].int ?? 20),
                to: today
            ),
            publishedAt: nil
        )
        let tasks = BirthTaskList(
            form: form,
            code: code.rawValue,
            limits: limits,
            today: today,
            calendar: standards.calendar,
            permits: ScopeFacts.permitsAfter(form, book: book, on: today).flatMap { department, rows in
                rows.map { (phrase: $0["text_zh"], department: department) }
            }
        ).tasks.map { task in
            BirthTask(
                id: occasion.newID(BirthTask.self).rawValue,
                code: code.rawValue,
                kind: task.kind,
                dueOn: task.due,
                doneAt: nil,
                arguments: task.arguments
            )
        }
        return GrantWork(result: code.rawValue) { granted, tx in
            try consumeName(of: form, code: code.rawValue, granted: granted, occasion: occasion, in: tx)
            do {
                try Register.establish(
                    record,
                    filings: entry.filings,
                    links: entry.links,
                    caseID: granted.id.rawValue,
                    occasion: occasion,
                    in: tx
                )
            } catch RegisterError.codeTaken {
                // An old code from before the blocks: the next one is drawn.
                throw GrantOvertaken()
            }
            for credential in prepared { try Credentials.store(credential, occasion: occasion, in: tx) }
            try PublicationStore.insert(publication, in: tx)
            for task in tasks { try TaskStore.insert(task, in: tx) }
            try issue(
                "registration-notice",
                for: granted,
                details: ["creditCode": .string(code.rawValue)],
                occasion: occasion,
                in: tx
            )
            try tellNamedPersons(form, granted: granted, links: links, occasion: occasion, in: tx)
        }
    }

    /// The reservation becomes the company's name. When it was lost in the meantime the case is judged again.
    private func consumeName(
        of form: CompanyForm,
        code: String,
        granted: Case,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard form.hasName, let id = form.reservation else { return }
        guard let entry = try NameLibrary.find(ID(id), in: tx),
            entry.state == .reserved || entry.state == .held
        else {
            throw GrantOvertaken()
        }
        try ConsumeName.run(entry.id, enterprise: code, occasion: occasion, in: tx)
    }

    /// Licence and seals: each a record signed in the registering body's name.
    private func credentialDrafts(
        of form: CompanyForm,
        code: String,
        entry: RegisterEntryDraft,
        subject: Case,
        today: LocalDate
    ) -> [CredentialDraft] {
        let holder = Holder(.enterprise, code: code, name: form.registeredName)
        let issuer = IssuingBody(code: subject.region, name: agencyName(subject.agency))
        var fields = entry.items
        fields["creditCode"] = .string(code)
        fields["establishedOn"] = .string(today.description)
        fields["authority"] = .string(issuer.name)
        if form.kind == .llc {
            fields["capitalText"] = .string(Money(fen: form.capital).chineseCapitals)
        }
        fields["shareholders"] = .null
        let licence = CredentialDraft(
            type: "business-licence",
            holder: holder,
            issuer: issuer,
            region: subject.region,
            fields: .object(fields.members.filter { !$0.value.isNull })
        )
        guard form.joined("seals") != "none" || form.kind == .llc else { return [licence] }
        let kinds = form.data["joined"]["seals"]["kinds"].elements.compactMap(\.text)
        let seals = (kinds.isEmpty && form.kind == .llc ? ["official"] : kinds).compactMap {
            Self.sealTypes[$0]
        }
        return [licence]
            + seals.map { type in
                CredentialDraft(
                    type: type,
                    holder: holder,
                    issuer: issuer,
                    region: subject.region,
                    fields: [
                        "name": .string(form.registeredName),
                        "legalRepresentative": entry.items["legalRepresentative"],
                    ]
                )
            }
    }

    /// Seal kinds of the form and the credential types they become.
    static let sealTypes = [
        "official": "seal-official", "finance": "seal-finance", "invoice": "seal-invoice",
        "contract": "seal-contract",
        "legal-representative": "seal-legal-representative", "official-sole-trader": "seal-official",
    ]

    /// Codes of the issued seals, for the engraver.
    func sealCodes(of code: String, in reader: any Reader) throws -> JSON {
        .array(
            try Credentials.held(by: code, in: reader).compactMap { credential in
                guard let sealCode = credential.record.sealCode else { return nil }
                return ["kind": .string(credential.record.type), "code": .string(sealCode)]
            }
        )
    }

    /// Everybody named learns of it, with a link of his own by which he can say that he did not agree.
    private func tellNamedPersons(
        _ form: CompanyForm,
        granted: Case,
        links: [SigningLink],
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let signers = try SignerStore.state(of: granted.id, in: tx).active
        for (person, link) in zip(form.people, links) {
            guard var signer = signers.first(where: { $0.key == personKey(person) }) else { continue }
            signer.link = SigningLink.digest(link.secret)
            try SignerStore.update(signer, in: tx)
            try notify(
                granted,
                CaseMessage(
                    kind: "named-person",
                    phone: person.phone,
                    arguments: [
                        "company": granted.title, "roles": person.roles.map(\.chinese).joined(separator: "、"),
                        "secret": link.secret,
                    ]
                ),
                occasion,
                tx
            )
        }
    }
}
