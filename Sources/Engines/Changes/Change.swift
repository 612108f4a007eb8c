public import Identity
public import Kernel

/// One change as other systems are told of it: identifiers only, never personal text.
public struct Change: Sendable, Equatable {
    /// The number of its entry in the log: its place in the feed. Numbers rise in the order of commits; between two
    /// changes there are entries that are none, so they are not consecutive.
    public let sequence: Int64
    /// The event's identifier, the same whenever and however it is told.
    public let id: String
    /// Such as `case.decided`.
    public let name: String
    /// Such as `case:<id>`.
    public let object: String
    /// Six digits.
    public let region: String
    public let at: Instant
    /// Identifiers and states by name.
    public let facts: JSON

    public var json: JSON {
        [
            "sequence": JSON(sequence), "id": .string(id), "name": .string(name), "object": .string(object),
            "region": .string(region), "at": .string(at.description), "facts": facts,
        ]
    }

    /// What of an event's payload goes out: members that hold an identifier, a code or a state. A reason, a name or
    /// whatever else a payload may hold one day stays inside, and so does everything that does not look like one.
    static func facts(of payload: JSON) -> JSON {
        let kept = payload.members.filter { name, value in
            guard names.contains(name) else { return false }
            if let text = value.text {
                return (1...100).contains(text.utf8.count)
                    && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            }
            return value.int != nil
        }
        return .object(kept)
    }

    private static let names: Set = [
        "case", "item", "code", "register", "sequence", "digest", "year", "identifier", "type", "state", "by",
    ]
}

/// A stretch of the feed.
public struct ChangePage: Sendable, Equatable {
    public let changes: [Change]
    /// The cursor after this stretch: also entries are behind it that are no changes, or nothing for the reader.
    public let next: Int64
    /// The number of the latest entry of the log: when `next` is that, there is nothing more for now.
    public let latest: Int64

    public init(changes: [Change], next: Int64, latest: Int64) {
        self.changes = changes
        self.next = next
        self.latest = latest
    }
}

/// Whose changes somebody is told: those of a range of divisions.
public struct ChangeReach: Sendable, Hashable {
    let regionLow: String
    let regionHigh: String

    /// - Parameters:
    ///   - scope: what the permission table gives the reader for `change.read`.
    ///   - authority: the body whose matters the feed tells of; another agency's officials are told nothing.
    public init(_ scope: Scope, authority: String) {
        let isInReach = scope.all || scope.agency.isEmpty || scope.agency == authority
        regionLow = scope.all || !isInReach ? "" : scope.regionLow
        regionHigh = scope.all ? "~" : isInReach ? scope.regionHigh : ""
    }

    /// Everything at or below a division.
    /// - Parameter region: six digits.
    public init(region: String) {
        var stem = Substring(region)
        while stem.hasSuffix("00") { stem = stem.dropLast(2) }
        regionLow = region
        regionHigh = stem + ":"
    }
}

/// What is refused about the feed.
public enum ChangesError: Refusal, Equatable {
    /// The cursor lies before what is still kept; `from` is the earliest that does not.
    case forgotten(from: Int64)
    /// The cursor lies behind the end of the log: it is of another installation, or a backup was put in place since.
    case ahead(latest: Int64)
    /// So many listen already, this caller or all.
    case tooManyOfCaller(max: Int)
    case tooManyListeners(max: Int)

    public var code: String {
        switch self {
        case .forgotten: "changes.forgotten"
        case .ahead: "changes.ahead"
        case .tooManyOfCaller: "changes.too-many-of-caller"
        case .tooManyListeners: "changes.too-many-listeners"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .forgotten(let from): ["from": String(from)]
        case .ahead(let latest): ["latest": String(latest)]
        case .tooManyOfCaller(let max), .tooManyListeners(let max): ["max": String(max)]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .forgotten: .gone
        case .ahead: .unacceptable
        case .tooManyOfCaller: .tooMany
        case .tooManyListeners: .unavailable
        }
    }
}
