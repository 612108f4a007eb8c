public import Forms
public import Kernel
import Standards

/// What is wrong between the fields of a form.
extension CompanyOpening {
    /// One document belongs to one human: wherever its number stands again, the name is the same.
    public func problems(in data: JSON) -> [FieldProblem] {
        var first: [String: String] = [:]
        return CompanyForm(data).places.compactMap { place in
            guard let known = first[place.document] else {
                first[place.document] = place.name
                return nil
            }
            guard !PersonName.areSame(known, place.name) else { return nil }
            return FieldProblem(
                path: place.path,
                code: "person.document-of-another",
                arguments: ["name": place.name, "other": known],
                label: Words(zh: "姓名", en: "Name")
            )
        }
    }
}

/// Where a human stands in a form with a name and a document.
private struct PersonPlace {
    /// Of the name.
    let path: String
    let name: String
    let document: String

    /// - Parameter prefix: of the names of the fields, such as `signer` in `signerIdNumber`.
    init?(_ value: JSON, at path: String, prefix: String? = nil) {
        func field(_ name: String) -> String {
            prefix.map { $0 + name } ?? name.prefix(1).lowercased() + name.dropFirst()
        }
        guard let name = value[field("Name")].text, let number = value[field("IdNumber")].text else {
            return nil
        }
        self.path = "\(path).\(field("Name"))"
        self.name = name
        document = "\(value[field("IdKind")].text ?? "resident-id"):\(number)"
    }
}

extension CompanyForm {
    /// In the order of the form.
    fileprivate var places: [PersonPlace] {
        func rows(_ group: String) -> [(path: String, value: JSON)] {
            data[group].elements.enumerated().map { ("\(group)[\($0.offset)]", $0.element) }
        }
        func all(_ group: String) -> [PersonPlace?] { rows(group).map { PersonPlace($0.value, at: $0.path) } }
        func one(_ group: String) -> [PersonPlace?] { [PersonPlace(data[group], at: group)] }
        let holders = rows("shareholders").flatMap { row in
            row.value["kind"].text == "organisation"
                ? [PersonPlace(row.value, at: row.path, prefix: "signer")]
                : [
                    PersonPlace(row.value, at: row.path),
                    PersonPlace(row.value["guardian"], at: "\(row.path).guardian"),
                ]
        }
        let found =
            one("applicant") + holders + one("operator") + all("familyMembers") + one("legalRepresentative")
            + all("directors") + all("supervisors") + one("manager") + one("financeOfficer") + one("liaison")
        return found.compactMap { $0 }
    }
}
