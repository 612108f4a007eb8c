public import Kernel

/// The revocation lists of an installation: one for each authority that issues certificates, of both families and also of
/// those that were followed by another.
extension PlatformKeys {
    /// Where the list of an authority is found on the platform's site.
    public static func listPath(_ issuer: String) -> String { "/trust/lists/\(issuer).crl" }

    /// What the authorities are called in addresses and tables, `sm2-1` …; the oldest of each family first.
    public var issuerIDs: [String] { issuers.map(\.id) }

    /// Which authority issued a certificate of the national family; nil for one that is not of this installation.
    public func issuerID(of certificate: Certificate) -> String? {
        national.authorities.firstIndex { certificate.isSigned(by: $0.certificate.publicKey) }
            .map { "\(Family.sm2.rawValue)-\($0 + 1)" }
    }

    /// The same of the family of PDF and time stamps.
    public func issuerID(of certificate: P256Certificate) -> String? {
        international.authorities.firstIndex { certificate.isSigned(by: $0.certificate.publicKey) }
            .map { "\(Family.p256.rawValue)-\($0 + 1)" }
    }

    /// Signs the list of an authority.
    /// - Throws: `badCertificate` when this installation has no such authority.
    public func revocationList(
        of issuer: String,
        _ entries: [RevokedCertificate],
        number: Int64,
        thisUpdate: Instant,
        nextUpdate: Instant
    ) throws(CryptographyError) -> [UInt8] {
        func signed<Scheme>(_ authorities: [X509Authority<Scheme>], _ family: Family)
            throws(CryptographyError) -> [UInt8]?
        {
            for (index, authority) in authorities.enumerated()
            where issuer == "\(family.rawValue)-\(index + 1)" {
                return try authority.revocationList(
                    entries,
                    number: number,
                    thisUpdate: thisUpdate,
                    nextUpdate: nextUpdate
                )
            }
            return nil
        }
        if let list = try signed(national.authorities, .sm2) { return list }
        if let list = try signed(international.authorities, .p256) { return list }
        throw .badCertificate
    }
}

extension IssuerSummary {
    /// What the authority is called in addresses and tables.
    public var id: String { "\(family.rawValue)-\(number)" }
}
