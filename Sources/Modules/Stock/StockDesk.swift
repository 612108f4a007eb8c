public import CompanyNames
public import Credentials
public import Identity
public import Kernel
public import Standards
public import Storage

/// Takes a bureau's own stock over: tried as often as one likes, run once, resumed where it was broken off, and compared
/// with its source at the end.
public struct StockDesk: Sendable {
    let database: any Database
    let standards: Standards
    let keeping: StockKeeping
    let file: StockFile
    let mapping: StockMapping
    let yaml: String
    let reader: StockReader
    /// Rows in one transaction.
    let batch: Int

    /// - Parameters:
    ///   - yaml: the mapping.
    ///   - agency: code of the body that registers where the source names none.
    ///   - today: no day of a fact lies after it.
    /// - Throws: `DefinitionError` or `StockError` for a mapping that does not fit the file.
    public init(
        _ file: StockFile,
        mapping yaml: String,
        named mappingFile: String,
        database: any Database,
        standards: Standards,
        types: LicenceTypes,
        keys: IdentityKeys,
        names: NameRules,
        jurisdiction: Jurisdiction,
        agency: String,
        batch: Int,
        today: LocalDate
    ) throws {
        self.database = database
        self.standards = standards
        self.file = file
        self.yaml = yaml
        self.batch = batch
        mapping = try StockMapping(yaml: yaml, file: mappingFile, types: types)
        try mapping.check(against: file)
        keeping = StockKeeping(
            mapping: mapping,
            keys: keys,
            agency: agency,
            names: names,
            jurisdiction: jurisdiction
        )
        reader = StockReader(
            mapping: mapping,
            columns: file.columns,
            standards: standards,
            types: types,
            today: today
        )
    }

    public var columns: [String] { file.columns }
    /// SM3 over the bytes of the file, by which a run is tied to what was tried.
    public var digest: String { file.digest }
    public var encoding: StockFile.Encoding { file.encoding }

    /// Whether a run of this file with this mapping has begun.
    public func isBegun() async throws -> Bool {
        try await database.read {
            try StockStore.find(file: file.digest, mapping: mapping.digest, in: $0) != nil
        }
    }

    /// How many rows of how many, while something is at work.
    public typealias Progress = @Sendable (_ done: Int, _ rows: Int) async -> Void
    /// What was found in a row of the source.
    public typealias Sink = (_ row: StockRow, _ findings: [StockFinding]) async throws -> Void

    /// Checks everything and keeps nothing.
    /// - Parameter sink: told of every row about which there is something to say.
    public func trial(progress: Progress = { _, _ in }, sink: Sink = { _, _ in }) async throws -> StockTrial {
        let index = try await index()
        var trial = StockTrial(rows: index.rows)
        var done = 0
        try await forEachPage(from: file.start) { page in
            try file.requireUnchanged()
            let judged = try await database.read { reader in
                try page.rows.map { try judge($0, index, in: reader) }
            }
            for (read, findings) in zip(page.rows, judged) where !findings.isEmpty {
                trial.count(findings)
                try await sink(read.row, findings)
            }
            done += page.rows.count
            await progress(done, index.rows)
        }
        try file.requireUnchanged()
        return trial
    }

    /// Takes the rows over, a batch in a transaction with its place: a run that was killed goes on where it was, and
    /// doubles nothing. Rows with errors stay out, and of a file that is not the same any more everything that is left.
    /// - Parameter told: after each batch, once it is durable, with the line of the next one.
    public func run(
        occasion: Occasion,
        told: @Sendable (_ line: Int, _ done: Int, _ rows: Int) async -> Void = { _, _, _ in }
    ) async throws -> StockRun {
        let index = try await index()
        try file.requireUnchanged()
        let begun = try await begin(occasion)
        if begun.endedAt == nil {
            var place = begun.place
            // A run that goes on counts from where the one before came to.
            var done = try await database.read {
                try StockStore.counts(of: begun.id, in: $0).values.reduce(0, +)
            }
            try await forEachPage(from: place) { page in
                try file.requireUnchanged()
                let from = place
                try await database.write { tx in
                    guard try StockStore.move(begun.id, from: from, to: page.next, in: tx) else {
                        throw StockError.otherRun
                    }
                    for row in page.rows {
                        try take(row, index, of: begun.id, occasion: occasion, in: tx)
                    }
                }
                place = page.next
                done += page.rows.count
                await told(place.line, done, index.rows)
            }
            try file.requireUnchanged()
            try await end(begun.id, occasion)
        }
        let counts = try await database.read { try StockStore.counts(of: begun.id, in: $0) }
        return StockRun(
            id: begun.id.rawValue,
            kept: counts[.kept] ?? 0,
            there: counts[.there] ?? 0,
            leftOut: counts[.leftOut] ?? 0,
            wasResumed: begun.place != file.start && begun.endedAt == nil,
            wasDone: begun.endedAt != nil
        )
    }

