import Cases
import Credentials
public import Kernel
public import Registers
import Storage

extension Corrections {
    /// Puts a slip of the authority right: the same code, a licence of the next version, the old entry kept
    /// (company-opening.md section 7 a).
    /// - Parameter changes: registered items by name with their right values.
    /// - Throws: `CorrectionError.nothingChanges`, `.unknownItem`, `RegisterError`.
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
        let real = changes.members.filter { subject.items[$0.key] != $0.value }
        guard !real.isEmpty else { throw CorrectionError.nothingChanges }
        let prepared = try await nextLicence(of: subject, changes: real, occasion: occasion)
        let matter = Correction(
            id: occasion.newID(),
            code: code,
            caseID: granted.id.rawValue,
            kind: .slip,
            state: .corrected,
            openedAt: occasion.now,
            openedBy: occasion.actor.id,
            words: reason,
            item: nil,
            clock: nil,
            investigationEnds: nil,
            noticeEnds: nil,
            isExtended: false,
            decidedAt: occasion.now,
            decision: ["changes": .object(real)],
            version: 1
        )
        let rows = real.sorted { $0.key < $1.key }.map { key, value -> JSON in
            [
                "item": .string(key), "before": .string(Self.plain(subject.items[key])),
                "after": .string(Self.plain(value)),
            ]
        }
        try await database.write { tx in
            guard try RegisterStore.find(code, in: tx)?.version == subject.version else {
                throw CorrectionError.changedMeanwhile
            }
            let after = try Register.act(
                .correct,
                on: code,
                changes: .object(real),
                caseID: granted.id.rawValue,
                force: true,
                occasion: occasion,
                in: tx
            )
            if let prepared { try Credentials.store(prepared, occasion: occasion, in: tx) }
            try CorrectionStore.insert(matter, in: tx)
            try paper(
                "slip-correction",
                granted,
                subject,
                [
                    "changes": .array(rows), "reason": .string(reason),
                    "correctedOn": .string(occasion.now.date.description),
                ],
                occasion,
                tx
            )
            try happened("corrected", to: granted, matter, occasion, tx)
            try log("corrected", matter, granted: granted, occasion: occasion, in: tx)
            try tellParties(granted, "correct", record(of: after, kind: "correct"), occasion, tx)
        }
        return matter
    }

    /// The licence of the next version with the right words; nil when no valid licence stands.
    private func nextLicence(
        of subject: RegisterSubject,
        changes: [String: JSON],
        occasion: Occasion
    ) async throws -> PreparedCredential? {
        let code = subject.code
        let held = try await opening.database.read { try Credentials.held(by: code, in: $0) }
        guard let old = held.last(where: { $0.record.type == "business-licence" && $0.state == .valid })
        else {
            return nil
        }
        var fields = old.record.fields
        var isShown = false
        for (key, value) in changes where !fields[key].isNull {
            fields[key] = value
            isShown = true
        }
        guard isShown else { return nil }
        let name = changes["name"]?.text ?? old.record.holder.name
        return try await opening.credentials.prepareChange(
            of: old,
            to: CredentialDraft(
                type: old.record.type,
                holder: Holder(.enterprise, code: code, name: name),
                issuer: old.record.issuer,
                region: subject.region,
                fields: fields
            ),
            occasion: occasion
        )
    }
}
