import Kernel

/// The authorities of one scheme in this installation: a root, and below it those that issue, the oldest first.
///
/// The newest issues. The older ones are kept: certificates under them stay good as long as they are valid, and each goes
/// on signing its own revocation list (Docs/decisions/0020).
public struct KeyFamily<Scheme: SignatureScheme>: Sendable {
    public let root: X509Certificate<Scheme>
    public let authorities: [X509Authority<Scheme>]
    /// What issues new certificates.
    public let issuing: X509Authority<Scheme>

    /// How the keys of a family are called in the folder and in their certificates.
    struct Names: Sendable {
        let root: String
        let issuing: String
        let scheme: String
        /// What its authorities are called in addresses: `sm2` gives `sm2-1`, `sm2-2`.
        let short: String

        /// Where the list of the `number`th authority is found below an origin.
        func listAddress(_ number: Int, below origin: String?) -> String? {
            origin.map { $0 + PlatformKeys.listPath("\(short)-\(number)") }
        }

        /// The name of the authority that was made as the `number`th.
        func issuing(_ number: Int) -> String { number == 1 ? issuing : "\(issuing)-\(number)" }
    }

    /// Opens the family, or makes its root and first authority in the name of `organization`.
    static func openOrCreate(
        _ names: Names,
        in store: KeyStore,
        organization: String,
        origin: String?,
        now: Instant,
        terms: PlatformKeys.Terms,
        entropy: any Entropy
    ) throws(CryptographyError) -> KeyFamily {
        func request(_ name: String, years: Int) -> CertificateRequest {
            CertificateRequest(
                DistinguishedName(organization: organization, commonName: "\(organization) \(name)"),
                years: years,
                now: now,
                entropy: entropy
            )
        }
        // The root's key is in memory only while it makes an authority.
        let root = try store.identity(named: names.root) { () throws(CryptographyError) in
            try X509Authority<Scheme>.root(request("\(names.scheme) Root", years: terms.root)).identity
        }
        let first = X509Authority(
            try store.identity(named: names.issuing) { () throws(CryptographyError) in
                try X509Authority(root).authority(request("\(names.scheme) Issuing CA", years: terms.issuing))
                    .identity
            },
            listAddress: names.listAddress(1, below: origin)
        )
        var authorities = [first]
        while let next = try store.identity(named: names.issuing(authorities.count + 1), scheme: Scheme.self)
        {
            let address = names.listAddress(authorities.count + 1, below: origin)
            authorities.append(X509Authority(next, listAddress: address))
        }
        return KeyFamily(
            root: root.certificate,
            authorities: authorities,
            issuing: authorities[authorities.count - 1]
        )
    }

    /// Makes the next authority below the same root and keeps it. The caller's family stays as it was: whoever opens
    /// the keys afterwards issues with the new one.
    func rotate(
        _ names: Names,
        in store: KeyStore,
        now: Instant,
        terms: PlatformKeys.Terms,
        entropy: any Entropy
    ) throws(CryptographyError) -> X509Authority<Scheme> {
        guard let top = try store.identity(named: names.root, scheme: Scheme.self) else {
            throw .keyFolder("\(store.folder)/\(names.root).key is missing: the root makes new authorities")
        }
        let number = authorities.count + 1
        let organization = root.subject.organization ?? root.subject.commonName
        let request = CertificateRequest(
            DistinguishedName(
                organization: organization,
                commonName: "\(organization) \(names.scheme) Issuing CA \(number)"
            ),
            years: terms.issuing,
            now: now,
            entropy: entropy
        )
        return X509Authority(
            try store.identity(named: names.issuing(number)) { () throws(CryptographyError) in
                try X509Authority(top).authority(request).identity
            }
        )
    }
}
