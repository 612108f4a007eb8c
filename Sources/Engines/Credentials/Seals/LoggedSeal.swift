import Audit
import Cryptography
import Kernel
public import Storage

/// A seal with its steps and permits, and its ledger with the requests that led to it, as the log knows them.
struct LoggedSeal {
    let seal: Seal
    let steps: [SealStep]
    let permits: [SealPermit]
    let requests: [SealRequest]
    let uses: [SealUse]

    init?(_ id: ID<Seal>, in reader: any Reader) throws {
        guard let seal = try SealStore.find(id, in: reader) else { return nil }
        self.seal = seal
        steps = try SealStore.steps(of: id, in: reader)
        permits = try SealUseStore.permits(of: id, limit: Int.max, in: reader)
        requests = try SealUseStore.requests(of: id, limit: Int.max, in: reader)
        uses = try SealUseStore.uses(of: id, limit: Int.max, in: reader)
    }

    static let forgotten = "seal.ledger-forgotten"
    private static let ledger = [
        "seal.requested", "seal.request-approved", "seal.request-confirmed", "seal.request-refused",
        "seal.used",
    ]
    private static let rights = ["seal.permitted", "seal.permit-revoked"]
    private static let life = ["seal.applied"] + SealEvent.allCases.map { "seal.\($0.past)" }

    /// Entries of which each bears out one thing that stands in the tables.
    private struct Left {
        var entries: [KeptEntry]

        mutating func take(_ act: String, _ forms: [JSON]) -> Bool {
            let place = entries.firstIndex { one in
                one.entry.act == act && forms.contains(where: one.stands)
            }
            guard let place else { return false }
            entries.remove(at: place)
            return true
        }
    }

    /// Whether every step, permit, request and use is what an entry of its own digested, and none of those is left over.
    func isBorneOut(by entries: [KeptEntry]) -> Bool {
        guard seal.version == Int64(steps.count), seal.state == steps.last?.state else { return false }
        var left = Left(entries: entries.filter { $0.entry.outcome == .done })
        for (place, step) in steps.enumerated() {
            guard left.take("seal.\(step.event?.past ?? "applied")", forms(of: step, at: place)) else {
                return false
            }
        }
        // A ledger that was forgotten left its entries.
        let isForgotten = entries.contains { $0.entry.act == Self.forgotten }
        guard arePermitsBorneOut(by: &left, isForgotten: isForgotten), isLedgerBorneOut(by: &left) else {
            return false
        }
        // The key's end leaves nothing here.
        return !left.entries.contains { one in
            (Self.life + Self.rights).contains(one.entry.act)
                || (!isForgotten && Self.ledger.contains(one.entry.act))
        }
    }

    /// What a permit was used is counted in the ledger, as long as there is one.
    private func arePermitsBorneOut(by left: inout Left, isForgotten: Bool) -> Bool {
        for permit in permits {
            guard left.take("seal.permitted", [Self.permitting(permit), Self.permittingBefore(permit)]),
                isForgotten || permit.uses == uses.count(where: { $0.permit == permit.id })
            else { return false }
            guard let at = permit.revokedAt else { continue }
            let forms = [Self.revoking(permit.id, at: at), Self.revokingBefore(permit.id)]
            guard left.take("seal.permit-revoked", forms) else { return false }
        }
        return true
    }

    private func isLedgerBorneOut(by left: inout Left) -> Bool {
        let used = Dictionary(uses.map { ($0.request, $0) }) { first, _ in first }
        guard used.count == uses.count else { return false }
        for request in requests {
            guard left.take("seal.requested", Self.forms(asking: request)) else { return false }
            if [.approved, .signed].contains(request.state) {
                guard left.take("seal.request-approved", Self.forms(deciding: request)) else { return false }
            }
            if let step = request.confirmation {
                guard left.take("seal.request-confirmed", [Self.confirming(request, by: step)]) else {
                    return false
                }
            }
            if request.state == .refused {
                guard left.take("seal.request-refused", Self.forms(deciding: request)) else { return false }
            }
            guard (request.state == .signed) == (used[request.id] != nil) else { return false }
            if let use = used[request.id] {
                guard left.take("seal.used", [Self.using(use), Self.usingBefore(use)]) else { return false }
            }
        }
        return true
    }

    // MARK: What is digested

    static func facts(of seal: Seal, _ step: SealStep) -> JSON {
        var facts = before(seal, step).members
        facts["at"] = JSON(step.at.milliseconds)
        facts["recordedAt"] = JSON(step.recordedAt.milliseconds)
        facts["owner"] = .string(seal.owner.code)
        facts["kind"] = .string(seal.kind)
        facts["line"] = JSON(seal.line)
        facts["credential"] = JSON(seal.credential?.rawValue)
        facts["filing"] = JSON(seal.filing)
        facts["ses"] = JSON(seal.made.map { Hex.encode(SM3.digest($0.bytes)) })
        facts["certificate"] = JSON(seal.made?.certificate)
        facts["until"] = seal.made.map { JSON($0.validUntil.milliseconds) } ?? .null
        return .object(facts)
    }

