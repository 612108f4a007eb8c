import Credentials
import Exchange
import Kernel
import Registers
import Cases
import Storage

extension CompanyOpening {
    /// Licence and seals: each a record signed in the registering body's name.
    func credentialDrafts(
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
        if form.kind == .soleTrader {
            fields["operation"] = .string(form.data["operation"].text == "family" ? "家庭经营" : "个人经营")
        }
        for hidden in Self.notOnLicence { fields[hidden] = .null }
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
                        "legalRepresentative": entry.representative,
                    ]
                )
            }
    }

    /// Registered, but not printed (Rules for the Implementation of the Regulations, article 23).
    static let notOnLicence = ["shareholders", "scopeCodes"]

    /// Seal kinds of the form and the credential types they become.
    static let sealTypes = [
        "official": "seal-official", "finance": "seal-finance", "invoice": "seal-invoice",
        "contract": "seal-contract",
        "legal-representative": "seal-legal-representative", "official-sole-trader": "seal-official",
    ]

    /// Codes of the seals, for whoever makes or keeps them: those under which the police filed them. An electronic seal
    /// has a code of its own, which counts only as long as nothing is filed.
    func sealCodes(of code: String, case id: ID<Case>, in reader: any Reader) throws -> JSON {
        let filed = try ExchangeStore.lines(of: id.rawValue, in: reader)
            .filter { $0.order.party == "police-seal" && $0.order.operation == "file" }
            .flatMap { $0.answer["seals"].elements }
            .filter { $0["code"].text != nil }
            .map { ["kind": $0["kind"], "code": $0["code"]] as JSON }
        guard filed.isEmpty else { return .array(filed) }
        return .array(
            try Credentials.held(by: code, in: reader).compactMap { credential in
                guard credential.state != .replaced, let sealCode = credential.record.sealCode else {
                    return nil
                }
                return ["kind": .string(credential.record.type), "code": .string(sealCode)]
            }
        )
    }

    /// Licence and seals of the next version with other words, all that stand and show something of what changes; the
    /// versions before them end when these are stored. Made before the transaction, stored in it.
    /// - Parameter changes: registered items by name; null takes one away.
    func nextCredentials(
        of subject: RegisterSubject,
        changes: [String: JSON],
        occasion: Occasion
    ) async throws -> [PreparedCredential] {
        var prepared: [PreparedCredential] = []
        if let licence = try await nextLicence(of: subject, changes: changes, occasion: occasion) {
            prepared.append(licence)
        }
        let representative = changes["legalRepresentative"] ?? changes["operator"]
        guard changes["name"]?.text != nil || representative?.text != nil else { return prepared }
        let code = subject.code
        let held = try await database.read { try Credentials.held(by: code, in: $0) }
        for old in held where old.record.sealCode != nil && old.state == .valid {
            var fields = old.record.fields
            if let name = changes["name"]?.text { fields["name"] = .string(name) }
            if let name = representative?.text { fields["legalRepresentative"] = .string(name) }
            let holder = Holder(
                .enterprise,
                code: code,
                name: changes["name"]?.text ?? old.record.holder.name
            )
            prepared.append(
                try await credentials.prepareChange(
                    of: old,
                    to: CredentialDraft(
                        type: old.record.type,
                        holder: holder,
                        issuer: old.record.issuer,
                        region: subject.region,
                        fields: fields
                    ),
                    occasion: occasion
                )
            )
        }
        return prepared
    }

    /// The licence of the next version with other words; nil when no valid licence stands, or when it shows none
    /// of what changes. Made before the transaction, stored in it.
    /// - Parameter changes: registered items by name; null takes one away.
    func nextLicence(
        of subject: RegisterSubject,
        changes: [String: JSON],
        occasion: Occasion
    ) async throws -> PreparedCredential? {
        let code = subject.code
        let held = try await database.read { try Credentials.held(by: code, in: $0) }
        guard let old = held.last(where: { $0.record.type == "business-licence" && $0.state == .valid })
        else { return nil }
        var fields = old.record.fields
        let shown = changes.filter { !fields[$0.key].isNull || !Self.notOnLicence.contains($0.key) }
        guard !shown.isEmpty else { return nil }
        for (key, value) in shown { fields[key] = value }
        if let capital = shown["capitalFen"]?.int {
            fields["capitalText"] = .string(Money(fen: capital).chineseCapitals)
        }
        let name = changes["name"]?.text ?? old.record.holder.name
        return try await credentials.prepareChange(
            of: old,
            to: CredentialDraft(
                type: old.record.type,
                holder: Holder(.enterprise, code: code, name: name),
                issuer: old.record.issuer,
                region: subject.region,
                fields: .object(fields.members.filter { !$0.value.isNull })
            ),
            occasion: occasion
        )
    }
}
