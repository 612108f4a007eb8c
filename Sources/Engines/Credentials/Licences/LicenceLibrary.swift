public import Kernel
import Standards
public import Storage

/// One licence in a list of the library: how it stands, and nothing of what is on it.
public struct LicenceLine: Hashable, Sendable {
    /// The key of its type.
    public let type: String
    public let name: String
    /// The printed number; nil where none is known.
    public let number: String?
    /// Of GB/T 36904; nil for one of another register.
    public let identifier: String?
    public let holder: Holder
    public let issuer: String
    public let state: CredentialState
    public let validUntil: LocalDate?
    /// The register that it was taken over from; nil for one that was issued here.
    public let source: String?
    /// Where the next page goes on.
    public let mark: Mark?
    /// Of one that was issued here.
    public var id: ID<Credential>? { source == nil ? mark.map { ID($0.id) } : nil }

    public struct Mark: Hashable, Sendable {
        public let region: String
        public let id: String

        public init(region: String, id: String) {
            self.region = region
            self.id = id
        }
    }
}

/// The regions whose licences somebody may find: from the first code up to but not with the second.
public struct LibraryReach: Sendable {
    let low: String
    let high: String

    /// Where a licence counts that bears no place.
    static let everywhere = "150000"
    static let all = LibraryReach(from: "", upTo: "~")

    public init(from low: String, upTo high: String) {
        self.low = low
        self.high = high
    }
}

/// Finding licences, each list narrowed to what the asker may see by the query itself.
public enum LicenceLibrary {
    /// Those that a number names: a printed number, an identifier of GB/T 36904, or the code of a holder.
    public static func find(
        _ words: String,
        reach: LibraryReach,
        limit: Int,
        on day: LocalDate,
        in reader: any Reader
    ) throws -> [LicenceLine] {
        var found = try LibraryStore.numbered(words, reach, limit: limit, in: reader).map {
            line($0, on: day)
        }
        found += try LibraryStore.held(by: words, reach, limit: limit, in: reader).map { line($0, on: day) }
        if words.contains(".") {
            found += try LibraryStore.identified(words, reach, in: reader).map { line($0, on: day) }
        }
        found += try TakenLicenceStore.numbered(words, reach, limit: limit, in: reader).map {
            line($0, on: day)
        }
        found += try TakenLicenceStore.held(by: words, reach, limit: limit, in: reader).map {
            line($0, on: day)
        }
        // The number of some is the code of their holder too.
        var seen: Set<LicenceLine> = []
        return Array(found.filter { seen.insert($0).inserted }.prefix(limit))
    }

    /// Those of several holders, by their codes.
    public static func held(
        by holders: [String],
        reach: LibraryReach,
        limit: Int,
        on day: LocalDate,
        in reader: any Reader
    ) throws -> [LicenceLine] {
        var found: [LicenceLine] = []
        for holder in holders where found.count < limit {
            let left = limit - found.count
            found += try LibraryStore.held(by: holder, reach, limit: left, in: reader).map {
                line($0, on: day)
            }
            found += try TakenLicenceStore.held(by: holder, reach, limit: left, in: reader).map {
                line($0, on: day)
            }
        }
        return Array(found.prefix(limit))
    }

    /// Those that do not stand, by their state, in the order of regions.
    /// - Parameters:
    ///   - state: not `valid`: nobody reads all that stand.
    ///   - after: the last one of the page before.
    public static func inState(
        _ state: CredentialState,
        reach: LibraryReach,
        after: LicenceLine.Mark?,
        limit: Int,
        on day: LocalDate,
        in reader: any Reader
    ) throws -> [LicenceLine] {
        try LibraryStore.ended(state, reach, after: after, limit: limit, in: reader).map { line($0, on: day) }
    }

    /// Those of one type, in the order of regions.
    /// - Parameter state: nil: in whatever state.
    /// - Returns: about so many as the limit says, and where to go on; nil when there are no more.
    public static func ofType(
        _ type: String,
        in state: CredentialState?,
        reach: LibraryReach,
        after: LicenceLine.Mark?,
        limit: Int,
        on day: LocalDate,
        in reader: any Reader
    ) throws -> (lines: [LicenceLine], next: LicenceLine.Mark?) {
        // Which of them are past their last day is not stored.
        let stored = state == .expired ? nil : state
        var (lines, looked, mark) = ([LicenceLine](), 0, after)
        while true {
            let read = try LibraryStore.ofType(
                type,
                in: stored,
                reach,
                after: mark,
                limit: limit,
                in: reader
            ).map { line($0, on: day) }
            lines += read.filter { state == nil || $0.state == state }
            (looked, mark) = (looked + read.count, read.last?.mark)
            if read.count < limit { return (lines, nil) }
            if lines.count >= limit || looked >= lookedAtMax { return (lines, mark) }
        }
    }

    /// So many of a type are looked at for one page of those in a state.
    private static let lookedAtMax = 1_000

    /// Every version of a licence, the first one first: identifiers of one type, issuer and serial (GB/T 36904).
    public static func versions(of record: CredentialRecord, on day: LocalDate, in reader: any Reader) throws
        -> [LicenceLine]
    {
        let own = record.identifier
        let stem = "\(LicenceIdentifier.root).\(own.type).\(own.issuer).\(own.serial)"
        return try LibraryStore.versions(from: "\(stem).", below: "\(stem)/", in: reader).map {
            line($0, on: day)
        }
    }

    /// The place of a licence, by which posts reach it: six digits.
    public static func region(of id: ID<Credential>, in reader: any Reader) throws -> String {
        try LibraryStore.region(of: id, in: reader) ?? LibraryReach.everywhere
    }

    private static func line(_ row: LibraryStore.Found, on day: LocalDate) -> LicenceLine {
        let record = row.record
        return LicenceLine(
            type: record.type,
            name: record.name,
            number: row.number,
            identifier: record.identifier.description,
            holder: record.holder,
            issuer: record.issuer.name,
            state: Credential.state(row.state, of: record, on: day),
            validUntil: record.validUntil,
            source: nil,
            mark: LicenceLine.Mark(region: row.region ?? "", id: record.id.rawValue)
        )
    }

    private static func line(_ licence: TakenLicence, on day: LocalDate) -> LicenceLine {
        LicenceLine(
            type: licence.type,
            name: licence.name,
            number: licence.number,
            identifier: nil,
            holder: licence.holder,
            issuer: licence.issuer,
            state: licence.state(on: day),
            validUntil: licence.validUntil,
            source: licence.source,
            mark: nil
        )
    }
}
