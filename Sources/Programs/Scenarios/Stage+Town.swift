import Cases
import CompanyNames
import CompanyOpening
import Exchange
import Forms
import Kernel
import Registers
import Server
import Standards
import Storage

/// What staff, parties and the register do.
extension Stage {
    /// - Parameter answers: to the open points of a case that is granted, in their order.
    func staff(_ name: String, _ act: Verb.StaffAct, _ reason: String, _ answers: [String]) async throws {
        guard let actor = cast.staff[name] else {
            throw StepFailure("\(name) is not among the staff of cast.yaml")
        }
        let occasion = occasion(actor)
        let subject = try await platform.desk.read(current())
        switch act {
        case .claims: try await claim(subject, occasion)
        case .releases:
            try await platform.desk.release(
                subject.id,
                step: "review",
                version: subject.version,
                occasion: occasion
            )
        case .grants:
            try await claimIfFree(subject, occasion)
            let points = try await platform.desk.openPoints(of: subject)
            let settled = Dictionary(uniqueKeysWithValues: zip(points.map(\.name), answers))
            _ = try await platform.desk.grant(
                subject.id,
                version: subject.version,
                reason: reason,
                settled: settled,
                occasion: occasion
            )
        case .returns: try await turnBack(subject, .return, reason, occasion)
        case .refuses: try await turnBack(subject, .refuse, reason, occasion)
        case .transfers: try await turnBack(subject, .transfer, reason, occasion)
        case .extends:
            _ = try await platform.desk.extend(
                subject.id,
                version: subject.version,
                reason: reason,
                approvedBy: actor.id,
                occasion: occasion
            )
        case .identifies:
            let signers = try await platform.database.read {
                try SignerStore.state(of: subject.id, in: $0).active
            }
            guard let signer = signers.first(where: { $0.name == reason }) else {
                throw StepFailure("\(reason) does not sign")
            }
            proofs[subject.id, default: [:]][reason] = try await platform.desk.identifiedInPerson(
                subject.id,
                signer: signer.key,
                reason: "持证件到窗口当面核验",
                occasion: occasion
            )
        }
    }

    private func claim(_ subject: Case, _ occasion: Occasion) async throws {
        try await platform.desk.claim(
            subject.id,
            step: "review",
            version: subject.version,
            occasion: occasion
        )
    }

    /// The workbench offers a decision only to the one who took the case, so a story that decides takes it first.
    private func claimIfFree(_ subject: Case, _ occasion: Occasion) async throws {
        let step = try await platform.database.read { try StepStore.find("review", of: subject.id, in: $0) }
        if step?.state == .open, step?.assignee == nil { try await claim(subject, occasion) }
    }

    private func turnBack(_ subject: Case, _ event: CaseEvent, _ reason: String, _ occasion: Occasion)
        async throws
    {
        try await claimIfFree(subject, occasion)
        _ = try await platform.desk.turnBack(
            subject.id,
            as: event,
            version: subject.version,
            reason: reason,
            told: Told(
                points: [.init(what: reason, why: reason, how: reason)],
                facts: reason,
                law: reason,
                body: reason
            ),
            occasion: occasion
        )
    }

    func line(_ step: String, _ wish: Verb.LineWish) async throws {
        let id = try current()
        guard let name = last else { return }
        let occasion = occasion(actor(name))
        let exchange = platform.exchange
        try await platform.database.write { tx in
            guard
                let line = try ExchangeStore.lines(of: id.rawValue, in: tx).first(where: {
                    $0.order.key.hasPrefix("\(id)/\(step)")
                })
            else { throw StepFailure("there is no line \(step)") }
            switch wish {
            case .later: _ = try exchange.setAside(line.id, occasion: occasion, in: tx)
            case .reopen: _ = try exchange.reopen(line.id, occasion: occasion, in: tx)
            case .resend:
                _ = try exchange.resubmit(
                    line.id,
                    fields: line.order.fields,
                    occasion: occasion,
                    in: tx
                )
            }
        }
    }

    private func addressKey(_ change: [SourceEntry]) throws -> String {
        var place = bases["llc"]?["address"] ?? [:]
        for entry in change { place[entry.key] = .string(try entry.value.word()) }
        let regions = platform.standards.regions
        let line = CompanyForm(["address": place]).addressLine { regions.fullName(of: $0) }
        return platform.personKeys.address(line)
    }

