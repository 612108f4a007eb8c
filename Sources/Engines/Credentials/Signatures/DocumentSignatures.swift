import Audit
import Cryptography
import Jobs
public import Kernel
public import Storage

/// Storing, finding and voiding signatures on documents.
public enum DocumentSignatures {
    /// Stores a signature; an earlier valid one by the same signer on the same document is voided by it.
    /// `digest` is SM3 of the document's text as it is in this transaction: a signature over another is refused.
    public static func store(
        _ signature: DocumentSignature,
        on digest: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let statement = signature.statement
        guard statement.digest == digest else { throw CredentialError.otherText }
        try CredentialStore.void(
            on: statement.document,
            signer: statement.signer.code,
            at: occasion.now,
            reason: "signed-again",
            in: tx
        )
        try CredentialStore.insert(signature, in: tx)
        var facts: JSON = [
            "document": .string(statement.document), "digest": .string(statement.digest),
            "signer": .string(statement.signer.code), "role": .string(statement.role),
            "signature": .string(signature.id.rawValue),
        ]
        if let elsewhere = signature.elsewhere {
            facts["authority"] = JSON(elsewhere.authority)
            facts["envelope"] = .string(Hex.encode(SM3.digest(elsewhere.envelope)))
        }
        try tell("made", signature.id, facts, occasion: occasion, in: tx)
    }

    /// All signatures on a document, void ones too, in order.
    public static func on(_ document: String, in reader: any Reader) throws -> [DocumentSignature] {
        try CredentialStore.signatures(on: document, in: reader)
    }

    /// Voids signatures for a reason such as `text-changed`; those that are void already stay as they are.
    public static func void(
        _ ids: [ID<DocumentSignature>],
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        for id in ids {
            let document = try CredentialStore.void(id, at: occasion.now, reason: reason, in: tx)
            guard let document else { continue }
            let facts: JSON = [
                "document": .string(document), "signature": .string(id.rawValue), "reason": .string(reason),
            ]
            try tell("voided", id, facts, occasion: occasion, in: tx)
        }
    }

    /// Takes away every signature on the documents under `name`, that is, on `name/…`.
    public static func forget(under name: String, in tx: any Transaction) throws {
        try CredentialStore.forgetSignatures(under: name, in: tx)
    }

    private static func tell(
        _ what: String,
        _ id: ID<DocumentSignature>,
        _ facts: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let object = "signature:\(id)"
        try AuditLog.append("signature.\(what)", object: object, after: facts, occasion: occasion, in: tx)
        try Outbox.emit("signature.\(what)", object: object, payload: facts, occasion: occasion, in: tx)
    }
}
