import Catalogue
import Credentials
import Documents
import Kernel
import Storage

extension Engines {
    /// Reads signatures that were made elsewhere, by the authorities and lists that count at a moment.
    static func elsewhere(
        _ credentials: CredentialAuthority,
        _ certificates: CertificateOffice,
        _ limits: OperatingLimits,
        _ database: any Database
    ) -> @Sendable (Instant) async throws -> SignatureElsewhere {
        { now in
            let verification = limits.verification(on: now.date)
            let (revocation, recognised) = try await database.read { reader in
                (
                    try certificates.lists.current(at: now, in: reader),
                    try certificates.trust.recognised(limits: verification.lists, in: reader)
                )
            }
            return SignatureElsewhere(
                FileVerifier(
                    anchors: credentials.trust,
                    revocation: revocation,
                    recognised: recognised,
                    moment: now,
                    limits: verification
                )
            )
        }
    }

    /// What makes the files of licences.
    struct LibraryFiles {
        let copies: CopyFiles
        let originals: LicenceOriginals
        /// Of issuing bodies.
        let seals: IssuerSeals
    }

    /// What is due at a start: lists of certificates, and seals that an earlier program left outside of the register.
    func begin(occasion: Occasion) async throws {
        try await certificates.lists.publishDue(occasion: occasion)
        try await issuerSeals.takeOver(occasion: occasion)
    }

    /// Draws the files of licences and keeps the originals; draws the copies that leave the platform, which count for as
    /// long as the library's own rules say.
    static func files(
        _ settings: PlatformSettings,
        _ credentials: CredentialAuthority,
        _ published: PublishedSystems,
        _ database: any Database,
        _ limits: OperatingLimits
    ) throws -> LibraryFiles {
        let (press, figures) = try Presses.shared(settings.home, limits: limits, on: settings.clock.now.date)
        let platform = IssuingBody(code: "150000", name: settings.organization)
        let seals = IssuerSeals(
            authority: credentials,
            maker: platform,
            press: press,
            figures: figures,
            database: database
        )
        let licences = try LicencePress(
            home: settings.home,
            press: press,
            types: credentials.types.licences,
            seals: seals,
            authority: credentials,
            platform: platform,
            origin: settings.origin,
            limits: { limits.verification(on: $0) }
        )
        let (clock, entropy) = (settings.clock, settings.entropy)
        let originals = LicenceOriginals(
            database: database,
            blobs: settings.blobs,
            licences: licences,
            press: press,
            limits: { limits.verification(on: $0) }
        )
        let copies = CopyFiles(
            draw: { order, format in
                let occasion = Occasion(
                    now: clock.now,
                    actor: .platform("licence-press"),
                    request: "copy:\(order.id)",
                    entropy: entropy
                )
                return try await licences.copy(order, as: format, occasion: occasion)
            },
            daysMax: { day in
                let (_, library) = try await database.read { reader in
                    try published.current("e-licence-library", on: day, in: reader)
                }
                let limit = library.limits.value("copyDays", region: "150000", on: day)
                guard let days = limit?.int else { throw SharingError.grants("limit copyDays") }
                return days
            }
        )
        return LibraryFiles(copies: copies, originals: originals, seals: seals)
    }
}
