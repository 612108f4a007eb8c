import Exchange
import Identity
import Kernel
import Standards

/// What the police are asked about people themselves: whether name and number belong together, and whose face it is.
struct PoliceChecks: Sendable {
    let exchange: Exchange
    let standards: Standards

    /// For the pages on which accounts are opened.
    var identity: IdentityChecks {
        IdentityChecks(confirm: confirm) { name, kind, number, sample, occasion in
            let answer = await compare(
                name: name,
                kind: kind,
                number: number,
                sample: sample,
                purpose: "identity.real-name",
                occasion: occasion
            )
            guard let answer else { return .unknown }
            return .compared(score: answer.score, reference: "police-face \(answer.at)")
        }
    }

    @Sendable
    private func confirm(_ name: PersonName, _ document: IdentityDocument, _ occasion: Occasion) async
        -> IdentityChecks.Confirmation
    {
        guard standards.identityDocuments[document.kind]?.allowsInstant == true else { return .unknown }
        let answer = await exchange.ask(
            Question(
                party: "police-id",
                operation: "verify",
                purpose: "identity.sign-up",
                consent: "sign-up",
                fields: [
                    "name": .string(name.text), "idKind": .string(document.kind),
                    "idNumber": .string(document.number),
                ]
            ),
            occasion: occasion
        )
        guard case .answered(let content, let at) = answer else { return .unknown }
        guard content["alive"].bool != false, let matches = content["matches"].bool else { return .differs }
        return matches ? .confirmed(reference: "police-id \(at)") : .differs
    }

    /// - Returns: per mille, 0 for a picture of a picture; nil without an answer.
    func compare(
        name: String,
        kind: String,
        number: String,
        sample: String,
        purpose: String,
        occasion: Occasion
    ) async -> (score: Int, at: Instant)? {
        let answer = await exchange.ask(
            Question(
                party: "police-face",
                operation: "compare",
                purpose: purpose,
                consent: "face-check",
                fields: [
                    "name": .string(name), "idNumber": .string(number), "idKind": .string(kind),
                    "capture": .string(sample),
                ]
            ),
            occasion: occasion
        )
        guard case .answered(let content, let at) = answer, let score = content["score"].int else {
            return nil
        }
        return (content["live"].bool == false ? 0 : Int(score), at)
    }
}
