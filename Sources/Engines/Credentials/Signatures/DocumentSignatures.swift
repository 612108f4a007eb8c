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
        _ = try CredentialStore.void(
            on: statement.document,
            unless: nil,
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

    /// Voids every signature on a document whose text is now another one; gives those that were.
    @discardableResult
    public static func voidChanged(
        _ document: String,
        digest: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> [ID<DocumentSignature>] {
        try void(document, unless: digest, signer: nil, reason: "text-changed", occasion: occasion, in: tx)
    }

    /// Voids one signer's signature, or all, for a reason such as `withdrawn` or `not-me`.
    @discardableResult
    public static func void(
        _ document: String,
        signer: String?,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> [ID<DocumentSignature>] {
        guard (1...200).contains(reason.count) else { throw CredentialError.reason }
        return try void(document, unless: nil, signer: signer, reason: reason, occasion: occasion, in: tx)
    }

    private static func void(
        _ document: String,
        unless digest: String?,
        signer: String?,
        reason: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> [ID<DocumentSignature>] {
        let voided = try CredentialStore.void(
            on: document,
            unless: digest,
            signer: signer,
            at: occasion.now,
            reason: reason,
            in: tx
        )
        for id in voided {
            try tell(
                "voided",
                id,
                [
                    "document": .string(document), "signature": .string(id.rawValue),
                    "reason": .string(reason),
                ],
                occasion: occasion,
                in: tx
            )
        }
        return voided
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
