public import Identity
public import Kernel
import Standards
public import Storage

extension CompanyOpening {
    /// The people of a form who are known here, found by their documents.
    public func knownPeople(in data: JSON, on day: LocalDate, in reader: any Reader) throws -> [ID<Person>] {
        try CompanyForm(data).people.compactMap { person in
            // A number that is none yet belongs to nobody.
            guard
                let document = try? standards.identityDocument(
                    kind: person.idKind,
                    number: person.idNumber,
                    on: day
                )
            else { return nil }
            return try People.find(document: document, keys: identityKeys, in: reader)?.id
        }
    }
}
