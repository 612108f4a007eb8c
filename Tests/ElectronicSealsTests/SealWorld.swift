import Cryptography
import ElectronicSeals
import Kernel

/// A root, an authority below it, a maker of seals, a signer, and the seal that binds them.
struct SealWorld {
    let root: CertificateAuthority
    let issuing: CertificateAuthority
    let maker: SigningIdentity
    let signer: SigningIdentity
    let now = Instant(LocalDate(dayNumber: 20_500)) + 10 * Instant.hour

    init(signerDays: Int64 = 365) throws {
        let from = now + -Instant.day
        func request(_ name: String, days: Int64 = 3_650) -> CertificateAuthority.Request {
            CertificateAuthority.Request(
                subject: DistinguishedName(organization: name, commonName: name),
                serial: SystemEntropy().bytes(16),
                validFrom: from,
                validUntil: from + days * Instant.day
            )
        }
        root = try CertificateAuthority.root(request("根"))
        issuing = try root.authority(request("签发"))
        maker = try issuing.identity(request("制章"), for: .licences)
        signer = try issuing.identity(request("丰苒商贸", days: signerDays), for: .signatures)
    }

    func trust(at moment: Instant? = nil) -> SealTrust {
        SealTrust(anchors: [root.certificate], moment: moment ?? now, toleranceMilliseconds: 300_000)
    }

    func content(days: Int64 = 365) -> ElectronicSeal.Content {
        ElectronicSeal.Content(
            vendor: "SUBAN",
            code: "15010200000001",
            type: 1,
            name: "内蒙古丰苒商贸有限公司",
            signers: .certificates([signer.certificate.der]),
            createdAt: now + -Instant.hour,
            validFrom: now + -Instant.hour,
            validUntil: now + days * Instant.day,
            picture: ElectronicSeal.Picture(
                type: "PNG",
                bytes: [0x89, 0x50, 0x4E, 0x47],
                width: 40,
                height: 40
            )
        )
    }

    func seal(days: Int64 = 365) throws -> ElectronicSeal {
        try ElectronicSeal(content(days: days), madeBy: maker)
    }

    func signature(
        of seal: ElectronicSeal,
        timestamp: (([UInt8]) throws(CryptographyError) -> [UInt8])? = nil
    )
        throws -> SealSignature
    {
        try SealSignature(
            of: seal,
            by: signer,
            dataHash: SM3.digest([1, 2, 3]),
            scope: "/Doc_0/Signs/Sign_0/Signature.xml",
            at: now,
            timestamp: timestamp
        )
    }
}
