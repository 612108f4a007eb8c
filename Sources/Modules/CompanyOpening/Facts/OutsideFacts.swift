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

    /// Answers about every person, by identity. Whatever goes wrong is `unknown`.
    func about(_ people: [NamedPerson], caseNumber: String, occasion: Occasion) async -> [String:
        PersonAnswers]
    {
        await withTaskGroup(of: (String, PersonAnswers).self) { group in
            for person in people {
                group.addTask {
                    (person.identity, await about(person, caseNumber: caseNumber, occasion: occasion))
                }
            }
            var answers: [String: PersonAnswers] = [:]
            for await (identity, answer) in group { answers[identity] = answer }
            return answers
        }
    }

    /// Documents whose numbers the police keep.
    private static let askedOfThePolice: Set<String> = [
        "resident-id", "residence-permit-hmt", "permanent-resident", "permanent-resident-old",
    ]

    private func about(_ person: NamedPerson, caseNumber: String, occasion: Occasion) async -> PersonAnswers {
        var result = PersonAnswers()
        if Self.askedOfThePolice.contains(person.idKind) {
            let answer = await ask(
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
            if case .answered(let content, let time) = answer {
                result.policeTime = time
                result.police = Self.police(content)
            }
        } else {
            result.police = "other"
            result.policeTime = occasion.now
        }
        guard person.isOfficer else {
            result.barSource = "known"
            return result
        }
        let answer = await ask(
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
        if case .answered(let content, let time) = answer {
            result.barSource = "known"
            result.barTime = time
            result.bars = bars(content)
        }
        return result
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
    func ask(
        _ party: String,
        _ operation: String,
        key: String,
        caseNumber: String,
        fields: JSON,
        occasion: Occasion
    ) async -> Answer {
        let stored = keys.person(idKind: "\(party).\(operation)", idNumber: key + fields.canonical)
        let oldest = occasion.now + -freshMinutes * Instant.minute
        if let fresh = try? await database.read({ try FactStore.find(stored, since: oldest, in: $0) }) {
            return .answered(fresh.content, dataTime: fresh.at)
        }
        let answer = await exchange.ask(
            Question(
                party: party,
                operation: operation,
                caseNumber: caseNumber,
                purpose: "company-opening",
                consent: "promise.dataUse",
                fields: fields
            ),
            occasion: occasion
        )
        if case .answered(let content, let time) = answer {
            // Keeping the answer only saves asking again: when it cannot be kept the answer itself still stands.
            _ = try? await database.write { try FactStore.put(stored, content: content, at: time, in: $0) }
        }
        return answer
    }
}
