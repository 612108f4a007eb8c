import Cryptography
import Documents
import ElectronicSeals
import Foundation
import Kernel

/// A root, a maker of seals, a signer and his seal, to put into documents.
struct StampWorld {
    let root: CertificateAuthority
    let maker: SigningIdentity
    let signer: SigningIdentity
    let seal: ElectronicSeal
    let now = Instant(LocalDate(dayNumber: 20_500)) + 10 * Instant.hour

    init() throws {
        let from = now + -Instant.day
        func request(_ name: String) -> CertificateAuthority.Request {
            CertificateAuthority.Request(
                subject: DistinguishedName(organization: name, commonName: name),
                serial: SystemEntropy().bytes(16),
                validFrom: from,
                validUntil: from + 3_650 * Instant.day
            )
        }
        root = try CertificateAuthority.root(request("根"))
        let issuing = try root.authority(request("签发"))
        maker = try issuing.identity(request("制章"), for: .licences)
        signer = try issuing.identity(request("丰苒商贸"), for: .signatures)
        seal = try ElectronicSeal(
            ElectronicSeal.Content(
                vendor: "SUBAN",
                code: "15010200000001",
                type: 1,
                name: "内蒙古丰苒商贸有限公司",
                signers: .certificates([signer.certificate.der]),
                createdAt: from,
                validFrom: from,
                validUntil: from + 365 * Instant.day,
                picture: .init(type: "PNG", bytes: [0x89, 0x50, 0x4E, 0x47], width: 40, height: 40)
            ),
            madeBy: maker
        )
    }

    var verifier: OFDVerifier {
        OFDVerifier(
            trust: SealTrust(anchors: [root.certificate], moment: now, toleranceMilliseconds: 300_000),
            limits: SampleTests.limits
        )
    }

    func seal(_ package: Package, isLocking: Bool = false) throws -> Package {
        try OFDSigner.seal(package, with: stamp, at: now, isLocking: isLocking)
    }

    private var stamp: OFDSigner.Stamp {
        OFDSigner.Stamp(
            seal: seal,
            signer: signer,
            places: [.init(page: "1", x: 130, y: 220, width: 40, height: 40.5)]
        )
    }

    /// Seals, then changes Signature.xml and signs what it says now: what a signer with other habits would write.
    func seal(_ package: Package, rewriting change: (String) -> String) throws -> Package {
        var entries = try seal(package).entries
        let path = "Doc_0/Signs/Sign_0/Signature.xml"
        for place in entries.indices where entries[place].name == path {
            entries[place].bytes = Array(change(String(decoding: entries[place].bytes, as: UTF8.self)).utf8)
        }
        let description = entries.first { $0.name == path }?.bytes ?? []
        let signature = try SealSignature(
            of: seal,
            by: signer,
            dataHash: SM3.digest(description),
            scope: "/\(path)",
            at: now
        )
        for place in entries.indices where entries[place].name == "Doc_0/Signs/Sign_0/SignedValue.dat" {
            entries[place].bytes = signature.bytes
        }
        return Package(entries)
    }
}
