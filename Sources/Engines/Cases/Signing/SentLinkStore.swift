import Kernel
import Storage

/// Links that were sent, counted so that nobody's telephone is flooded.
enum SentLinks {
    /// How many links one signer and one telephone may get within a day, as dated data.
    struct Cap {
        let perSigner: Int64?
        let perPhone: Int64?

        init(limits: JSON) {
            perSigner = limits["signingLinksPerDay"].int
            perPhone = limits["signingLinksPerPhone"].int
        }
    }

    /// Counts one more link of a signer.
    static func count(_ signer: Signer, cap: Cap, occasion: Occasion, in tx: any Transaction) throws {
        try count(of: signer.caseID, for: signer.key, to: signer.phone, cap: cap, occasion: occasion, in: tx)
    }

    /// Counts one more link.
    /// - Parameter key: the signer, or whatever else of a case has links of its own.
    /// - Throws: `CaseError.tooManyLinks` when the day's number was sent already.
    static func count(
        of id: ID<Case>,
        for key: String,
        to number: String,
        cap: Cap,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let since = occasion.now + -Instant.day
        let phone = LookupKey("signer-phone", number)
        let own = try tx.number(
            "SELECT COUNT(*) FROM case_link_sent WHERE case_id = $1 AND signer = $2 AND at > $3",
            id,
            key,
            since
        )
        if let most = cap.perSigner, own >= most { throw CaseError.tooManyLinks(max: Int(most)) }
        let all = try tx.number(
            "SELECT COUNT(*) FROM case_link_sent WHERE phone = $1 AND at > $2",
            phone,
            since
        )
        if let most = cap.perPhone, !number.isEmpty, all >= most {
            throw CaseError.tooManyLinks(max: Int(most))
        }
        try tx.execute("DELETE FROM case_link_sent WHERE phone = $1 AND at <= $2", phone, since)
        try tx.send(
            "INSERT INTO case_link_sent (id, case_id, signer, phone, at) VALUES ($1, $2, $3, $4, $5)",
            occasion.newID(Signer.self),
            id,
            key,
            phone,
            occasion.now
        )
    }
}
