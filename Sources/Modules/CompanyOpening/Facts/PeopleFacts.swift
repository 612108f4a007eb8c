import Cases
import Kernel

/// What the outside said about one person, with the time of the data.
struct PersonAnswers: Sendable {
    /// `match`, `similar`, `differs`, `dead`, `unknown`; `other` for a document the police do not keep.
    var police = "unknown"
    var policeTime: Instant?
    /// `known` or `unknown`.
    var barSource = "unknown"
    var bars: [JSON] = []
    var barTime: Instant?
    var bannedUntil: LocalDate?
}

/// The list of people as the tables R02, R04-R07 see it.
enum PeopleFacts {
    static func list(
        _ people: [NamedPerson],
        answers: [String: PersonAnswers],
        signing: SigningState,
        key: (NamedPerson) -> String,
        today: LocalDate
    ) -> JSON {
        .array(
            people.map { person in
                let answer = answers[person.identity] ?? PersonAnswers()
                let signer = signing.active.first { $0.key == key(person) }
                return [
                    "label": .string(person.label), "officer": .bool(person.isOfficer),
                    "operator": .bool(person.roles.contains(.operatorRole)),
                    "roles": .array(person.roles.map { .string($0.rawValue) }),
                    "face": .string(face(of: signer)), "faceScore": JSON(signer?.faceScore ?? 0),
                    "idValid": .bool(person.idUntil.map { $0 >= today } ?? true),
                    // Whatever the police say of one name, they cannot have confirmed both.
                    "police": .string(person.otherNames.isEmpty ? answer.police : "differs"),
                    "age": person.birthDate.map { JSON($0.years(until: today)) } ?? .null,
                    "barSource": .string(answer.barSource), "bars": .array(answer.bars),
                    "banned": .bool(answer.bannedUntil.map { $0 > today } ?? false),
                    "bannedUntil": .string(answer.bannedUntil?.description ?? ""),
                ]
            }
        )
    }

    /// Persons who do not sign themselves (minors through a guardian) need no face of their own.
    private static func face(of signer: Signer?) -> String {
        guard let signer else { return "represented" }
        switch signer.state {
        case .inPerson: return "inPerson"
        case .verified, .signed: return "passed"
        case .invited: return "none"
        case .dropped: return "none"
        }
    }

    /// Missing and void signatures, counted by signer (R03).
    static func signatures(_ signing: SigningState) -> JSON {
        let open = signing.missing
        let stale = open.filter { signer in
            signer.papers.contains { signing.standing(of: signer, on: $0) == .stale }
        }
        let missing = open.filter { signer in !stale.contains { $0.key == signer.key } }
        func who(_ signers: [Signer]) -> JSON {
            .string(signers.map { PersonMask.name($0.name) }.joined(separator: "、"))
        }
        return [
            "missing": JSON(signing.active.isEmpty ? 1 : missing.count), "stale": JSON(stale.count),
            "missingWho": who(missing), "staleWho": who(stale),
        ]
    }
}
