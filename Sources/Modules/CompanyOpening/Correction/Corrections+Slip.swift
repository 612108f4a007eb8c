import Cases
import CompanyNames
import Credentials
import Identity
public import Kernel
import Registers
import Storage

extension Corrections {
    /// Puts a slip of the authority right: the same code, a licence of the next version, the old entry kept
    /// (company-opening.md section 7 a).
    /// - Parameter changes: registered items by name with their right values, each of which the opening itself could
    ///   have been granted with.
    /// - Throws: `CorrectionError.nothingChanges`, `.unknownItem`, what `SlipCheck` refuses, `RegisterError`.
    @discardableResult
    public func correctSlip(
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
        let check = SlipCheck(
            opening: opening,
            definition: try await definitions.of(granted),
            subject: subject,
            granted: granted,
            occasion: occasion
        )
        let right = try await check.checked(real).filter { subject.items[$0.key] != $0.value }
        guard !right.isEmpty else { throw CorrectionError.nothingChanges }
        let prepared = try await opening.nextCredentials(of: subject, changes: right, occasion: occasion)
        let matter = Self.matter(
            .slip,
            .corrected,
            of: granted,
            code: code,
            words: reason,
            decision: ["changes": .object(right)],
            occasion: occasion
        )
        let rows = right.filter { $0.key != "scopeCodes" }.sorted { $0.key < $1.key }.map {
            key,
            value -> JSON in
            [
                "item": .string(RegisterWords.chinese(key)),
                "before": .string(Self.plain(subject.items[key], of: key)),
                "after": .string(Self.plain(value, of: key)),
            ]
        }
        return try await begin(
            matter,
            as: "corrected",
            of: granted,
            seen: subject.version,
            occasion: occasion
        ) { work in
            let after = try work.act(.correct, right)
            for credential in prepared {
                try Credentials.store(credential, occasion: occasion, in: work.tx)
            }
            if let name = right["legalRepresentative"]?.text ?? right["operator"]?.text,
                let row = check.row(of: name)
            {
                try work.takeRepresentative(row)
            }
            if let name = right["name"]?.text { try work.takeName(try check.proposal(named: name)) }
            try work.paper(
                "slip-correction",
                [
                    "changes": .array(rows), "reason": .string(reason),
                    "correctedOn": .string(occasion.now.date.description),
                ]
            )
            try work.happened("corrected")
            try work.tell("correct", about: after)
        }
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
