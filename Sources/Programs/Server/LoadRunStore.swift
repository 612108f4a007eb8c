import Audit
public import Kernel
public import Storage

/// The made-up population of an installation, and how much of it is there.
public struct LoadRun: Sendable {
    public let seed: Int64
    /// The league or division whose population it is, by its code; nil for the whole region.
    public let region: String?
    /// Everything in it happened before this day.
    public let day: LocalDate
    public let subjects: Int
    public let cases: Int
    public let licences: Int
    public var subjectsDone = 0
    public var casesDone = 0
    public var licencesDone = 0

    public init(seed: Int64, region: String?, day: LocalDate, subjects: Int, cases: Int, licences: Int) {
        self.seed = seed
        self.region = region
        self.day = day
        self.subjects = subjects
        self.cases = cases
        self.licences = licences
    }

    public var isComplete: Bool { done == total }
    public var done: Int { subjectsDone + casesDone + licencesDone }
    public var total: Int { subjects + cases + licences }

    /// Nil in an installation that was never loaded.
    public static func find(in reader: any Reader) throws -> LoadRun? {
        try reader.first(
            """
            SELECT seed, day, subjects, cases, licences, subjects_done, cases_done, licences_done, region
            FROM installation_load
            """
        ).map { row in
            var run = LoadRun(
                seed: try row.integer(0),
                region: try row.optionalText(8),
                day: try row.date(1),
                subjects: try row.int(2),
                cases: try row.int(3),
                licences: try row.int(4)
            )
            run.subjectsDone = try row.int(5)
            run.casesDone = try row.int(6)
            run.licencesDone = try row.int(7)
            return run
        }
    }

    /// Marks the installation as loaded, once and for all, or finds how far the same load had come.
    public static func begin(_ wanted: LoadRun, occasion: Occasion, in tx: any Transaction) throws -> LoadRun
    {
        if let kept = try find(in: tx) {
            guard kept.seed == wanted.seed, kept.region == wanted.region, kept.subjects == wanted.subjects,
                kept.cases == wanted.cases,
                kept.licences == wanted.licences
            else { throw LoadError.another(kept) }
            return kept
        }
        guard try !hasOwn(in: tx) else { throw LoadError.inService }
        try tx.execute(
            """
            INSERT INTO installation_load (seed, day, subjects, cases, licences, subjects_done, cases_done,
                licences_done, begun_at, region)
            VALUES ($1, $2, $3, $4, $5, 0, 0, 0, $6, $7)
            """,
            wanted.seed,
            wanted.day,
            wanted.subjects,
            wanted.cases,
            wanted.licences,
            occasion.now,
            wanted.region
        )
        try AuditLog.append(
            "installation.loaded",
            object: "installation",
            after: [
                "seed": JSON(wanted.seed), "subjects": JSON(wanted.subjects), "cases": JSON(wanted.cases),
                "licences": JSON(wanted.licences), "region": JSON(wanted.region),
            ],
            occasion: occasion,
            in: tx
        )
        return wanted
    }

    public static func reached(_ run: LoadRun, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE installation_load SET subjects_done = $2, cases_done = $3, licences_done = $4 WHERE seed = $1",
            run.seed,
            run.subjectsDone,
            run.casesDone,
            run.licencesDone
        )
    }

    /// Whether anything was applied for or registered here. Accounts are no obstacle: those of the demonstration look at
    /// what is loaded.
    private static func hasOwn(in reader: any Reader) throws -> Bool {
        try reader.number(
            """
            SELECT CASE WHEN EXISTS (SELECT 1 FROM case_case) OR EXISTS (SELECT 1 FROM register_subject)
                OR EXISTS (SELECT 1 FROM credential_record) OR EXISTS (SELECT 1 FROM company_name_entry)
                THEN 1 ELSE 0 END
            """
        ) == 1
    }
}

/// Why an installation is not loaded.
public enum LoadError: Refusal {
    /// It has cases, subjects or names of its own.
    case inService
    /// It has, or has half of, a population of other numbers or another seed.
    case another(LoadRun)
    /// There is no such league or division, or none whose bodies register firms.
    case noRegion(String)
    /// Nobody has published the system whose cases are made.
    case noSystem

    public var code: String {
        switch self {
        case .inService: "load.in-service"
        case .another: "load.another"
        case .noRegion: "load.no-region"
        case .noSystem: "load.no-system"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .another(let run):
            [
                "seed": String(run.seed), "subjects": String(run.subjects), "cases": String(run.cases),
                "licences": String(run.licences), "region": run.region ?? "150000",
            ]
        case .noRegion(let code): ["region": code]
        case .inService, .noSystem: [:]
        }
    }

    public var status: RefusalStatus {
        if case .noRegion = self { .notFound } else { .notAllowedNow }
    }
}
