import Cases
public import CompanyNames
import Credentials
import Identity
public import Kernel
import Registers
import Storage

extension Corrections {
    /// Proposes to order that a name is given up. Nothing changes before a second person has confirmed it.
    /// - Throws: `CorrectionError.nothingChanges` when the firm has no name, or its code stands for it already.
    @discardableResult
    public func orderName(_ code: String, facts: String, occasion: Occasion) async throws -> Correction {
        let facts = try Self.checked(facts)
        let (subject, granted) = try await matter(of: code)
        guard let name = subject.items["name"].text, name != code else {
            throw CorrectionError.nothingChanges
        }
        let matter = Self.matter(
            .name,
            .proposed,
            of: granted,
            code: code,
            words: facts,
            item: "name",
            decision: ["name": .string(name)],
            occasion: occasion
        )
        return try await begin(
            matter,
            as: "proposed",
            of: granted,
            seen: subject.version,
            occasion: occasion
        ) { work in
            let finding = CorrectionFinding(facts: facts, evidence: "", reason: "")
            work.propose(.order, finding, from: .proposed)
        }
    }

    /// The order itself: from this moment the credit code stands for it in the register, on the licence
    /// and wherever it is published, until the firm has another one; it has the limit `nameCorrect` for that
    /// (企业名称登记管理规定, article 23; company-opening.md section 7 d). The old name stays blocked like any left name.
    func enactNameOrder(_ step: ConfirmedStep) async throws -> Correction {
        let (subject, occasion) = (step.subject, step.occasion)
        let code = subject.code
        let changes: [String: JSON] = ["name": .string(code)]
        let prepared = try await opening.nextCredentials(of: subject, changes: changes, occasion: occasion)
        return try await enact(step) { work in
            let after = try work.act(.change, changes)
            try Credentials.store(prepared, occasion: occasion, in: work.tx)
            try NameLibrary.leave(
                enterprise: code,
                as: .rename,
                under: opening.nameRules,
                occasion: occasion,
                in: work.tx
            )
            try Enterprises.rename(code, to: code, in: work.tx)
            try work.orderName(facts: step.finding.facts)
            try work.tell("name-ordered", about: after)
        }
    }

    /// The order was given in error: the firm bears its name again, on a licence and seals of the next version.
    /// - Throws: `CorrectionError.changedSince` when somebody else has the name by now.
    func enactNameReturn(_ step: ConfirmedStep) async throws -> Correction {
        let (subject, occasion) = (step.subject, step.occasion)
        guard step.matter.kind == .name, let name = step.matter.decision["name"].text else {
            throw CorrectionError.wrongKind(step.matter.kind)
        }
        let changes: [String: JSON] = ["name": .string(name)]
        let prepared = try await opening.nextCredentials(of: subject, changes: changes, occasion: occasion)
        return try await enact(step) { work in
            guard
                try NameLibrary.regain(name, enterprise: subject.code, occasion: occasion, in: work.tx) != nil
            else { throw CorrectionError.changedSince("name") }
            let after = try work.act(.change, changes)
            try Credentials.store(prepared, occasion: occasion, in: work.tx)
            try Enterprises.rename(subject.code, to: name, in: work.tx)
            try work.endClock()
            work.matter.decidedAt = occasion.now
            work.matter.decision["reason"] = .string(step.finding.reason)
            try work.liftOrder(wasListed: step.proposal.from == .listed)
            try work.happened("order-taken-back")
            try work.renamedPaper(name, from: subject.code, "责令变更名称决定撤销后恢复名称登记")
            if step.proposal.from == .listed { try work.tell("abnormal-removed", about: after) }
            try work.tell("name", about: after)
        }
    }

    /// The firm takes another name, which it has reserved: the order is done.
    /// - Parameter reservation: a live reservation of the firm's people.
    /// - Throws: `NameError` when it cannot be used, `CorrectionError.wrongKind` for a matter that is about no name.
    @discardableResult
    public func rename(
        _ id: ID<Correction>,
        of code: String,
        version: Int,
        reservation: ID<NameEntry>,
        occasion: Occasion
    ) async throws -> Correction {
        let (before, subject) = try await found(id, of: code, version: version)
        guard before.kind == .name else { throw CorrectionError.wrongKind(before.kind) }
        let entry = try await database.read { try NameLibrary.find(reservation, in: $0) }
        guard let name = entry?.text else { throw NameError.unknown }
        let changes: [String: JSON] = ["name": .string(name)]
        let prepared = try await opening.nextCredentials(of: subject, changes: changes, occasion: occasion)
        return try await change(
            id,
            of: code,
            version: version,
            by: .comply,
            seen: subject.version,
            occasion: occasion
        ) { work in
            try ConsumeName.run(reservation, enterprise: subject.code, occasion: occasion, in: work.tx)
            let after = try work.act(.change, changes)
            try Credentials.store(prepared, occasion: occasion, in: work.tx)
            try Enterprises.rename(subject.code, to: name, in: work.tx)
            try work.complied(reason: name, wasListed: before.state == .listed)
            try work.renamedPaper(name, from: work.matter.decision["name"].text ?? "", "名称变更登记")
            try work.tell("name", about: after)
        }
    }
}

extension MatterWork {
    mutating func renamedPaper(_ name: String, from before: String, _ words: String) throws {
        try paper(
            "registration-notice",
            [
                "companyName": .string(name), "matter": .string(words),
                "registeredOn": .string(today.description),
                "changes": [["item": "名称", "before": .string(before), "after": .string(name)]],
            ]
        )
    }

    /// The order itself: term and paper.
    mutating func orderName(facts: String) throws {
        matter.clock = try startClock("nameCorrect")
        try orderPaper(
            facts: facts,
            law: "《企业名称登记管理规定》第二十三条",
            demand: "办理企业名称变更登记；名称变更前，以统一社会信用代码代替名称",
            consequence: "本机关将依法把你（单位）列入经营异常名录并向社会公示"
        )
        try happened("ordered")
    }
}
