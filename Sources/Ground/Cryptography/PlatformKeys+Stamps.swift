public import Kernel

/// The keys of the time stamps, each followed by another when it was stolen or is due.
extension PlatformKeys {
    /// Under which names they are kept, the oldest first; the last one stamps.
    static func stampNames(in store: KeyStore) throws(CryptographyError) -> [String] {
        var names = ["timestamp"]
        while try store.identity(named: "timestamp-\(names.count + 1)", scheme: P256.self) != nil {
            names.append("timestamp-\(names.count + 1)")
        }
        return names
    }

    /// Every certificate that keys of these names had.
    static func stampCertificates(_ names: [String], in store: KeyStore) throws(CryptographyError)
        -> [P256Certificate]
    {
        var found: [P256Certificate] = []
        for name in names {
            found += try store.chains(of: name, scheme: P256.self).compactMap(\.first)
            if let kept = try store.identity(named: name, scheme: P256.self) {
                found.append(kept.certificate)
            }
        }
        return found
    }

    /// Makes another key for time stamps. Those who open the keys afterwards stamp with it.
    /// - Returns: its certificate.
    public func replaceTimestamps(now: Instant) throws(CryptographyError) -> P256Certificate {
        let number = try Self.stampNames(in: store).count + 1
        let organization = documentRoot.subject.organization ?? documentRoot.subject.commonName
        let request = CertificateRequest(
            DistinguishedName(
                organization: organization,
                commonName: "\(organization) Time Stamps \(number)"
            ),
            years: terms.signer,
            now: now,
            entropy: entropy
        )
        return try store.identity(named: "timestamp-\(number)") { () throws(CryptographyError) in
            try international.issuing.identity(request, for: .timestamps)
        }.certificate
    }
}
