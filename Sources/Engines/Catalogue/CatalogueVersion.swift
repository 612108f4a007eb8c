public import Kernel

/// One published state of a system. Its files never change; a running case keeps the version it started with.
public struct CatalogueVersion: Sendable, Hashable {
    public let id: ID<CatalogueVersion>
    public let system: String
    /// 1, 2, 3 … for each system.
    public let number: Int
    /// Where it holds: six digits; `150000` for the whole region.
    public let region: String
    /// First day on which new cases start with it.
    public let effective: LocalDate
    /// SM3 over all files.
    public let digest: String
    /// Why it was published, in the publisher's words.
    public let note: String
    public let publishedAt: Instant
    public let publishedBy: String
    public let withdrawnAt: Instant?
    public let withdrawnWhy: String?
}

/// Why something cannot be published, withdrawn or found.
public enum CatalogueError: Refusal, Equatable {
    /// The definition cannot run; the first problem speaks for all.
    case cannotRun(count: Int, first: String)
    /// These very files are already the newest version from that day on.
    case unchanged(system: String, number: Int)
    /// A version cannot begin before the day on which it is published.
    case effectiveInThePast(LocalDate)
    case alreadyWithdrawn(number: Int)
    case reasonMissing
    case notPublished(system: String)
    case noSuchVersion
    /// Bytes in the database no longer match their digest.
    case damaged(path: String)

    public var code: String {
        switch self {
        case .cannotRun: "catalogue.cannot-run"
        case .unchanged: "catalogue.unchanged"
        case .effectiveInThePast: "catalogue.effective-in-the-past"
        case .alreadyWithdrawn: "catalogue.already-withdrawn"
        case .reasonMissing: "catalogue.reason-missing"
        case .notPublished: "catalogue.not-published"
        case .noSuchVersion: "catalogue.no-such-version"
        case .damaged: "catalogue.damaged"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .cannotRun(let count, let first): ["count": String(count), "first": first]
        case .unchanged(let system, let number): ["system": system, "number": String(number)]
        case .effectiveInThePast(let date): ["date": date.description]
        case .alreadyWithdrawn(let number): ["number": String(number)]
        case .reasonMissing, .noSuchVersion: [:]
        case .notPublished(let system): ["system": system]
        case .damaged(let path): ["path": path]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .cannotRun, .effectiveInThePast, .reasonMissing: .unacceptable
        case .unchanged, .alreadyWithdrawn: .notAllowedNow
        case .notPublished, .noSuchVersion: .notFound
        case .damaged: .unavailable
        }
    }
}
