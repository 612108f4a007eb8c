import CompanyOpening
import Correspondence
import Credentials
import Forms
import Foundation
import Identity
import Jobs
import Kernel
import Standards
import Storage

/// Tells the holder of a licence what officials did with it: a person himself, of an enterprise its legal representative.
struct LicenceMessages: Sendable {
    let messenger: Messenger
    let personKeys: PersonKeys
    let identityKeys: IdentityKeys
    let types: LicenceTypes
    /// What each act is called.
    let zh: [String: String]
    let en: [String: String]

    init(
        messenger: Messenger,
        personKeys: PersonKeys,
        identityKeys: IdentityKeys,
        types: LicenceTypes,
        home: Home
    ) throws {
        self.messenger = messenger
        self.personKeys = personKeys
        self.identityKeys = identityKeys
        self.types = types
        func words(_ language: String) throws -> [String: String] {
            let path = home.resource("messages/\(language)/workbench-licences.yaml")
            return try MessageFile.read(String(contentsOfFile: path, encoding: .utf8))
        }
        zh = try words("zh")
        en = try words("en")
    }

    var subscriber: Subscriber {
        Subscriber("licence-messages", events: [LicenceDesk.carriedOut]) { event, tx in
            let id = ID<Credential>(String(event.object.dropFirst("credential:".count)))
            guard let record = try Credentials.find(id, in: tx)?.record, let type = types[record.type],
                let act = event.payload["act"].text, let decision = event.payload["decision"].text
            else { return }
            let occasion = Occasion(
                now: event.at,
                actor: .platform("licence-messages"),
                request: event.request,
                purpose: zh["licence-desk.told"]
            )
            guard let phone = try phone(of: record.holder, occasion: occasion, in: tx) else { return }
            let key = "licence-act.\(act)"
            let values = [
                "name": type.name.zh, "name-en": type.name.en, "act": zh[key] ?? act,
                "act-en": en[key] ?? act,
                "decision": decision,
            ]
            _ = try messenger.send(
                Note(
                    template: "licence-moved",
                    caseNumber: type.numberField.flatMap { record.fields[$0.key].text }
                        ?? record.identifier.serial,
                    recipient: personKeys.phone(phone),
                    phone: phone,
                    link: "/wallet/\(record.holder.code)",
                    values: values
                ),
                occasion: occasion,
                in: tx
            )
        }
    }

    private func phone(of holder: Holder, occasion: Occasion, in tx: any Transaction) throws -> String? {
        let person: ID<Person>? =
            switch holder.kind {
            case .person: ID(holder.code)
            case .enterprise: try Enterprises.find(holder.code, in: tx)?.legalRepresentative
            }
        guard let person, try People.find(person, in: tx) != nil else { return nil }
        return try People.document(of: person, keys: identityKeys, occasion: occasion, in: tx).phone
    }
}
