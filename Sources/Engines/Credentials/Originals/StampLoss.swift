public import Kernel

/// A theft of the key of the time stamps, and how far the files stamped with it are made anew.
public struct StampLoss: Sendable {
    public let id: ID<StampLoss>
    /// From when on the key is taken to have been in others' hands.
    public let since: Instant
    public let begunAt: Instant
    /// The file that was looked at last.
    var place: (credential: String, format: String) = ("", "")
    public var looked = 0
    public var renewed = 0
    /// Files that the log does not prove to be older: they stay refused.
    public var unproven = 0
    public var doneAt: Instant?

    public var object: String { "stamp-loss:\(id)" }

    init(id: ID<StampLoss>, since: Instant, begunAt: Instant) {
        self.id = id
        self.since = since
        self.begunAt = begunAt
    }
}