    /// Firms that are there before the story begins, each joined to an address, a telephone or an applicant.
    func register(_ held: Registered) async throws {
        let occasion = occasion(.platform("import"))
        let keys = platform.personKeys
        var links: [(kind: String, key: String)] = []
        if !held.address.isEmpty { links.append(("address", try addressKey(held.address))) }
        if let phone = held.phone { links.append(("phone", keys.phone(phone))) }
        if let name = held.applicant, let person = cast.people[name] {
            links.append(
                (
                    "applicant",
                    keys.person(idKind: person["idKind"].text ?? "", idNumber: person["idNumber"].text ?? "")
                )
            )
        }
        let joined = links
        for number in 0..<held.firms {
            let code = try await code(held)
            let subject = RegisterSubject(
                register: "company",
                code: code,
                name: held.name + (number == 0 ? "" : "\(number)"),
                state: .active,
                region: "150203",
                agency: "SCJG150203",
                establishedOn: occasion.now.date,
                items: ["name": .string(held.name), "legalRepresentative": .string(held.representative)],
                isLegacy: (try? CreditCode(code)) == nil,
                version: 1,
                updatedAt: occasion.now
            )
            try await platform.database.write { tx in
                if let old = try RegisterStore.find(code, in: tx) {
                    // A later line about the same firm changes it.
                    if old.items["legalRepresentative"].text != held.representative,
                        !held.representative.isEmpty
                    {
                        try Register.act(
                            .change,
                            on: code,
                            changes: ["legalRepresentative": .string(held.representative)],
                            caseID: "import",
                            occasion: occasion,
                            in: tx
                        )
                    }
                } else {
                    try Register.establish(
                        subject,
                        filings: [],
                        links: joined,
                        caseID: "import",
                        occasion: occasion,
                        in: tx
                    )
                }
                let acts: [String: RegisterAct] = [
                    "cancelled": .cancel, "revoked": .revoke, "withdrawn": .withdraw, "dormant": .suspend,
                ]
                if let act = acts[held.state] {
                    try Register.act(
                        act,
                        on: code,
                        changes: [:],
                        caseID: "import",
                        occasion: occasion,
                        in: tx
                    )
                } else if held.state != "active" {
                    throw StepFailure("no such state: \(held.state)")
                }
            }
        }
    }

    private func code(_ held: Registered) async throws -> String {
        if held.code == "next", let division = platform.standards.regions["150203"] {
            // The first number that the block will give.
            return try platform.standards.creditCodes.code(0, authority: .enterprise, region: division)
                .rawValue
        }
        if let code = held.code { return code }
        return try await platform.codes.next(authority: .enterprise, region: "150203").rawValue
    }

    func note(_ noted: Noted) async throws {
        guard let kind = RegisterNote.Kind(rawValue: noted.kind) else {
            throw StepFailure("no such note: \(noted.kind)")
        }
        let words = noted.on.split(separator: " ", maxSplits: 1).map(String.init)
        let keys = platform.personKeys
        let object: String
        switch words.first {
        case "person":
            guard words.count == 2, let person = cast.people[words[1]] else {
                throw StepFailure("whom is it about?")
            }
            let key = keys.person(
                idKind: person["idKind"].text ?? "",
                idNumber: person["idNumber"].text ?? ""
            )
            object = "person:\(key)"
        case "name": object = "name:\(words.last ?? "")"
        case "address": object = "address:\(try addressKey(noted.address))"
        default: throw StepFailure("a note is on person, name or address")
        }
        let occasion = occasion(.platform("import"))
        let until = noted.until.flatMap { Instant(parsing: $0) }
        let note = RegisterNote(
            id: occasion.newID(),
            register: "company",
            object: object,
            kind: kind,
            text: "样例",
            blocks: false,
            from: occasion.now,
            until: until,
            liftedAt: nil
        )
        try await platform.database.write { try NoteStore.insert(note, in: $0) }
    }

    func names(_ named: Named) async throws {
        let rules = platform.nameRules
        let occasion = occasion(.platform("import"))
        let parts = NameParts(
            division: named.division,
            brand: named.brand,
            trade: named.trade,
            form: named.form
        )
        let events: [String: NameEvent] = ["cancelled": .cancel, "revoked": .revoke, "renamed": .rename]
        if let leaves = named.leaves, events[leaves] == nil {
            throw StepFailure("no such end of a name: \(leaves)")
        }
        try await platform.database.write { tx in
            try NameLibrary.record(
                parts,
                subject: .limitedCompany,
                scope: named.scope,
                region: named.region,
                enterprise: named.enterprise,
                industry: named.industry,
                under: rules,
                occasion: occasion,
                in: tx
            )
            if let event = named.leaves.flatMap({ events[$0] }) {
                try NameLibrary.leave(
                    enterprise: named.enterprise,
                    as: event,
                    under: rules,
                    occasion: occasion,
                    in: tx
                )
            }
        }
    }
}
