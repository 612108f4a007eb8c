import Cases
import CompanyNames
import Credentials
import Identity
public import Kernel
import Registers
import Storage

extension Corrections {
    /// Proposes to put a slip of the authority right (company-opening.md section 7 a). Nothing changes yet: a second
    /// person looks at it and confirms, or dismisses it.
    /// - Parameter changes: registered items by name with their right values, each of which the opening itself could
    ///   have been granted with.
    /// - Throws: `CorrectionError.nothingChanges`, `.unknownItem`, `.badValue`, what `SlipCheck` refuses, `.openAlready`
    ///   while another slip waits.
    @discardableResult
    public func proposeSlip(
        _ code: String,
        changes: JSON,
        reason: String,
        occasion: Occasion
    ) async throws -> Correction {
        let reason = try Self.checked(reason)
        let (subject, granted) = try await matter(of: code)
        for key in changes.members.keys where subject.items[key].isNull {
            throw CorrectionError.unknownItem(key)
        }
        for (key, value) in changes.members { try check(value, for: key, standing: subject.items[key]) }
        let real = changes.members.filter { subject.items[$0.key] != $0.value }
        guard !real.isEmpty else { throw CorrectionError.nothingChanges }
        let check = try await slipCheck(of: subject, granted: granted, occasion: occasion)
        let right = try await check.checked(real).filter { subject.items[$0.key] != $0.value }
        guard !right.isEmpty else { throw CorrectionError.nothingChanges }
        let matter = Self.matter(
            .slip,
            .proposed,
            of: granted,
            code: code,
            words: reason,
            item: right.keys.filter { !Self.followed.contains($0) }.sorted().joined(separator: ","),
            decision: ["changes": .object(right)],
            occasion: occasion
        )
        return try await begin(matter, as: "proposed", of: granted, occasion: occasion) { _ in }
    }

    /// Puts the slip right: the same code, a licence of the next version, the old entry kept. Form and rules are asked
    /// once more, since they and the register may have moved on since the proposal.
    /// - Throws: `CorrectionError.nothingChanges` when the register says it already, `.proposalOutdated` when something
    ///   else would be entered than was proposed, what `SlipCheck` refuses, `RegisterError`.
    func enactSlip(_ step: ConfirmedStep) async throws -> Correction {
        let (matter, subject, occasion) = (step.matter, step.subject, step.occasion)
        let (_, granted) = try await self.matter(of: subject.code)
        let real = matter.decision["changes"].members.filter {
            !Self.followed.contains($0.key) && subject.items[$0.key] != $0.value
        }
        let check = try await slipCheck(of: subject, granted: granted, occasion: occasion)
        let right = try await check.checked(real).filter { subject.items[$0.key] != $0.value }
        guard !right.isEmpty else { throw CorrectionError.nothingChanges }
        // The second person answers for what he saw, not for what follows from it by now.
        guard matter.decision["changes"] == .object(right) else { throw CorrectionError.proposalOutdated }
        let prepared = try await opening.nextCredentials(of: subject, changes: right, occasion: occasion)
        let rows = right.filter { !Self.followed.contains($0.key) }.sorted { $0.key < $1.key }.map {
            key,
            value -> JSON in
            [
                "item": .string(RegisterWords.chinese(key)),
                "before": .string(Self.plain(subject.items[key], of: key)),
                "after": .string(Self.plain(value, of: key)),
            ]
        }
        return try await enact(step) { work in
            work.matter.decidedAt = occasion.now
            let after = try work.act(.correct, right)
            try Credentials.store(prepared, occasion: occasion, in: work.tx)
            if let name = right["legalRepresentative"]?.text ?? right["operator"]?.text,
                let row = check.row(of: name)
            {
                try work.takeRepresentative(row)
            }
            if let name = right["name"]?.text { try work.takeName(try check.proposal(named: name)) }
            try work.paper(
                "slip-correction",
                [
                    "changes": .array(rows), "reason": .string(matter.words),
                    "correctedOn": .string(occasion.now.date.description),
                ]
            )
            try work.happened("corrected")
            try work.tell("correct", about: after)
        }
    }

    /// Items that a slip of the pen can be in; everything else is a change that the enterprise applies for.
    public static let slipItems = [
        "name", "nameMongolian", "address", "scope", "capitalFen", "legalRepresentative", "operator",
    ]

    /// Items that nobody corrects by themselves: they follow from another one.
    private static let followed: Set<String> = ["scopeCodes"]

    private func slipCheck(
        of subject: RegisterSubject,
        granted: Case,
        occasion: Occasion
    ) async throws -> SlipCheck {
        SlipCheck(
            opening: opening,
            definition: try await definitions.of(granted),
            subject: subject,
            granted: granted,
            occasion: occasion
        )
    }

    /// A slip of the pen is in one plain item: words for words, a sum for a sum. Lists, such as the shareholders, are
    /// never rewritten this way; a false row of theirs is withdrawn.
    private func check(_ value: JSON, for item: String, standing: JSON) throws {
        if item == "name" {
            guard let name = value.text else { throw CorrectionError.badValue(item) }
            guard name.contains(where: { !$0.isWhitespace }) else { throw CorrectionError.badValue(item) }
        } else if standing.text != nil {
            guard let words = value.text, words.contains(where: { !$0.isWhitespace }),
                words.count <= Self.wordsCharactersMax
            else { throw CorrectionError.badValue(item) }
        } else if standing.int != nil {
            guard let sum = value.int, sum > 0 else { throw CorrectionError.badValue(item) }
        } else {
            throw CorrectionError.badValue(item)
        }
    }
}
