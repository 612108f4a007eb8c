import Cryptography
import ElectronicSeals
import Kernel

extension FileVerifier {
    /// Whether whoever made a seal that is good in itself may make seals: a way to a trusted authority tells only who he is.
    /// - Returns: under whose recognised authority; nil under the platform's own, or one that is named by hand.
    func making(_ seal: ElectronicSeal, at time: Instant) throws(VerificationProblem) -> RecognisedAuthority?
    {
        let maker: Certificate
        do { maker = try Certificate(der: seal.makerCertificate) } catch {
            throw VerificationProblem(.format, "SESeal.cert")
        }
        let name = maker.subject.commonName
        if maker.check(others: seal.issuers, anchors: anchors.national, at: time).isTrusted {
            // Firms, persons and the log lead to the same root as whoever makes seals.
            let marks: [CertificatePurpose] = [.signatures, .log, .archives]
            guard maker.isFor(.licences) || !marks.contains(where: maker.isFor) else {
                throw VerificationProblem(.makerUsage, name)
            }
            return nil
        }
        guard let authority = recognised.authority(of: maker, others: seal.issuers, at: time) else {
            throw VerificationProblem(.makerUntrusted, name)
        }
        if let problem = authority.problem(ofMaker: maker.subject, code: seal.content.code, at: time) {
            throw problem
        }
        return authority
    }

    /// Whose seal it is says its maker; nobody here proves it.
    static func made(_ seal: ElectronicSeal, under authority: RecognisedAuthority) -> VerdictLine {
        let maker = try? Certificate(der: seal.makerCertificate)
        return VerdictLine(
            "seal.owner-claimed",
            [
                "name": seal.content.name, "code": seal.content.code,
                "maker": maker?.subject.commonName ?? "", "authority": authority.name,
            ]
        )
    }
}
