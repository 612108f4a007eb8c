import Identity
import Kernel
import Storage

extension Bindings {
    /// What the applicant's account answers in a form, in the shape that forms prefill from. Empty for whoever has no
    /// account here: nobody signs in without one.
    @Sendable
    func account(_ applicant: String, _ occasion: Occasion) async throws -> JSON {
        let person = ID<Person>(applicant)
        return try await database.write { tx in
            guard let found = try People.find(person, in: tx) else { return [:] }
            let papers = try People.document(of: person, keys: identityKeys, occasion: occasion, in: tx)
            var account: JSON = [
                "name": .string(found.name), "idKind": .string(found.documentKind),
                "idNumber": .string(papers.number),
            ]
            if let phone = papers.phone { account["phone"] = .string(phone) }
            return account
        }
    }
}
