/// How the promise of one item was kept in a place, counted from its cases.
public struct ItemMeasures: Sendable {
    public let item: String
    public let handedIn: Int
    public let granted: Int
    /// Done within what the region promised on the day of the first hand-in.
    public let kept: Int
    /// Done later than promised, or still not done although the promise is over.
    public let broken: Int
}
