import Cryptography
import Kernel
import Testing

@testable import ElectronicSeals

@Suite("trust in seals")
struct SealTrustTests {
    private func problem(_ signature: SealSignature, _ trust: SealTrust) -> VerificationClass? {
        do throws(VerificationProblem) {
            _ = try signature.checkTrust(of: try signature.checkValue(), trust)
            return nil
        } catch { return error.kind }
    }

    @Test("signer, list, maker and period are judged at the time of signing and at the moment asked")
    func order() throws {
        let world = try SealWorld(signerDays: 30)
        let signature = try world.signature(of: try world.seal(days: 10))
        #expect(problem(signature, world.trust()) == nil)
        #expect(problem(signature, world.trust(at: world.now + 11 * Instant.day)) == .sealExpired)
        #expect(problem(signature, world.trust(at: world.now + 31 * Instant.day)) == .signerExpired)
        // From the future.
        #expect(problem(signature, world.trust(at: world.now + -Instant.hour)) == .timestamp)
        // Who signed is asked before when.
        let stranger = try SealWorld().trust(at: world.now + -Instant.hour)
        #expect(problem(signature, stranger) == .signerUntrusted)
    }

    @Test("a seal of another root, another signer or a changed name is refused")
    func others() throws {
        let (world, other) = (try SealWorld(), try SealWorld())
        let seal = try world.seal()
        func signed(_ seal: ElectronicSeal, by signer: SigningIdentity) throws -> SealSignature {
            try SealSignature(of: seal, by: signer, dataHash: [1], scope: "/x", at: world.now)
        }
        #expect(problem(try signed(seal, by: other.signer), world.trust()) == .signerUntrusted)
        #expect(problem(try signed(seal, by: world.maker), world.trust()) == .signerNotInSeal)
        var content = world.content()
        content.signers = .certificates([world.signer.certificate.der])
        let foreign = try ElectronicSeal(content, madeBy: other.maker)
        #expect(problem(try signed(foreign, by: world.signer), world.trust()) == .makerUntrusted)
        // The picture or name changed, and the document signed again by its signer.
        let name = Array("丰苒".utf8)
        var bytes = seal.bytes
        let place = try #require(
            bytes.indices.first { bytes[$0...].starts(with: name) }
        )
        bytes[place] ^= 1
        bytes[place + 2] ^= 1
        let renamed = try? ElectronicSeal(der: bytes)
        if let renamed {
            #expect(problem(try signed(renamed, by: world.signer), world.trust()) == .sealSignature)
        }
    }

    @Test("a list of digests names the signer by SM3 only")
    func digests() throws {
        let world = try SealWorld()
        let digest = SM3.digest(world.signer.certificate.der)
        for (type, value, isListed) in [
            ("SM3", digest, true), (SealObject.sm3, digest, true), ("SHA256", digest, false),
            ("SM3", SM3.digest([1]), false),
        ] {
            var content = world.content()
            content.signers = .digests([.init(type: type, value: value)])
            let seal = try ElectronicSeal(content, madeBy: world.maker)
            #expect(try ElectronicSeal(der: seal.bytes) == seal)
            let expected: VerificationClass? = isListed ? nil : .signerNotInSeal
            #expect(problem(try world.signature(of: seal), world.trust()) == expected)
        }
    }

    @Test("a certificate whose key is not for signatures is refused")
    func usage() throws {
        let world = try SealWorld()
        let key = try SM2PrivateKey.generate()
        let request = CertificateAuthority.Request(
            subject: DistinguishedName(organization: "甲", commonName: "甲"),
            serial: [1, 2, 3],
            validFrom: world.now + -Instant.day,
            validUntil: world.now + Instant.day
        )
        let certificate = try world.issuing.issue(
            request,
            to: key.publicKey,
            for: .signatures,
            usage: [.keyCertSign]
        )
        let signer = SigningIdentity(certificate: certificate, key: key, issuers: world.signer.issuers)
        let signature = try SealSignature(
            of: try world.seal(),
            by: signer,
            dataHash: [1],
            scope: "/x",
            at: world.now
        )
        #expect(problem(signature, world.trust()) == .signerUsage)
    }
}
