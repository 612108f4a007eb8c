import ArchivePackages
import Audit
import CaseArchive
import Cases
import CompanyOpening
import Credentials
import Cryptography
import Documents
import Exchange
import Kernel
import Storage

/// Where archives are kept and made, in the name of whoever runs the installation.
struct Archiving: Sendable {
    let archives: Archives
    let work: ArchiveWork
    let renewals: ArchiveRenewalWork

    init(
        settings: PlatformSettings,
        database: any Database,
        keeper: LogKeeper,
        credentials: CredentialAuthority,
        lists: RevocationLists,
        desk: CaseDesk,
        exchange: Exchange,
        opening: CompanyOpening
    ) throws {
        let limits = try OperatingLimits(home: settings.home)
        let (press, _) = try Presses.shared(settings.home, limits: limits, on: settings.clock.now.date)
        let (keys, name) = (credentials.keys, settings.organization)
        archives = Archives(
            database: database,
            blobs: settings.blobs,
            box: SealedBox(
                masterKey: SM3.hmac(
                    key: try InstallationSecrets.columns(folder: settings.folder),
                    message: Array("suban-archive-1 seal".utf8)
                )
            ),
            schedule: try RetentionSchedule(home: settings.home),
            limits: { limits.archive(on: $0) },
            archivist: { now in
                let subject = DistinguishedName(organization: name, commonName: "\(name) Archives")
                return Archivist(
                    try keys.identity(named: "archive", subject: subject, for: .archives, now: now),
                    stamps: credentials.stamps(at: now)
                )
            },
            trust: { now, reader in
                ArchiveTrust(
                    anchors: credentials.trust.national,
                    timestamps: DocumentTrust(
                        anchors: credentials.trust.international,
                        revocation: try lists.newest(at: now, in: reader).international
                    ),
                    latest: now + limits.verification(on: now.date).toleranceMilliseconds,
                    algorithms: limits.algorithms.ends
                )
            },
            press: press,
            people: { subject, day, reader in
                try opening.knownPeople(in: subject.data, on: day, in: reader).map(\.rawValue)
            }
        )
        renewals = ArchiveRenewalWork(
            archives: archives,
            keeper: keeper,
            clock: settings.clock,
            entropy: settings.entropy,
            terms: { limits.renewal(at: $0, stamps: credentials.stamps(at: $0)) }
        )
        work = try ArchiveWork(
            home: settings.home,
            archives: archives,
            desk: desk,
            exchange: exchange,
            keeper: keeper,
            agencyName: { opening.agencyName($0.agency) },
            press: press,
            clock: settings.clock,
            entropy: settings.entropy,
            quiet: { Int64(limits.value(.archiveQuiet, on: $0)) * 1_000 }
        )
    }
}

extension OperatingLimits {
    /// With what the stamps of archives are renewed, and how early.
    func renewal(at now: Instant, stamps: TimestampAuthority) -> RenewalTerms {
        let days = value(.archiveRenewal, on: now.date)
        // Where no algorithm lasts so long, stamps are given with the one that counts today.
        let algorithm =
            algorithms.imprint(on: now.date, lasting: now.date.adding(days: days))
            ?? algorithms.imprint(on: now.date, lasting: now.date) ?? .sm3
        return RenewalTerms(
            stamps: stamps,
            algorithm: algorithm,
            end: algorithms.ends.end(of: algorithm),
            daysAhead: days
        )
    }
}
