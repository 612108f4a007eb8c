import Cryptography
import ElectronicSeals
import Foundation
import Kernel
import Testing

@testable import Documents

@Suite("samples of signed OFD files")
struct SampleTests {
    static let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Samples")
    static let limits = PackageLimits(
        sizeBytesMax: 16_777_216,
        unpackedBytesMax: 33_554_432,
        entriesMax: 1_000,
        nameBytesMax: 255,
        ratioMax: 200,
        signaturesMax: 20
    )

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: samples.appendingPathComponent("seals/\(name)")))
    }

    /// The samples' certificates run out after a year: the moment is theirs.
    static func verifier(at moment: String = "2026-11-22T10:00", anchors: [Certificate]? = nil) throws
        -> OFDVerifier
    {
        let pem = try String(
            contentsOf: samples.appendingPathComponent("sm2/sm2-issuing.pem"),
            encoding: .utf8
        )
        return OFDVerifier(
            trust: SealTrust(
                anchors: try anchors ?? Certificate.all(pem: pem),
                moment: try #require(Instant(parsing: moment)),
                toleranceMilliseconds: 300_000
            ),
            limits: limits
        )
    }

    @Test(
        "valid ones are valid",
        arguments: [("sm2ca-hello-v4", 1), ("sm2ca-licence-1sig", 1), ("sm2ca-licence-2sig", 2)]
    )
    func valid(name: String, count: Int) throws {
        let verdict = try Self.verifier().verify(Self.bytes("\(name).ofd"))
        #expect(verdict.isValid, "\(verdict.problems)")
        #expect(verdict.signatures.count == count)
        #expect(verdict.signatures.allSatisfy { $0.signature?.seal.content.name == "某某科技有限公司" })
        // The last one of two protects the list; the first must not.
        #expect(verdict.signatures.last?.isLocking == (name != "sm2ca-licence-1sig"))
    }

    @Test(
        "files of other products are valid for whoever trusts their makers",
        arguments: [
            ("ofdrw-invoice-v4-vendor", "2020-10-11"), ("ofdrw-riding-seal-v4", "2021-05-20"),
            ("ofdrw-allprotected-v4", "2020-10-24"),
        ]
    )
    func products(name: String, day: String) throws {
        let bytes = try Self.bytes("\(name).ofd")
        let strange = try Self.verifier(at: day).verify(bytes)
        #expect(strange.problems.map(\.kind) == [.signerUntrusted])
        let signature = try #require(strange.signatures.first?.signature)
        let anchors = try [signature.signerCertificate, signature.seal.makerCertificate].map {
            try Certificate(der: $0)
        }
        let verdict = try Self.verifier(at: day, anchors: anchors).verify(bytes)
        #expect(verdict.isValid, "\(verdict.problems)")
        if name.contains("riding") { #expect(verdict.signatures.first?.stamps.compactMap(\.clip).count == 5) }
    }

    @Test(
        "changed ones are refused with their class",
        arguments: [
            ("01-page", VerificationClass.fileHash), ("02-stamp", .documentHash), ("03-sealswap", .fileHash),
            ("04-refdrop", .documentHash), ("05-extra", .coverage), ("06-nosig", .notSigned),
            ("07-trunc", .packageFormat), ("08-xxe", .packageXML), ("10-dup", .packageDuplicate),
            ("12-sigbit", .signatureValue), ("13-garbage-trailing", .format),
            ("14-notinseal", .signerNotInSeal), ("15-noid", .signatureValue), ("15-wrongid", .signatureValue),
            ("16-foreignca", .signerUntrusted), ("17-expiredcert", .signerExpired),
            ("21-transplant", .fileHash), ("licence-unsigned", .notSigned),
        ]
    )
    func refused(name: String, kind: VerificationClass) throws {
        let verdict = try Self.verifier().verify(Self.bytes("\(name).ofd"))
        #expect(verdict.problems.map(\.kind) == [kind])
    }
}
