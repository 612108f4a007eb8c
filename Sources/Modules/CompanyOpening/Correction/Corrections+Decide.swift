import Cases
import CompanyNames
import Credentials
import Identity
public import Kernel
import Registers
import Storage

/// What a member of staff found out about a false registration, and who is to answer for it.
public struct CorrectionFinding: Sendable {
    public let facts: String
    public let evidence: String
    public let reason: String
    /// Names of people of the form who are directly responsible.
    public let responsible: [String]
    /// For a false item: what stands there afterwards; null takes it away. For a kind of filing the name of the
    /// person who falls away; null means all of that kind.
    public let value: JSON

    /// What the log keeps; of an order the facts are its reason.
    var why: String { reason.isEmpty ? facts : reason }

    public init(
        facts: String,
        evidence: String,
        reason: String,
        responsible: [String] = [],
        value: JSON = .null
    ) {
        self.facts = facts
        self.evidence = evidence
        self.reason = reason
        self.responsible = responsible
        self.value = value
    }
}

extension Corrections {
    /// Withdraws the whole registration: licence and seals end with the decision, the name stays blocked for the
    /// limit `nameBlocked`, nobody acts for the firm any more, every party that was told is told again, those
    /// responsible may not register for the limit `falseRegistrationBan` (Regulations, article 40).
    func enactWithdrawal(_ step: ConfirmedStep) async throws -> Correction {
        let (finding, occasion) = (step.finding, step.occasion)
        return try await enact(step) { work in
            try work.requireNoticeOver()
            try work.close(finding)
            let after = try work.act(.withdraw)
            try work.endCredentials { _ in true }
            let until = try work.ban(finding)
            try NameLibrary.leave(
                enterprise: work.subject.code,
                as: .revoke,
                under: opening.nameRules,
                occasion: occasion,
                in: work.tx
            )
            try Enterprises.move(
                work.subject.code,
                to: .registrationRevoked,
                occasion: occasion,
                in: work.tx
            )
            try work.moveCase(.revoke)
            try work.closeObjections(as: .accepted)
            try work.dropSlips()
            try work.happened("revoked")
            try work.decisionPaper(finding, items: nil, banUntil: until)
            try work.tell("withdraw", about: after, isOver: true)
            try work.messageNamedPersons("registration-revoked", scope: "设立登记")
        }
    }

    /// Withdraws one false item or filing only; everything else stands. A licence that showed it is issued anew in
    /// the next version.
    func enactItemWithdrawal(_ step: ConfirmedStep) async throws -> Correction {
        let (finding, subject, occasion) = (step.finding, step.subject, step.occasion)
        guard let item = step.matter.item else { throw CorrectionError.unknownItem("") }
        let fall = try await database.read { try FalseItem(item, finding, of: subject, occasion, in: $0) }
        let prepared = try await opening.nextCredentials(
            of: subject,
            changes: fall.changes,
            occasion: occasion
        )
        return try await enact(step) { work in
            try work.requireNoticeOver()
            try work.close(finding)
            let after = try work.act(
                .withdrawItem,
                fall.changes,
                filings: fall.filings,
                ending: fall.ending
            )
            try Credentials.store(prepared, occasion: occasion, in: work.tx)
            try work.takeRights(fall)
            let until = try work.ban(finding)
            work.matter.decision["before"] = fall.before
            work.matter.decision["left"] = fall.changes[item] ?? .null
            work.matter.decision["confidential"] = .array(fall.confidential.map(JSON.bool))
            try work.closeObjections(as: .accepted)
            try work.happened("corrected")
            try work.decisionPaper(
                finding,
                items: [
                    [
                        "item": .string(RegisterWords.chinese(item)),
                        "value": .string(Self.plain(fall.before, of: item)),
                    ]
                ],
                banUntil: until
            )
            try work.tell("withdraw-item", about: after)
        }
    }

    /// Leaves the registration as it is, such as for the public interest (Regulations, article 41).
    func enactKeeping(_ step: ConfirmedStep) async throws -> Correction {
        let finding = step.finding
        return try await enact(step) { work in
            try work.requireNoticeOver()
            try work.close(finding)
            try work.closeObjections(as: .dismissed)
            try work.paper(
                "no-revocation-decision",
                ["facts": .string(finding.facts), "reason": .string(finding.reason)]
            )
        }
    }

    /// Undoes a mistaken withdrawal: entry, licence, seals, name and rights stand again, bans fall, the lines that
    /// were set aside go on (Regulations, article 42). A name that somebody else has in the meantime is not taken
    /// from him: the credit code stands for it, and another name is ordered.
    func enactReturn(_ step: ConfirmedStep) async throws -> Correction {
        let occasion = step.occasion
        return try await enact(step) { work in
            var after = try work.act(.restore)
            try work.reinstateCredentials()
            try work.liftBans()
            try work.joinLinks()
            try Enterprises.move(work.subject.code, to: .active, occasion: occasion, in: work.tx)
            try work.moveCase(.restore)
            if try work.regainName() == false { after = try work.orderNameAfterRestore() }
            try work.happened("restored")
            try work.undonePaper(step.finding.reason)
            let setAside = work.matter.decision["setAside"].elements.compactMap(\.text)
            try opening.reopenLines(setAside, occasion: occasion, in: work.tx)
            try work.tell("restore", about: after)
        }
    }
}
