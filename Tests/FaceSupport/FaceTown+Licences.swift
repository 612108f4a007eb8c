public import Credentials
import Cryptography
import Kernel
import Server
import Storage
import Testing

/// How the towns of the tests come by licences that no case issued.
extension FaceTown {
    private var licenceDesk: LicenceDesk {
        LicenceDesk(authority: platform.credentials, database: platform.database)
    }

    /// A food operation licence for a firm, proposed by one official.
    public func foodWish(of code: String, number: String) async throws -> LicenceProposal {
        try await licenceDesk.propose(
            issuing: LicenceDraft(
                type: "food-operation",
                holder: Holder(.enterprise, code: code, name: "阴山商贸有限公司"),
                issuer: IssuingBody(code: "150203", name: "包头市昆都仑区市场监督管理局"),
                region: "150203",
                fields: [
                    "number": .string(number), "premises": "包头市昆都仑区钢铁大街 1 号", "businessKind": "餐饮服务经营者",
                    "scope": ["热食类食品制售"], "legalRepresentative": "张三",
                ]
            ),
            try LicenceDecision(number: "包昆市监许〔2026〕1号", reason: "依申请"),
            occasion: platform.occasion("proposer")
        )
    }

    /// The same, confirmed by another.
    public func foodLicence(of code: String, number: String = "JY1") async throws -> Credential {
        let wish = try await foodWish(of: code, number: number)
        let made = try await licenceDesk.decide(
            wish.id,
            isConfirmed: true,
            occasion: platform.occasion("confirmer")
        )
        guard let made else { throw LicenceDeskError.unknown }
        return made
    }
}

extension FaceTown {
    /// As if the certificate under which a credential was signed were revoked now, by a list that is not published yet.
    public func revokeSigner(of credential: Credential) async throws {
        let signed = try #require(SignedRecord(file: credential.file))
        let certificate = try Certificate(der: try #require(signed.certificates.first))
        let now = town.clock.now
        try await platform.database.write { tx in
            try tx.execute(
                "INSERT INTO certificate_revoked (issuer, serial, at, reason, object) VALUES ($1, $2, $3, $4, $5)",
                "sm2-1",
                Hex.encode(certificate.serial),
                now,
                RevocationReason.keyCompromise.rawValue,
                "test"
            )
            try tx.execute("DELETE FROM certificate_list")
        }
    }
}
