import Cases
import Credentials
import Cryptography
import Documents
import Forms
import Identity
import Kernel
import PlainItem
import Server
import Storage

/// What people of a firm do with its seals and with the application that bears one.
struct FirmSealAct: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// Takes over what was made; permits, takes permits back; reports a loss.
        case takes, permits, forbids, loses
        /// Asks to seal the application of his case, lets another approve or refuse it, puts the seal.
        case asks, approves, refuses, puts
    }

    var kind: Kind
    /// Whose opening brought the firm forth.
    var of: String
    /// Who is permitted, or whose case is sealed.
    var agent: String?
    var documents: [String] = ["application"]
    var uses = 10
    var until = "2026-12-31"
}

extension Scenario {
    static func firmSealAct(_ node: SourceNode) throws(DefinitionError) -> FirmSealAct {
        let map = try node.map(["act", "of", "agent", "documents", "uses", "until"])
        var act = FirmSealAct(
            kind: try map.needed("act").one(of: FirmSealAct.Kind.self),
            of: try map.needed("of").word()
        )
        act.agent = try map["agent"]?.word()
        if let documents = map["documents"] { act.documents = try documents.words() }
        if let uses = map["uses"] { act.uses = try uses.integer(1...1_000) }
        if let until = map["until"] { act.until = try until.word() }
        return act
    }
}

extension Stage {
    func seal(_ name: String, _ act: FirmSealAct) async throws {
        let code = try await firmCode(of: act.of)
        guard let person = accounts[name] else { throw StepFailure("\(name) has no account") }
        let occasion = occasion(actor(name))
        switch act.kind {
        case .takes, .loses:
            let event: SealEvent = act.kind == .takes ? .deliver : .lose
            try await platform.database.write { tx in
                for seal in try Seals.owned(by: code, in: tx) where act.kind == .loses || seal.state == .made
                {
                    try Seals.move(
                        seal.id,
                        by: event,
                        reason: "owner",
                        owner: person,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
        case .permits: try await permit(act, of: code, by: person, occasion)
        case .forbids:
            try await platform.database.write { tx in
                for seal in try Seals.owned(by: code, in: tx) {
                    for permit in try SealPermits.all(of: seal.id, in: tx) where permit.revokedAt == nil {
                        try SealPermits.revoke(permit.id, by: person, occasion: occasion, in: tx)
                    }
                }
            }
        case .asks, .approves, .refuses, .puts: try await useSeal(act, by: person, name: name, occasion)
        }
    }

    func firmCode(of owner: String) async throws -> String {
        // The opening, even when he applied for something else since.
        let id = firms[owner] ?? cases[owner]
        guard let id, let code = try await platform.desk.read(id).result else {
            throw StepFailure("\(owner) has no firm yet")
        }
        return code
    }

    private func permit(_ act: FirmSealAct, of code: String, by person: ID<Person>, _ occasion: Occasion)
        async throws
    {
        guard let agent = act.agent.flatMap({ accounts[$0] }), let until = LocalDate(parsing: act.until)
        else {
            throw StepFailure("a permit names an agent with an account, and a day")
        }
        try await platform.database.write { tx in
            for seal in try Seals.owned(by: code, in: tx) where seal.state == .active {
                try SealPermits.grant(
                    seal.id,
                    to: agent,
                    as: .use,
                    kinds: Set(act.documents),
                    from: occasion.now.date,
                    until: until,
                    usesMax: act.uses,
                    by: person,
                    occasion: occasion,
                    in: tx
                )
            }
        }
    }

    /// The application is that of the agent's case; the agent is who asks and puts.
    private func useSeal(_ act: FirmSealAct, by person: ID<Person>, name: String, _ occasion: Occasion)
        async throws
    {
        let subject = try await platform.desk.read(caseID(of: act.agent ?? name))
        guard let module = try await platform.desk.module(of: subject) as? PlainItem else {
            throw StepFailure("no application of this case is sealed")
        }
        let limits = try await platform.desk.definition(of: subject).limits(subject.region, now.date)
        let digest = Hex.encode(SM3.digest(try await module.application(of: subject, limits: limits)))
        switch act.kind {
        case .asks:
            try await platform.database.write { tx in
                try module.askSeal(on: digest, of: subject, by: person, occasion: occasion, in: tx)
            }
        case .puts:
            let sealed = try await module.putSeal(
                to: subject,
                limits: limits,
                package: VerificationLimits(home: platform.settings.home, on: now.date).package,
                workshop: platform.seals,
                by: person,
                occasion: occasion
            )
            try await platform.desk.attach(
                sealed.bytes,
                name: "sealed.ofd",
                to: subject.id,
                blobs: platform.settings.blobs,
                occasion: occasion
            )
        default:
            try await platform.database.write { tx in
                guard let request = try module.seal(on: digest, of: subject, in: tx).request else {
                    throw SealError.unknownRequest
                }
                try SealRequests.decide(
                    request.id,
                    digest: request.subject.digest,
                    refusal: act.kind == .refuses ? "样例" : nil,
                    by: person,
                    occasion: occasion,
                    in: tx
                )
            }
        }
    }
}
