public import Identity
public import Kernel
import Standards
public import Storage

extension CompanyOpening {
    /// The people of a form who are known here, found by their documents, wherever in it these stand: beneficial owners
    /// and whoever signs for a firm or fetches the seals as well. The rows of the form bound how many.
    public func knownPeople(in data: JSON, on day: LocalDate, in reader: any Reader) throws -> [ID<Person>] {
        try Self.documents(in: data).compactMap { kind, number in
            // A number that is none yet belongs to nobody.
            guard let document = try? standards.identityDocument(kind: kind, number: number, on: day) else {
                return nil
            }
            return try People.find(document: document, keys: identityKeys, in: reader)?.id
        }
    }

    /// Every kind and number of a document, once.
    private static func documents(in data: JSON) -> [(kind: String, number: String)] {
        var found: [String: (kind: String, number: String)] = [:]
        func walk(_ value: JSON) {
            for (kind, number) in [("idKind", "idNumber"), ("signerIdKind", "signerIdNumber")] {
                guard let number = value[number].text else { continue }
                let kind = value[kind].text ?? "resident-id"
                found["\(kind):\(number)"] = (kind, number)
            }
            for member in value.members.values { walk(member) }
            for element in value.elements { walk(element) }
        }
        walk(data)
        return found.sorted { $0.key < $1.key }.map(\.value)
    }
}
