public import Cases
import Exchange
public import Kernel
import Registers
import Standards
import Storage

extension CompanyOpening {
    /// Whether the person who is to sign for a firm is its legal representative (Company Law, article 10: he acts in
    /// the company's name). Our own register first; the national query for every other firm, and for one whose entry
    /// does not keep who the person is beyond his name.
    public func represents(_ signer: Signer, in subject: Case, occasion: Occasion) async
        -> RepresentativeAnswer
    {
        guard let person = signer.representative else { return .otherPerson }
        let own: (subject: RegisterSubject, keys: [String])?
        do {
            own = try await database.read { reader in
                guard let found = try RegisterStore.find(signer.idNumber, in: reader) else { return nil }
                return (
                    found,
                    try LinkStore.keys("legal-representative", of: found.code, in: reader)
                )
            }
        } catch { return .noAnswer }
        if let own {
            guard own.subject.name == signer.name else { return .unknownFirm }
            guard own.subject.state == .active || own.subject.state == .dormant else { return .endedFirm }
            guard PersonName.areSame(own.subject.items["legalRepresentative"].text ?? "", person.name) else {
                return .otherPerson
            }
            if !own.keys.isEmpty {
                let key = keys.person(idKind: person.idKind, idNumber: person.idNumber)
                return own.keys.contains(key) ? .confirmed : .otherPerson
            }
        }
        return await represents(signer, person, in: subject, occasion: occasion)
    }

    private func represents(
        _ signer: Signer,
        _ person: SignerNeed.Representative,
        in subject: Case,
        occasion: Occasion
    ) async -> RepresentativeAnswer {
        let answer = await exchange.ask(
            Question(
                party: "company-query",
                operation: "representative",
                caseNumber: subject.number,
                purpose: "case.signing",
                consent: "promise.dataUse",
                fields: [
                    "creditCode": .string(signer.idNumber), "name": .string(signer.name),
                    "representative": .string(person.name), "idKind": .string(person.idKind),
                    "idNumber": .string(person.idNumber),
                ]
            ),
            occasion: occasion
        )
        guard case .answered(let content, _) = answer, let isFound = content["found"].bool else {
            return .noAnswer
        }
        guard isFound else { return .unknownFirm }
        switch Self.state(content["state"].text) {
        case "active": return content["matches"].bool == true ? .confirmed : .otherPerson
        case "unknown": return .noAnswer
        default: return .endedFirm
        }
    }
}