    func index() async throws -> StockIndex {
        var index = StockIndex(mapping.kind)
        try await forEachPage(from: file.start) { page in
            for row in page.rows { index.add(row) }
        }
        return index
    }

    /// Everything that there is to say of a row.
    func judge(_ read: ReadRow, _ index: StockIndex, in reader: any Reader) throws -> [StockFinding] {
        guard read.row.fault == nil else { return read.findings }
        var findings = read.findings + index.findings(of: read)
        if !findings.contains(where: \.isError) {
            findings += try keeping.findings(of: read.row, read.values, in: reader)
        }
        return findings
    }

    private func begin(_ occasion: Occasion) async throws -> StockImport {
        try await database.write { tx in
            if let known = try StockStore.find(file: file.digest, mapping: mapping.digest, in: tx) {
                return known
            }
            let id = occasion.newID(StockImport.self)
            try StockStore.insert(id, file, mapping, yaml: yaml, at: occasion.now, in: tx)
            guard let begun = try StockStore.find(file: file.digest, mapping: mapping.digest, in: tx) else {
                throw StorageError.noRow
            }
            // Of two that begin at once the later one finds the other's.
            if begun.id == id {
                try StockLog.begun(id, file, mapping, occasion: occasion, in: tx)
            }
            return begun
        }
    }

    private func end(_ id: ID<StockImport>, _ occasion: Occasion) async throws {
        try await database.write { tx in
            guard try StockStore.end(id, at: occasion.now, in: tx) else { throw StockError.otherRun }
            try StockLog.ended(id, try StockStore.counts(of: id, in: tx), occasion: occasion, in: tx)
        }
    }

    private func take(
        _ read: ReadRow,
        _ index: StockIndex,
        of id: ID<StockImport>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let findings = try judge(read, index, in: tx)
        let codes = Set(findings.map(\.code))
        let outcome: StockOutcome =
            findings.contains(where: \.isError) || codes.contains("stock.repeated-person")
            ? .leftOut : codes.contains("stock.there") ? .there : .kept
        let object: String?
        switch outcome {
        case .kept: object = try keeping.keep(read.row, read.values, of: id, occasion: occasion, in: tx)
        case .there: object = try keeping.object(read.values, in: tx)
        case .leftOut: object = nil
        }
        try StockStore.insert(
            read.row,
            columns: file.columns,
            of: id,
            outcome: outcome,
            object: object,
            marks: codes.sorted(),
            in: tx
        )
    }
}

/// What a trial found, by kind.
public struct StockTrial: Sendable {
    public let rows: Int
    public private(set) var wrong = 0
    /// How many rows each code was found in.
    public private(set) var errors: [String: Int] = [:]
    public private(set) var notices: [String: Int] = [:]

    init(rows: Int) { self.rows = rows }

    mutating func count(_ findings: [StockFinding]) {
        if findings.contains(where: \.isError) { wrong += 1 }
        for finding in findings {
            if finding.isError {
                errors[finding.code, default: 0] += 1
            } else {
                notices[finding.code, default: 0] += 1
            }
        }
    }
}

/// What a run made of the rows of a file, counting those of the runs before it that were broken off.
public struct StockRun: Sendable {
    public let id: String
    public let kept: Int
    /// Here before, the same as in the source.
    public let there: Int
    public let leftOut: Int
    /// It went on where another had been broken off.
    public let wasResumed: Bool
    /// All of it had been taken over before; this one kept nothing.
    public let wasDone: Bool
}