    /// What was digested of a step before the rest was.
    private static func before(_ seal: Seal, _ step: SealStep) -> JSON {
        [
            "state": .string(step.state.rawValue), "version": JSON(seal.version), "code": JSON(seal.code),
            "reason": .string(step.reason),
        ]
    }

    /// The seal as it was when the step was written: what later ones gave it is not there yet. A seal from before there
    /// was a register of seals was entered with code and credential.
    private func forms(of step: SealStep, at place: Int) -> [JSON] {
        let past = steps[...place].map(\.event)
        var then = seal
        then.state = step.state
        then.version = Int64(place + 1)
        if !past.contains(.record) { then.filing = nil }
        if !past.contains(.make) { then.made = nil }
        var bare = then
        if !past.contains(.approve) { (bare.code, bare.credential) = (nil, nil) }
        return [bare, then].flatMap { [Self.facts(of: $0, step), Self.before($0, step)] }
    }

    static func permitting(_ permit: SealPermit) -> JSON {
        var facts = permittingBefore(permit).members
        facts["from"] = .string(permit.from.description)
        facts["by"] = .string(permit.grantedBy)
        facts["at"] = JSON(permit.grantedAt.milliseconds)
        return .object(facts)
    }

    /// What is told of a permit, and was digested of it before its first day, who granted it and when were.
    static func permittingBefore(_ permit: SealPermit) -> JSON {
        [
            "permit": .string(permit.id.rawValue), "agent": .string(permit.agent),
            "role": .string(permit.role.rawValue),
            "kinds": .array(permit.kinds.sorted().map { .string($0) }),
            "until": .string(permit.until.description), "usesMax": JSON(permit.usesMax),
        ]
    }

    static func revoking(_ permit: ID<SealPermit>, at moment: Instant) -> JSON {
        ["permit": .string(permit.rawValue), "at": JSON(moment.milliseconds)]
    }

    /// What is told of it, and was digested before the moment was.
    static func revokingBefore(_ permit: ID<SealPermit>) -> JSON { ["permit": .string(permit.rawValue)] }

    static func asking(_ request: SealRequest) -> JSON {
        var facts = SealRequests.facts(of: request).members
        facts["requester"] = .string(request.requester)
        facts["name"] = .string(request.subject.name)
        facts["purpose"] = .string(request.subject.purpose)
        facts["case"] = .string(request.subject.caseNumber)
        facts["at"] = JSON(request.at.milliseconds)
        return .object(facts)
    }

    static func deciding(_ request: SealRequest, by person: String?, refusal: String?) -> JSON {
        var facts = SealRequests.facts(of: request).members
        facts["by"] = JSON(person)
        facts["refusal"] = JSON(refusal)
        return .object(facts)
    }

    /// Beside the approval, which says who.
    static func confirming(_ request: SealRequest, by step: SealRequest.Confirmation) -> JSON {
        [
            "request": .string(request.id.rawValue), "digest": .string(request.subject.digest),
            "confirmation": .string(step.rawValue),
        ]
    }

    static func using(_ use: SealUse) -> JSON {
        var facts = usingBefore(use).members
        facts["signer"] = .string(use.signer)
        facts["approver"] = .string(use.approver)
        facts["at"] = JSON(use.at.milliseconds)
        return .object(facts)
    }

    /// What was digested of a use before who and when were.
    static func usingBefore(_ use: SealUse) -> JSON {
        [
            "request": .string(use.request.rawValue), "digest": .string(use.subject.digest),
            "kind": .string(use.subject.kind), "permit": JSON(use.permit?.rawValue),
            "result": .string(use.result), "certificate": .string(use.certificate),
        ]
    }

    private static func forms(asking request: SealRequest) -> [JSON] {
        [asking(request), SealRequests.facts(of: request)]
    }

    private static func forms(deciding request: SealRequest) -> [JSON] {
        [
            deciding(request, by: request.decidedBy, refusal: request.reason),
            SealRequests.facts(of: request),
        ]
    }
}

extension Seals {
    /// Compares all seals with the log: every step with its moment and reason, what was made, every permit, every request,
    /// and every use in the ledger.
    /// - Returns: how many were compared, and at most `max` that are not as they were logged.
    public static func compareWithLog(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("seal", in: database, max: max) { id, entries, reader in
            try LoggedSeal(ID(id), in: reader)?.isBorneOut(by: entries) ?? false
        }
    }
}
