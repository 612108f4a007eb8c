public import Kernel
import Standards
import Storage

/// What a clerk says he saw of somebody who takes his objection back.
public struct ObjectorEvidence: Sendable {
    /// The original of the identity document lay on the counter.
    public let isSeen: Bool
    /// As the document has them.
    public let name: String
    public let idNumber: String
    public let words: String

    public init(isSeen: Bool, name: String, idNumber: String, words: String) {
        self.isSeen = isSeen
        self.name = name
        self.idNumber = idNumber
        self.words = words
    }
}

extension CaseDesk {
    /// An objection is taken back in person, in front of a clerk who sees the objector's document: for whoever has lost
    /// the telephone that objected, or never had it to himself. The number on the document must be that of the human
    /// who objected, which no edit of the form changes; the page does not show it.
    /// - Parameter number: of the objection, as its page says it.
    /// - Throws: `CaseError.notYours` for anybody but staff, `.proofMissing` when the document was not seen,
    ///   `.reasonMissing`, `.linkUnknown` when no such objection is open, `.objectorDiffers` for another document,
    ///   `.notAllowed` once the case was handed in.
    @discardableResult
    public func takeBackAtCounter(
        _ id: ID<Case>,
        objection number: String,
        evidence: ObjectorEvidence,
        occasion: Occasion
    ) async throws -> CounterRecord {
        let (name, words) = try Self.witnessed(evidence.name, evidence.words, occasion)
        guard evidence.isSeen else { throw CaseError.proofMissing }
        let again = SigningLink.make(for: "", entropy: occasion.entropy)
        return try await database.write { tx in
            let subject = try CaseStore.lock(id, in: tx)
            let open = try ObjectionStore.of(id, in: tx).filter { $0.state == .open }
            let signers = try SignerStore.signers(of: id, in: tx)
            guard let objection = open.first(where: { $0.number == number.uppercased() }),
                let signer = signers.first(where: { $0.key == objection.signer })
            else { throw CaseError.linkUnknown }
            try Self.requireEditable(subject)
            guard let own = Self.document(of: objection, signer),
                BorderText.code(evidence.idNumber) == BorderText.code(own)
            else { throw CaseError.objectorDiffers }
            let record = CounterRecord(
                id: occasion.newID(),
                caseID: id,
                signer: objection.signer,
                proofs: [.objectorID],
                signedBy: name,
                capacity: .objector,
                words: words,
                papers: [],
                clerk: occasion.actor.id,
                at: occasion.now
            )
            try keep(record, of: subject, occasion: occasion, in: tx)
            try retract(objection, of: subject, by: "counter", again: again, occasion: occasion, in: tx)
            return record
        }
    }

    /// The number of the document of the human who objected.
    private static func document(of objection: Objection, _ signer: Signer) -> String? {
        guard signer.kind == .enterprise else { return signer.idNumber }
        let holder = objection.holder.map { $0.split(separator: "/", maxSplits: 1).last.map(String.init) }
        return holder ?? signer.representative?.idNumber
    }
}
