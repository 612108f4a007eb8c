import Cases
import Catalogue
import CompanyNames
import Credentials
import Identity
import Kernel
import Registers
import Storage

/// What decisions bring about: the end and return of credentials, rights, names and bans.
extension MatterWork {
    /// Notes what was found, and that the matter is decided.
    mutating func close(_ finding: CorrectionFinding) throws {
        try endClock()
        matter.decidedAt = occasion.now
        matter.decision["facts"] = .string(finding.facts)
        matter.decision["evidence"] = .string(finding.evidence)
        matter.decision["reason"] = .string(finding.reason)
        try lift([.complaint])
    }

    /// Licence and seals end as of the decision; what was signed before stays verifiable for its time.
    mutating func endCredentials(where isMeant: (Credential) -> Bool) throws {
        var ended: [JSON] = []
        for credential in try Credentials.held(by: subject.code, in: tx)
        where (credential.state == .valid || credential.state == .suspended) && isMeant(credential) {
            try Credentials.apply(
                .withdraw,
                to: credential.id,
                reason: matter.object,
                occasion: occasion,
                in: tx
            )
            ended.append(.string(credential.id.rawValue))
        }
        matter.decision["credentials"] = .array(ended)
    }

    func reinstateCredentials() throws {
        for id in matter.decision["credentials"].elements.compactMap(\.text) {
            guard let credential = try Credentials.find(ID(id), in: tx), credential.state == .withdrawn else {
                continue
            }
            try Credentials.apply(
                .reinstate,
                to: credential.id,
                reason: matter.object,
                occasion: occasion,
                in: tx
            )
        }
    }

    /// The people of the form who answer for a false registration.
    /// - Throws: `CorrectionError.unknownPerson`; `.applicantResponsible` for the one who says that his identity was
    ///   used, because the ban would hit the victim.
    func responsible(_ finding: CorrectionFinding) throws -> [NamedPerson] {
        let named = form.people
        let applicant = matter.decision["applicant"].text ?? ""
        let applicants = applicant.split { !$0.isLetter && $0 != "·" }.map(String.init) + [applicant]
        for name in finding.responsible {
            guard named.contains(where: { $0.name == name }) else {
                throw CorrectionError.unknownPerson(name)
            }
            guard !applicants.contains(name) else { throw CorrectionError.applicantResponsible(name) }
        }
        return named.filter { finding.responsible.contains($0.name) }
    }

    /// Notes the ban beside each responsible person.
    /// - Returns: its last day; nil when nobody is barred.
    mutating func ban(_ finding: CorrectionFinding) throws -> LocalDate? {
        let people = try responsible(finding)
        guard let until = limit("falseRegistrationBan")?.period?.after(today), !people.isEmpty else {
            return nil
        }
        var notes: [JSON] = []
        for person in people {
            let key = opening.personKey(person)
            let id: ID<RegisterNote> = ID("\(matter.id)-\(key.prefix(16))")
            notes.append(.string(id.rawValue))
            try note(.ban, on: "person:\(key)", id: id, until: Instant(until.adding(days: 1)))
        }
        matter.decision["bans"] = .array(notes)
        matter.decision["responsible"] = .array(people.map { .string($0.name) })
        matter.decision["banUntil"] = .string(until.description)
        return until
    }

    /// With a false item go the rights that hung on it: the representative no longer acts, his name seal ends, and
    /// a person with no other part in the firm is no longer joined to it.
    mutating func takeRights(_ fall: FalseItem) throws {
        if fall.item == "legalRepresentative" || fall.item == "operator" {
            try Enterprises.removeRepresentative(of: subject.code, occasion: occasion, in: tx)
            try endCredentials { $0.record.type == "seal-legal-representative" }
        }
        if fall.item == "name", let name = fall.changes["name"]?.text {
            try NameLibrary.leave(
                enterprise: subject.code,
                as: .revoke,
                under: opening.nameRules,
                occasion: occasion,
                in: tx
            )
            try Enterprises.rename(subject.code, to: name, in: tx)
        }
        guard let role = fall.role else { return }
        for person in form.people where fall.names.contains(person.name) && person.roles.contains(role) {
            let key = opening.personKey(person)
            if role == .legalRepresentative || role == .operatorRole {
                try LinkStore.end(
                    "legal-representative",
                    key: key,
                    code: subject.code,
                    at: occasion.now,
                    in: tx
                )
            }
            guard person.roles == [role] else { continue }
            try LinkStore.end("person", key: key, code: subject.code, at: occasion.now, in: tx)
        }
    }

