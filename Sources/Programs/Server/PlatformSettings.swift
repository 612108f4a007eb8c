public import Attachments
public import Changes
import Catalogue
import CompanyNames
public import Credentials
public import Cryptography
public import Exchange
import Foundation
public import Kernel
public import Standards
public import Storage
import Synchronization

/// The system's clock. The only place that asks the machine for the time.
public struct SystemClock: Clock {
    public init() {}

    public var now: Instant {
        Instant(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down)))
    }
}

/// What one process of the platform is started with.
public struct PlatformSettings: Sendable {
    /// Where `Resources` and `Systems` lie.
    public var home: Home
    /// Keys, the SQLite file and the mirror of the log's heads.
    public var folder: String
    /// The bytes of files that were handed in. Programs on several machines share this folder.
    public var blobs: BlobStore { BlobStore(folder: "\(folder)/attachments") }
    /// `postgres://…`; nil for SQLite in `folder`.
    public var databaseURL: String?
    /// A streaming replica of it, which answers long lists; nil for none.
    public var replicaURL: String?
    /// A database that is open already, instead of the other two.
    public var database: (any Database)?
    /// Whether this process does nothing but fill the database (SQLite).
    public var isFilling = false
    /// Hears of the database's work; nil where nobody watches.
    public var watch: DatabaseWatch?
    public var clock: any Clock
    public var entropy: any Entropy
    /// The address under which people open the site, such as `https://suban.example`: links in messages begin with it.
    public var origin: String

    /// The same where browsers see the site over TLS; nil on loopback.
    var publicOrigin: String? { origin.hasPrefix("https://") ? origin : nil }

    /// Networks of the installation's own, into which changes may be told beside the public internet.
    public var webhookNetworks: [NetworkRange] = []
    /// Nil: parties are reached over HTTP at the addresses of the environment.
    public var transport: (any Transport)?
    /// Adds accounts and simulators for trying out; pages say so.
    public var isDemonstration: Bool
    /// How hard a guess of a password is made.
    public var passwords: ScryptParameters
    /// In whose name keys are made on the first start.
    public var organization: String
    /// Code in `agencies.tsv` of the body that registers.
    public var authority: String
    /// Places whose licences are recognised beside those of `Resources/credentials/roots`.
    public var roots: [ForeignRoots.Root] = []
    /// Folders of systems to publish instead of those under `home`, by id: for checks of changed definitions.
    public var systems: [String: [String: [UInt8]]]?

    /// Reference data read before, for many platforms in one process.
    public var standards: Standards?
    /// What platforms of one process with the same `home` need to read only once.
    public var shared: SharedReadings?
    /// The database and the folder are a copy of what a platform of the same `home` has made: reference data and
    /// systems are there already, and only what `systems` names is published.
    public var isPrepared: Bool

    public init(home: Home, folder: String) {
        self.home = home
        self.folder = folder
        databaseURL = nil
        replicaURL = nil
        database = nil
        watch = nil
        clock = SystemClock()
        entropy = SystemEntropy()
        origin = "http://127.0.0.1:8080"
        transport = nil
        isDemonstration = false
        passwords = .standard
        organization = "内蒙古自治区政务服务（样例）"
        authority = "NMSCJG"
        systems = nil
        standards = nil
        shared = nil
        isPrepared = false
    }

    /// The outside parties, from `Resources`.
    func parties() throws -> Parties { try shared?.parties(of: home) ?? Parties(home: home) }
}

/// Definitions by their digest, reference tables by their day and the descriptions of parties, read once for many
/// platforms of one home.
public final class SharedReadings: Sendable {
    let published = PublishedSystems()
    private let tables = Mutex<[LocalDate: [String: ReferenceTable]]>([:])
    private let described = Mutex<Parties?>(nil)

    public init() {}

    func tables(on day: LocalDate) -> [String: ReferenceTable]? { tables.withLock { $0[day] } }

    func keep(_ read: [String: ReferenceTable], on day: LocalDate) { tables.withLock { $0[day] = read } }

    fileprivate func parties(of home: Home) throws -> Parties {
        try described.withLock { known in
            if let known { return known }
            let read = try Parties(home: home)
            known = read
            return read
        }
    }
}
