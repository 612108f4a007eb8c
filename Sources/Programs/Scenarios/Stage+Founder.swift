import Cases
import Catalogue
import CompanyNames
import CompanyOpening
import Correspondence
import Forms
import Kernel
import Rules
import Server
import Standards
import Storage

/// What founders and signers do.
extension Stage {
    /// The ordinary form with what this scenario changes, brought to rest as a page would.
    func form(of opening: Opening, onto: JSON? = nil) throws -> JSON {
        guard let base = onto ?? bases[opening.item] else {
            throw StepFailure("there is no form for \(opening.item)")
        }
        return try patched(base, item: opening.item, change: opening.change)
    }

    func patched(_ data: JSON, item: String, change: [SourceEntry]) throws -> JSON {
        let definition = try definition(item)
        let data = try Patch(cast: cast, form: definition.form).apply(change, to: data)
        return settled(data, of: definition)
    }

    private func definition(_ item: String) throws -> CaseDefinition {
        guard let definition = definitions[item] else { throw StepFailure("there is no item \(item)") }
        return definition
    }

    func open(_ person: String, _ opening: Opening) async throws {
        var data: JSON
        if let reserved = forms[person] {
            data = try patched(reserved, item: opening.item, change: opening.change)
        } else {
            data = try form(of: opening)
            if opening.reserve, CompanyForm(data).hasName { try await reserve(&data, by: person) }
        }
        let founder = occasion(actor(person))
        let subject: Case
        (subject, data) = try await start(data, item: opening.item, occasion: founder)
        cases[person] = subject.id
        firms[person] = subject.id
        last = person
        let definition = try await platform.desk.definition(of: subject)
        problems = platform.desk.problems(
            in: data,
            region: subject.region,
            definition: definition,
            today: now.date
        )
        .map(\.code)
        switch opening.sign {
        case .nobody: if opening.submit { try await askSignatures(person) }
        case .everybody:
            try await askSignatures(person)
            for name in (links[subject.id] ?? [:]).keys.sorted() { try await sign(name) }
        case .only(let names):
            try await askSignatures(person)
            for name in names { try await sign(name) }
        }
        if opening.submit { try await submit(person) }
    }

    /// 名称自主申报: what the page does, check first and then keep.
    func reserve(_ data: inout JSON, by person: String) async throws {
        switch try await town.reserveName(of: &data, by: actor(person)) {
        case .reserved(let reservation):
            reservations[person] = reservation.id.rawValue
            last = person
        case .taken(let taken): throw NameTaken(code: taken.finding.code)
        }
    }

    /// Somebody was faster: a normal answer of the name library, here like a refusal.
    struct NameTaken: Refusal {
        let code: String
        var status: RefusalStatus { .notAllowedNow }
    }

    func edit(_ person: String, _ change: [SourceEntry]) async throws {
        let subject = try await platform.desk.read(caseID(of: person))
        let definition = try await platform.desk.definition(of: subject)
        let data = try settled(
            Patch(cast: cast, form: definition.form).apply(change, to: subject.data),
            of: definition
        )
        let result = try await platform.desk.save(
            subject.id,
            data: data,
            version: subject.version,
            occasion: occasion(actor(person))
        )
        voided = result.voided
        problems = platform.desk.problems(
            in: data,
            region: result.saved.region,
            definition: definition,
            today: now.date
        )
        .map(\.code)
    }

    func askSignatures(_ person: String) async throws {
        let id = try caseID(of: person)
        let made = try await platform.desk.askSignatures(id, occasion: occasion(actor(person)))
        try await keep(made, of: id)
    }

    func renew(_ person: String, signer name: String) async throws {
        let id = try caseID(of: person)
        let signers = try await platform.database.read { try SignerStore.state(of: id, in: $0).active }
        guard let signer = signers.first(where: { $0.name == name }) else {
            throw StepFailure("\(name) does not sign")
        }
        let link = try await platform.desk.renewLink(
            id,
            signer: signer.key,
            occasion: occasion(actor(person))
        )
        try await keep([link], of: id)
    }

    private func keep(_ made: [SigningLink], of id: ID<Case>) async throws {
        let signers = try await platform.database.read { try SignerStore.state(of: id, in: $0).signers }
        for link in made {
            guard let signer = signers.first(where: { $0.key == link.signer }) else { continue }
            links[id, default: [:]][signer.name] = link.secret
            // A fresh link asks for a face as the first one did, unless the story shows one itself.
            if signer.verifiedAt == nil, signer.state == .invited, signer.faceTries == 0 {
                faces[signer.name] = nil
            }
        }
    }

    func link(of name: String) throws(StepFailure) -> String {
        let id = try current()
        guard let secret = links[id]?[name] else { throw StepFailure("nobody asked \(name) to sign") }
        return secret
    }

    func showFace(_ name: String, _ score: Int) async throws {
        faces[name] = score
        try await checkFace(of: name, score)
    }

    func checkFace(of name: String, _ score: Int) async throws {
        let check = try await platform.desk.verifyFace(
            link(of: name),
            sample: "score:\(score)",
            occasion: occasion(.anonymous)
        )
        if let proof = check.proof { proofs[check.signer.caseID, default: [:]][name] = proof }
    }

    /// Opens the link, shows the face unless the scenario did that itself, and signs everything that waits.
    func sign(_ name: String) async throws {
        let secret = try link(of: name)
        let view = try await platform.desk.openLink(secret, occasion: occasion(.anonymous))
        let isRefused = view.refusal(of: proofs[view.subject.id]?[name], at: now) != nil
        if isRefused, view.signer.state != .inPerson, faces[name] == nil {
            try await checkFace(of: name, 950)
        }
        let proof = proofs[view.subject.id]?[name]
        _ = try await platform.desk.sign(secret, proof: proof, occasion: occasion(.anonymous))
    }

    func submit(_ person: String) async throws {
        _ = try await platform.desk.submit(caseID(of: person), occasion: occasion(actor(person)))
    }

    /// The secret of the link in the last message to a person about this case.
    /// - Parameter place: where the link leads: to the papers or the page of the objection, or to where one is taken back.
    func lastLink(of name: String, at place: String = "/sign/") async throws -> String {
        let subject = try await platform.desk.read(current())
        let phone = cast.people[name]?["phone"].text
        let messages = try await platform.database.read {
            try CorrespondenceStore.messages(case: subject.number, in: $0)
        }
        let own = messages.filter { $0.phone == phone && $0.link.hasPrefix(place) }
        guard let link = own.max(by: { $0.at < $1.at })?.link,
            let secret = link.dropFirst(place.count).split(separator: "/").first
        else {
            throw StepFailure("\(name) has no message")
        }
        return String(secret)
    }
}
