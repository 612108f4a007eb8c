public import Cryptography
import ElectronicSeals
import Identity
public import Jobs
public import Kernel
import Storage

/// Certificates that end because something else did: an agent was dismissed, a firm left the register, a seal was ended.
extension Certificates {
    /// - Parameters:
    ///   - keys: say which authority issued the certificate of a seal.
    ///   - clock: what is heard late is revoked when it is heard.
    public static func follower(keys: PlatformKeys, clock: any Clock) -> Subscriber {
        Subscriber(
            "certificates",
            events: [
                "authorisation.revoked", "enterprise.moved", "enterprise.representative-removed",
                "seal.voided", "seal.lost",
            ]
        ) { event, tx in
            let occasion = Occasion(now: max(clock.now, event.at), actor: event.actor, request: event.request)
            switch event.name {
            case "seal.voided", "seal.lost":
                try followSeal(event, keys: keys, occasion: occasion, in: tx)
            default:
                guard let code = event.payload["enterprise"].text else { return }
                try followEnterprise(code, occasion: occasion, in: tx)
            }
        }
    }

    /// Revokes those of an enterprise whose owners act for it no longer, all when nobody does.
    private static func followEnterprise(_ code: String, occasion: Occasion, in tx: any Transaction) throws {
        let isOver = try Enterprises.find(code, in: tx)?.state.mayAct != true
        for one in try CertificateStore.open(of: code, at: occasion.now, in: tx) {
            let acting = try Enterprises.acting(ID(one.agent), for: code, at: occasion.now, in: tx)
            guard acting == nil else { continue }
            try revoke(
                one,
                isOver ? .cessationOfOperation : .affiliationChanged,
                because: isOver ? "enterprise-ended" : "agent-dismissed",
                occasion: occasion,
                in: tx
            )
        }
    }

    /// The certificate with which a seal signed ends with it; one that was lost counts as stolen from then on. That of an
    /// issuing body stands for all of its records, and goes on.
    private static func followSeal(
        _ event: Event,
        keys: PlatformKeys,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let id = event.payload["seal"].text,
            let seal = try SealStore.find(ID(id), in: tx), !seal.isOfAuthority, let made = seal.made,
            case .certificates(let ders) = try ElectronicSeal(der: made.bytes).content.signers,
            let own = ders.first, let issuer = keys.issuerID(of: try Certificate(der: own))
        else { return }
        let isLost = event.name == "seal.lost"
        try list(
            serial: made.certificate,
            of: issuer,
            isLost ? .keyCompromise : .cessationOfOperation,
            object: event.object,
            because: event.name,
            occasion: occasion,
            in: tx
        )
    }
}
