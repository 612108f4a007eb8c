import Synchronization

/// Up to where the one who reads has written, for a database with copies that lag a little: `browse` asks a copy only
/// when it holds that much. Who answers requests sets it for each, and keeps the place of one that wrote for the next.
public final class ReaderTrail: Sendable {
    @TaskLocal public static var current: ReaderTrail?

    private let reached: Mutex<UInt64?>
    private let begun: UInt64?

    /// - Parameter place: of an earlier request; nil when the reader wrote nothing within the time that copies may lag.
    public init(place: UInt64? = nil) {
        begun = place
        reached = Mutex(place)
    }

    public var place: UInt64? { reached.withLock { $0 } }

    /// The place of what was written since the trail was begun, or nil.
    public var newPlace: UInt64? {
        let place = place
        return place == begun ? nil : place
    }

    package func reach(_ place: UInt64) { reached.withLock { $0 = max($0 ?? 0, place) } }
}
