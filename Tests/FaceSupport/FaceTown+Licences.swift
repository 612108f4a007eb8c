public import Credentials
public import Kernel
import Server

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