    /// A corrected name: the library knows the enterprise by it, and the wrong one is blocked like any left name.
    func takeName(_ proposal: NameProposal) throws {
        try NameLibrary.leave(
            enterprise: subject.code,
            as: .rename,
            under: opening.nameRules,
            occasion: occasion,
            in: tx
        )
        let entry = try NameLibrary.record(
            proposal.parts,
            subject: proposal.subject,
            scope: proposal.scope,
            region: proposal.region,
            enterprise: subject.code,
            industry: proposal.industry,
            kin: proposal.kin,
            under: opening.nameRules,
            occasion: occasion,
            in: tx
        )
        try Enterprises.rename(subject.code, to: entry.text, in: tx)
    }

    /// A corrected representative acts for the enterprise from now on, in the place of the one who stood there.
    func takeRepresentative(_ row: JSON) throws {
        try Enterprises.enter(
            code: subject.code,
            name: subject.name,
            representative: opening.document(of: row, on: today),
            region: subject.region,
            agency: subject.agency,
            keys: opening.identityKeys,
            occasion: occasion,
            in: tx
        )
        let role = form.kind == .llc ? NamedPerson.Role.legalRepresentative : .operatorRole
        let standing = subject.items["legalRepresentative"].text ?? subject.items["operator"].text
        for person in form.people where person.name == standing {
            let key = opening.personKey(person)
            try LinkStore.end("legal-representative", key: key, code: subject.code, at: occasion.now, in: tx)
        }
        guard let person = NamedPerson(row, role: role) else { return }
        try LinkStore.insert(
            "legal-representative",
            key: opening.personKey(person),
            register: subject.register,
            code: subject.code,
            at: occasion.now,
            in: tx
        )
    }

    /// Joins the firm again to people, telephone and address.
    func joinLinks() throws {
        let links = RegisterEntryDraft(
            form: form,
            line: form.addressLine { opening.regionName($0) },
            scope: "",
            keys: opening.keys,
            today: today
        ).links
        for link in links {
            try LinkStore.insert(
                link.kind,
                key: link.key,
                register: subject.register,
                code: subject.code,
                at: occasion.now,
                in: tx
            )
        }
    }

    /// - Returns: false when somebody else has the name by now; true also for a firm that bore none.
    func regainName() throws -> Bool {
        guard try !NameLibrary.names(of: subject.code, in: tx).isEmpty else { return true }
        return try NameLibrary.regain(enterprise: subject.code, occasion: occasion, in: tx) != nil
    }

    /// The code stands for the lost name, and another name is ordered in a matter of its own.
    mutating func orderNameAfterRestore() throws -> RegisterSubject {
        let after = try act(.change, ["name": .string(subject.code)])
        try Enterprises.rename(subject.code, to: subject.code, in: tx)
        matter.decision["nameLost"] = .string(subject.name)
        var order = MatterWork(
            corrections: corrections,
            matter: Corrections.matter(
                .name,
                .ordered,
                of: granted,
                code: subject.code,
                words: "恢复登记时原名称已由他人登记或保留",
                item: "name",
                decision: ["name": .string(subject.name)],
                occasion: occasion
            ),
            subject: subject,
            granted: granted,
            limits: limits,
            occasion: occasion,
            tx: tx
        )
        try order.orderName(facts: order.matter.words)
        order.keep(.order)
        try CorrectionStore.insert(order.matter, in: tx)
        try order.log("ordered")
        return after
    }

    /// - Parameter items: the false items; nil when the whole registration is withdrawn.
    mutating func decisionPaper(_ finding: CorrectionFinding, items: [JSON]?, banUntil: LocalDate?) throws {
        var fields: JSON = [
            "facts": .string(finding.facts), "evidence": .string(finding.evidence),
            "reason": .string(finding.reason), "whole": .bool(items == nil),
        ]
        if let items { fields["items"] = .array(items) }
        if let banUntil {
            fields["banUntil"] = .string(banUntil.description)
            fields["banned"] = .array(finding.responsible.map { ["name": .string($0)] })
        }
        try paper("revocation-decision", fields)
    }
}
