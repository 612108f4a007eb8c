import Exchange
import Kernel
import Storage

/// Asks the outside about people and firms, at once and in parallel, and keeps each answer for a time, so that a
/// form that is handed in twice in a minute does not ask the police twice.
struct OutsideFacts: Sendable {
    let exchange: Exchange
    let database: any Database
    let keys: PersonKeys

    /// How long an answer counts as of today: the limit `factMinutes`.
    let freshMinutes: Int64

    /// How long a bar on officers stands.
    let barTerm: BarTerm

    /// Answers about every person, by identity. Whatever goes wrong outside is `unknown`.
    /// - Throws: `StorageError`.
    func about(_ people: [NamedPerson], caseNumber: String, occasion: Occasion) async throws -> [String:
        PersonAnswers]
    {
        try await withThrowingTaskGroup(of: (String, PersonAnswers).self) { group in
            for person in people {
                group.addTask {
                    (person.identity, try await about(person, caseNumber: caseNumber, occasion: occasion))
                }
            }
            var answers: [String: PersonAnswers] = [:]
            for try await (identity, answer) in group { answers[identity] = answer }
            return answers
        }
    }

    /// Documents whose numbers the police keep.
    private static let askedOfThePolice: Set<String> = [
        "resident-id", "residence-permit-hmt", "permanent-resident", "permanent-resident-old",
    ]

    /// The police and the courts, side by side.
    private func about(_ person: NamedPerson, caseNumber: String, occasion: Occasion) async throws
        -> PersonAnswers
    {
        async let police = police(about: person, caseNumber: caseNumber, occasion: occasion)
        async let courts = courts(about: person, caseNumber: caseNumber, occasion: occasion)
        var result = PersonAnswers()
        switch try await police {
        case .answered(let content, let time):
            result.policeTime = time
            result.police = Self.police(content)
        case .unknown: break
        case nil:
            result.police = "other"
            result.policeTime = occasion.now
        }
        switch try await courts {
        case .answered(let content, let time):
            result.barSource = "known"
            result.barTime = time
            result.bars = bars(content)
        case .unknown: break
        case nil: result.barSource = "known"
        }
        return result
    }

    /// - Returns: nil for a document that the police do not keep.
    private func police(about person: NamedPerson, caseNumber: String, occasion: Occasion) async throws
        -> Answer?
    {
        guard Self.askedOfThePolice.contains(person.idKind) else { return nil }
        return try await ask(
            "police-id",
            "verify",
            key: person.identity,
            caseNumber: caseNumber,
            fields: [
                "name": .string(person.name), "idKind": .string(person.idKind),
                "idNumber": .string(person.idNumber),
            ],
            occasion: occasion
        )
    }

    /// - Returns: nil for somebody who is to be no officer.
    private func courts(about person: NamedPerson, caseNumber: String, occasion: Occasion) async throws
        -> Answer?
    {
        guard person.isOfficer else { return nil }
        return try await ask(
            "court-list",
            "bars",
            key: person.identity,
            caseNumber: caseNumber,
            fields: [
                "name": .string(person.name), "idNumber": .string(person.idNumber),
                "idKind": .string(person.idKind),
            ],
            occasion: occasion
        )
    }

    /// Every bar the courts name that still stands, each certain or not: a hit by name alone, or one that is disputed
    /// or just repaid, is for a person to judge.
    private func bars(_ content: JSON) -> [JSON] {
        var bars: [JSON] = content["bars"].elements.filter(barTerm.stands).map { bar in
            [
                "kind": .string(bar["kind"].text ?? "其他限制"), "certain": .bool(bar["disputed"].bool != true),
                "endedOn": bar["endedOn"], "until": bar["until"],
            ]
        }
        if content["dishonest"].bool == true {
            let states = content["entries"].elements.compactMap { $0["state"].text }
            let repaid = !states.isEmpty && states.allSatisfy { $0.contains("已履行") || $0.contains("异议") }
            bars.append([
                "kind": "失信被执行人", "certain": .bool(content["nameOnly"].bool != true && !repaid),
            ])
        }
        return bars
    }

    private static func police(_ content: JSON) -> String {
        if content["alive"].bool == false { return "dead" }
        switch (content["matches"].bool, content["nearName"].bool) {
        case (true, _): return "match"
        case (false, true): return "similar"
        case (false, _): return "differs"
        case (nil, _): return "unknown"
        }
    }

    /// Answers a question from what was said a short while ago, or asks.
    /// - Throws: `StorageError` when what was said cannot be read.
    func ask(
        _ party: String,
        _ operation: String,
        key: String,
        caseNumber: String,
        fields: JSON,
        occasion: Occasion
    ) async throws -> Answer {
        let stored = keys.person(idKind: "\(party).\(operation)", idNumber: key + fields.canonical)
        let oldest = occasion.now + -freshMinutes * Instant.minute
        if let fresh = try await database.read({ try FactStore.find(stored, since: oldest, in: $0) }) {
            return .answered(fresh.content, dataTime: fresh.at)
        }
        return await exchange.ask(
            Question(
                party: party,
                operation: operation,
                caseNumber: caseNumber,
                purpose: "company-opening",
                consent: "promise.dataUse",
                fields: fields
            ),
            occasion: occasion
        ) { content, time, tx in
            // No clock of a party makes an answer count, or stay, for longer than its time.
            try FactStore.put(stored, content: content, at: min(time, occasion.now), in: tx)
        }
    }
}
