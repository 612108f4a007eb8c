import Cases
import Credentials
import Identity
import Kernel
import Registers
import Storage

extension Bindings {
    /// What the applicant's account answers in a form, in the shape that forms prefill from. Empty for whoever has no
    /// account here: nobody signs in without one.
    @Sendable
    func account(_ applicant: String, _ occasion: Occasion) async throws -> JSON {
        let person = ID<Person>(applicant)
        guard occasion.actor.id == applicant else {
            return try await database.write { [self] tx in
                try account(of: person, in: tx) {
                    try People.document(of: person, keys: identityKeys, occasion: occasion, in: tx)
                }
            }
        }
        // Who looks at his own leaves no trace, so he waits for no commit.
        return try await database.read { [self] reader in
            try account(of: person, in: reader) {
                try People.ownDocument(of: person, keys: identityKeys, occasion: occasion, in: reader)
            }
        }
    }

    private func account(
        of person: ID<Person>,
        in reader: any Reader,
        papers: () throws -> (number: String, phone: String?)
    ) throws -> JSON {
        guard let found = try People.find(person, in: reader) else { return [:] }
        let papers = try papers()
        var account: JSON = [
            "name": .string(found.name), "idKind": .string(found.documentKind),
            "idNumber": .string(papers.number),
        ]
        if let phone = papers.phone { account["phone"] = .string(phone) }
        return account
    }

    /// What register and library know of whom an application is for. For an enterprise applies its legal representative,
    /// or whom he lets act with its licences.
    @Sendable
    func known(_ applicant: String, _ firm: String?, _ types: [String], _ occasion: Occasion) async throws
        -> KnownSources
    {
        try await database.read { reader in
            var enterprise: JSON = [:]
            if let firm {
                guard
                    let acting = try Enterprises.acting(
                        ID(applicant),
                        for: firm,
                        at: occasion.now,
                        in: reader
                    ),
                    acting.isLegalRepresentative || acting.scope.contains("licence.use")
                else { throw CaseError.notForFirm }
                enterprise["creditCode"] = .string(firm)
                enterprise["name"] = .string(acting.name)
                if let subject = try RegisterStore.find(firm, in: reader) {
                    enterprise["legalRepresentative"] = subject.items["legalRepresentative"]
                    enterprise["address"] = subject.items["address"]
                }
            }
            let held = try HeldLicences.of(
                types,
                heldBy: firm ?? applicant,
                on: occasion.now.date,
                in: reader
            )
            return KnownSources(enterprise: enterprise, licences: held.facts)
        }
    }
}
