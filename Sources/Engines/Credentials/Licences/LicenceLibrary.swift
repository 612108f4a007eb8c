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
