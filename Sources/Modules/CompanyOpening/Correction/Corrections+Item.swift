import CompanyNames
import Credentials
import Identity
import Kernel
import Registers
import Storage

/// What comes back when the withdrawal of one item is itself undone (Regulations, article 42).
struct ReturningItem: Sendable {
    let item: String
    /// Registered items that get their value back.
    let changes: [String: JSON]
    /// All of the kind that stand afterwards; empty for a registered item.
    let filings: [RegisterFiling]
    /// Names of the people who come back.
    let names: Set<String>

    /// - Throws: `CorrectionError.changedSince` when the item is not as the withdrawal left it. A list takes its rows
    ///   back beside what was changed in it since, unless one of the same name stands there by now.
    init(
        _ item: String,
        of matter: Correction,
        to subject: RegisterSubject,
        _ occasion: Occasion,
        in reader: any Reader
    ) throws {
        self.item = item
        let before = matter.decision["before"]
        // Of a withdrawal from before this was kept nobody knows what it left.
        guard !matter.decision["confidential"].isNull else { throw CorrectionError.changedSince(item) }
        let hidden = matter.decision["confidential"].elements
        let standing = subject.items[item]
        if hidden.isEmpty {
            let left = matter.decision["left"]
            let value = before.elements.isEmpty ? before : Self.merged(before, left, standing)
            guard let value, !before.elements.isEmpty || standing == left else {
                throw CorrectionError.changedSince(item)
            }
            changes = [item: value]
            filings = []
            names = FalseItem.names(before).subtracting(FalseItem.names(left))
            return
        }
        let today = occasion.now.date
        let others = try RegisterStore.filings(item, of: subject.code, on: today, in: reader)
        let names = Set(before.elements.compactMap { $0["name"].text })
        guard !others.contains(where: { $0.value["name"].text.map(names.contains) ?? false }) else {
            throw CorrectionError.changedSince(item)
        }
        changes = [:]
        filings =
            others.map {
                RegisterFiling(kind: item, value: $0.value, isConfidential: $0.isConfidential, from: today)
            }
            + before.elements.enumerated().map { index, value in
                // What is not known to have been public stays closed.
                let isHidden = index < hidden.count ? hidden[index].bool ?? true : true
                return RegisterFiling(kind: item, value: value, isConfidential: isHidden, from: today)
            }
        self.names = names
    }

    /// The rows that fell away at the places where they stood, among those that stand now; nil when somebody of the
    /// same name stands there again.
    private static func merged(_ before: JSON, _ left: JSON, _ standing: JSON) -> JSON? {
        var rows = standing.elements
        for (index, row) in before.elements.enumerated() where !left.elements.contains(row) {
            guard !rows.contains(where: { FalseItem.names([$0]) == FalseItem.names([row]) }) else {
                return nil
            }
            rows.insert(row, at: min(index, rows.count))
        }
        return .array(rows)
    }
}

extension Corrections {
    /// Undoes the withdrawal of one item: it stands in the register as before, a licence that shows it is issued anew,
    /// the rights that hung on it and the seals that ended with it come back, bans fall.
    /// - Throws: `CorrectionError.changedSince` when the item was changed again meanwhile.
    func enactItemReturn(_ step: ConfirmedStep) async throws -> Correction {
        let (before, subject, occasion) = (step.matter, step.subject, step.occasion)
        guard let item = before.item else { throw CorrectionError.unknownItem("") }
        let back = try await database.read {
            try ReturningItem(item, of: before, to: subject, occasion, in: $0)
        }
        let prepared = try await credentials(showing: back, of: subject, occasion: occasion)
        return try await enact(step) { work in
            let after = try work.act(.restore, back.changes, filings: back.filings)
            for credential in prepared {
                try Credentials.store(credential, occasion: occasion, in: work.tx)
            }
            try work.reinstateCredentials()
            try work.returnRights(back)
            try work.liftBans()
            try work.happened("restored")
            try work.undonePaper(step.finding.reason)
            try work.tell("restore", about: after)
        }
    }

    /// Seals bear the name; the representative's own seal is not made anew but stands again.
    private func credentials(showing back: ReturningItem, of subject: RegisterSubject, occasion: Occasion)
        async throws -> [PreparedCredential]
    {
        guard back.item == "name" else {
            let licence = try await opening.nextLicence(
                of: subject,
                changes: back.changes,
                occasion: occasion
            )
            return licence.map { [$0] } ?? []
        }
        return try await opening.nextCredentials(of: subject, changes: back.changes, occasion: occasion)
    }
}

extension MatterWork {
    /// Lifts the bans that this matter brought about.
    func liftBans() throws {
        for note in matter.decision["bans"].elements.compactMap(\.text) {
            try NoteStore.lift(ID(note), at: occasion.now, in: tx)
        }
    }

    mutating func undonePaper(_ reason: String) throws {
        try paper(
            "revocation-undone",
            ["decisionNumber": .string(matter.id.rawValue), "reason": .string(reason)]
        )
    }

    /// The opposite of `takeRights`.
    /// - Throws: `CorrectionError.changedSince` when somebody else has the name by now.
    func returnRights(_ back: ReturningItem) throws {
        if back.item == "name", let name = back.changes["name"]?.text {
            guard try NameLibrary.regain(enterprise: subject.code, occasion: occasion, in: tx) != nil else {
                throw CorrectionError.changedSince(back.item)
            }
            try Enterprises.rename(subject.code, to: name, in: tx)
        }
        guard let role = FalseItem.role(back.item) else { return }
        for person in form.people where back.names.contains(person.name) && person.roles.contains(role) {
            let key = opening.personKey(person)
            try LinkStore.insert(
                "person",
                key: key,
                register: subject.register,
                code: subject.code,
                at: occasion.now,
                in: tx
            )
            guard role == .legalRepresentative || role == .operatorRole else { continue }
            try LinkStore.insert(
                "legal-representative",
                key: key,
                register: subject.register,
                code: subject.code,
                at: occasion.now,
                in: tx
            )
            try Enterprises.enter(
                code: subject.code,
                name: subject.name,
                representative: opening.document(of: form.data[back.item], on: today),
                region: subject.region,
                agency: subject.agency,
                keys: opening.identityKeys,
                occasion: occasion,
                in: tx
            )
        }
    }
}
