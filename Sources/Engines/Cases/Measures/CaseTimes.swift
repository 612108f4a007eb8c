import Catalogue
public import Kernel
import Standards

/// The times of a case from which the promises are measured: they begin with the first handing in, whatever happened
/// to the case since. A return does not begin them anew.
public struct CaseTimes: Sendable {
    /// Handed in for the first time.
    public let handedIn: Instant
    /// The last moment that keeps the promise of the region on that day; nil without a promise, or while the
    /// calendar of the year in which it ends is not published.
    public let promised: Instant?
    /// Milliseconds during which the authority had the case: from each handing in to the decision on it.
    public let office: Int64

    public init(handedIn: Instant, promised: Instant?, office: Int64) {
        self.handedIn = handedIn
        self.promised = promised
        self.office = office
    }
}

extension CaseDefinition {
    /// When the promise that the region gave for this item on that day is over, for a case handed in at `start`.
    func promised(_ region: String, from start: Instant, calendar: WorkingCalendar) -> Instant? {
        guard let promise = item.promise(system.limits, region: region, on: start.date) else { return nil }
        return try? PromiseTerm.end(of: promise, from: start, calendar: calendar)
    }
}
