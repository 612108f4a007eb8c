import Cases
import Identity
import Kernel
import Storage
import Web

/// At the counter somebody takes his objection back in person: the clerk sees the document and types its number, which
/// the page does not show him.
enum CounterObjections {
    /// What was typed for the code, when it is the number of an objection.
    static func number(_ visit: Visit) -> String? {
        let typed = (visit.form.trimmed("code") ?? "").uppercased().filter { !$0.isWhitespace }
        return typed.count == Objection.numberCharacters && typed.hasPrefix("Y") ? typed : nil
    }

    /// The code of a case for whoever has the number of an objection to it; otherwise what was typed, which is wrong and
    /// counted as such.
    static func code(for number: String, _ typed: String, _ desk: WorkbenchDesk) async throws -> String {
        try await desk.database.read { reader in
            guard let found = try CaseStore.find(number: number, in: reader),
                try ObjectionStore.of(found.id, in: reader).contains(where: {
                    $0.number == typed.uppercased().filter { !$0.isWhitespace }
                })
            else { return String(typed.prefix(20)) }
            return found.lookupCode
        }
    }

    static func takeBack(_ visit: Visit, _ desk: WorkbenchDesk) async throws -> Reply {
        let found: Case
        do { found = try await CounterPages.find(visit, desk) } catch let error as CaseError {
            return CounterPages.refused(error, visit)
        }
        do {
            try await desk.desk.takeBackAtCounter(
                found.id,
                objection: visit.form["objection"] ?? "",
                evidence: ObjectorEvidence(
                    isSeen: visit.form.all("proof").contains(CounterRecord.Proof.objectorID.rawValue),
                    name: visit.form.trimmed("signedBy") ?? "",
                    idNumber: visit.form.trimmed("idNumber") ?? "",
                    words: visit.form["words"] ?? ""
                ),
                occasion: visit.occasion
            )
        } catch let refusal as any Refusal {
            return try await CounterPages.show(found, problem: refusal, visit, desk)
        }
        return .redirect(to: "/desk/counter?done=taken-back")
    }
}

extension CounterView {
    /// One objection that whoever raised it can take back here.
    struct Objector: PageView {
        let objection: String
        let at: String
        let roles: String
        let proof: Choice
        let signedBy: String
        let words: String
        let signedByID: String
        let idNumberID: String
        let wordsID: String

        init(_ objection: Objection, _ visit: Visit) {
            let isSame = visit.form["objection"] == objection.number
            func typed(_ field: String) -> String { isSame ? visit.form[field] ?? "" : "" }
            let (stem, seen) = ("objection-\(objection.number)", CounterRecord.Proof.objectorID)
            self.objection = objection.number
            at = objection.at.minuteText
            roles = objection.roles.map { visit.text("workbench.role.\($0)") }.joined(separator: "、")
            proof = Choice(
                id: "\(stem)-\(seen.rawValue)",
                value: seen.rawValue,
                label: visit.text("counter-proof.\(seen.rawValue)"),
                isChosen: isSame && visit.form.all("proof").contains(seen.rawValue)
            )
            signedBy = typed("signedBy")
            words = typed("words")
            signedByID = "\(stem)-by"
            idNumberID = "\(stem)-id"
            wordsID = "\(stem)-words"
        }
    }
}
