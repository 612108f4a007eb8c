import ArchivePackages
import CaseArchive
import Credentials
import Cryptography
import Documents
import Foundation
import Kernel
import Server
import TestSupport
import Testing

/// Time stamps over an archive by keys and at moments of a test's choice.
enum Stamped {
    static let limits = PackageLimits(
        sizeBytesMax: 67_108_864,
        unpackedBytesMax: 67_108_864,
        entriesMax: 10_000,
        nameBytesMax: 255,
        ratioMax: 200,
        signaturesMax: 1
    )

    private static let policy = TimestampPolicy(identifier: "1.2.3.4", accuracyMilliseconds: 1_000)

    /// The platform's own key with the certificate that a start at a moment gives it.
    static func authority(_ archived: Archived, later: Instant) throws -> TimestampAuthority {
        let settings = archived.platform.settings
        let keys = try PlatformKeys.openOrCreate(
            in: archived.platform.keys.store,
            organization: settings.organization,
            now: later
        )
        return TimestampAuthority(keys.timestamps, policy: policy)
    }

    /// Another key below the same authority.
    static func authority(_ archived: Archived, named name: String, at now: Instant) throws
        -> TimestampAuthority
    {
        let request = CertificateRequest(
            subject: DistinguishedName(organization: name, commonName: name),
            serial: SystemEntropy().bytes(16),
            validFrom: now + -Instant.day,
            validUntil: now + 1_800 * Instant.day
        )
        let identity = try archived.platform.keys.international.issuing.identity(request, for: .timestamps)
        return TimestampAuthority(identity, policy: policy)
    }

    static func work(_ archived: Archived, later: Instant) throws -> ArchiveRenewalWork {
        work(archived, stamps: try authority(archived, later: later))
    }

    static func work(
        _ archived: Archived,
        stamps: TimestampAuthority,
        by algorithm: ImprintAlgorithm = .sm3
    ) -> ArchiveRenewalWork {
        ArchiveRenewalWork(
            archives: archived.platform.archives,
            keeper: archived.platform.keeper,
            clock: archived.town.clock,
            entropy: archived.platform.settings.entropy,
            terms: { _ in RenewalTerms(stamps: stamps, algorithm: algorithm, end: nil, daysAhead: 180) }
        )
    }

    static func verifier(
        _ archived: Archived,
        at moment: Instant,
        ends: AlgorithmEnds = AlgorithmEnds(),
        lists: [[UInt8]] = []
    ) throws -> FileVerifier {
        let own = try VerificationLimits(home: Home.find(), on: moment.date)
        return FileVerifier(
            anchors: archived.platform.credentials.trust,
            revocation: try Revocations(reading: lists, limits: own.lists),
            moment: moment,
            limits: VerificationLimits(
                toleranceMilliseconds: own.toleranceMilliseconds,
                package: own.package,
                pdf: own.pdf,
                lists: own.lists,
                archive: own.archive,
                algorithms: ends
            )
        )
    }

    /// What `Tools/verify-archive.py` says of a package, and with which status it ends.
    static func script(_ archived: Archived, _ file: [UInt8], at moment: Instant, _ more: [String] = [])
        throws
        -> (Int32, String)
    {
        let (path, roots) = ("\(archived.folder)/archive.zip", "\(archived.folder)/roots.pem")
        try Data(archived.platform.credentials.trust.pem.utf8).write(to: URL(fileURLWithPath: roots))
        try Data(file).write(to: URL(fileURLWithPath: path))
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments =
            [
                "\(try Home.find().root)/Tools/verify-archive.py", path, roots, "--at",
                String(moment.milliseconds / 1_000),
            ] + more
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
