public import Kernel

/// What a check of a certificate up to a trusted anchor found.
public typealias ChainVerdict = X509ChainVerdict<SM2>

/// The same for certificates of one scheme.
public enum X509ChainVerdict<Scheme: SignatureScheme>: Hashable, Sendable {
    /// The way from the certificate to the anchor, both included.
    case trusted([X509Certificate<Scheme>])
    case broken(ChainProblem)

    public var isTrusted: Bool { if case .trusted = self { true } else { false } }
}

public enum ChainProblem: String, Hashable, Sendable, CaseIterable {
    /// No way leads to a trusted anchor.
    case untrusted
    case notYetValid
    case expired
    /// A certificate names an issuer whose key did not sign it.
    case badSignature
    /// An issuer on the way may not issue certificates.
    case notAnAuthority
    /// The certificate's key is not for signatures.
    case wrongUsage
    /// More than eight hops, or more authorities below one than it allows.
    case tooLong
    /// A critical extension that is not understood.
    case unknownDemand
    /// Revoked at the moment asked about or before.
    case revoked
    /// There are revocation lists of the issuer, but none that reaches to the moment asked about.
    case revocationUnknown
}

extension X509Certificate {
    /// Checks hop by hop from this certificate to one of `anchors`, at `moment`, taking issuers from `others`.
    ///
    /// OpenSSL's own chain building passes the SM2 user identifier to the leaf only, so the hops are made here
    /// (RFC 5280, section 6.1, without policies and name constraints). An anchor is trusted as it is, whether
    /// root or not; its validity still counts. `usage` is what the leaf's key must be for. `revocation` are lists of the issuers on the way: an issuer without
    /// a list is taken to have revoked nothing.
    public func check(
        others: [X509Certificate<Scheme>],
        anchors: [X509Certificate<Scheme>],
        at moment: Instant,
        usage: KeyUsage = .digitalSignature,
        revocation: [RevocationList<Scheme>] = []
    ) -> X509ChainVerdict<Scheme> {
        if let keyUsage, keyUsage.isDisjoint(with: usage) { return .broken(.wrongUsage) }
        var way = [self]
        while way.count <= 8, let current = way.last {
            if current.hasUnknownDemands { return .broken(.unknownDemand) }
            if moment < current.validFrom { return .broken(.notYetValid) }
            if !current.isValid(at: moment) { return .broken(.expired) }
            if anchors.contains(current) { return .trusted(way) }
            // Anchors first: a certificate in the file must not lead past them.
            let named = (anchors + others).filter {
                $0.subjectBytes == current.issuerBytes && !way.contains($0)
            }
            guard !named.isEmpty else { return .broken(.untrusted) }
            guard let issuer = named.first(where: { current.isSigned(by: $0.publicKey) }) else {
                return .broken(.badSignature)
            }
            guard issuer.isAuthority, issuer.keyUsage?.contains(.keyCertSign) ?? true else {
                return .broken(.notAnAuthority)
            }
            if let allowed = issuer.pathLength, way.dropFirst().count > allowed { return .broken(.tooLong) }
            if let problem = current.revoked(by: issuer, at: moment, lists: revocation) {
                return .broken(problem)
            }
            way.append(issuer)
        }
        return .broken(.tooLong)
    }

    /// The same for a signature whose time only the signer claims: good at that time, and revoked neither then nor at the
    /// moment asked about, since whoever has a key that was taken back claims any time. That it ran out meanwhile is no fault.
    public func check(
        others: [X509Certificate<Scheme>],
        anchors: [X509Certificate<Scheme>],
        claimed: Instant,
        asked: Instant,
        revocation: [RevocationList<Scheme>]
    ) -> X509ChainVerdict<Scheme> {
        let verdict = check(others: others, anchors: anchors, at: claimed, revocation: revocation)
        guard case .trusted(let way) = verdict, claimed < asked else { return verdict }
        for (certificate, issuer) in zip(way, way.dropFirst()) {
            if let problem = certificate.revoked(by: issuer, at: asked, lists: revocation) {
                return .broken(problem)
            }
        }
        return verdict
    }

    /// Whether the certificates that came along are those of `way` from its beginning, each once and in its order, and no
    /// root, which whoever checks has himself: there is no second way to write them, and none that nobody has checked.
    public static func isOnlyForm(_ chain: [X509Certificate], of way: [X509Certificate]) -> Bool {
        chain.elementsEqual(way.prefix(chain.count))
            && !chain.dropFirst().contains { $0.subjectBytes == $0.issuerBytes }
    }

    /// What the lists of its issuer hold against this certificate. One list that says revoked is enough; else one that
    /// reaches to the moment.
    private func revoked(
        by issuer: X509Certificate,
        at moment: Instant,
        lists: [RevocationList<Scheme>]
    ) -> ChainProblem? {
        let known = lists.filter { $0.isSigned(by: issuer) }.map { $0.status(of: self, at: moment) }
        if known.isEmpty { return nil }
        for status in known { if case .revoked = status { return .revoked } }
        return known.contains(.good) ? nil : .revocationUnknown
    }
}
