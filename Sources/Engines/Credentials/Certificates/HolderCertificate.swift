public import Cryptography
public import Kernel

/// A certificate of a person or an enterprise under the platform's own SM2 authority. Its key lies in the key store and
/// never leaves it.
public struct HolderCertificate: Hashable, Sendable {
    public enum State: String, Sendable, CaseIterable {
        case valid, expired, revoked
    }

    public let id: ID<HolderCertificate>
    /// Whose it is: a person by the identifier of the account, an enterprise by its credit code.
    public let holder: Holder
    /// The person who applied and may sign with it: the holder himself, or whoever acts for the enterprise.
    public let agent: String
    /// Which authority issued it: `sm2-1` …
    public let issuer: String
    /// In hexadecimal digits.
    public let serial: String
    public let der: [UInt8]
    public let validFrom: Instant
    public let validUntil: Instant
    public let issuedAt: Instant
    /// The one before it, which goes on until its own end.
    public let replaces: ID<HolderCertificate>?
    public let revokedAt: Instant?
    public let reason: RevocationReason?

    public func state(at moment: Instant) -> State {
        if let revokedAt, revokedAt <= moment { return .revoked }
        return moment < validUntil ? .valid : .expired
    }

    var object: String { "certificate:\(id)" }

    /// Under which the key lies in the key store.
    var keyName: String { "certificate-\(id.rawValue.lowercased())" }
}

/// One signature with a certificate.
public struct CertificateUse: Hashable, Sendable {
    public let id: ID<CertificateUse>
    public let certificate: ID<HolderCertificate>
    /// SM3 of what was signed, 64 hexadecimal digits.
    public let digest: String
    /// What its owner calls it.
    public let name: String
    public let at: Instant
}

/// How many certificates there may be, how long they count, how lists are renewed: dated data of `Systems/e-signature`.
public struct CertificateTerms: Sendable, Hashable {
    /// Of one holder in the hands of one person, in force at once.
    public let openMax: Int
    public let years: Int
    /// In so many days before its end a certificate is renewed, and overlaps with the new one.
    public let renewalDays: Int
    /// For so many hours a revocation list counts.
    public let listHours: Int
    /// So many hours before its end the next one is out.
    public let listOverlapHours: Int

    public init(openMax: Int, years: Int, renewalDays: Int, listHours: Int, listOverlapHours: Int) {
        self.openMax = openMax
        self.years = years
        self.renewalDays = renewalDays
        self.listHours = listHours
        self.listOverlapHours = listOverlapHours
    }
}
