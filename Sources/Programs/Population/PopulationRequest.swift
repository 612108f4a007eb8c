public import Kernel

/// How many of what, and by which seed. The same request on the same day makes the same population.
public struct PopulationRequest: Sendable, Equatable {
    /// Firms and sole traders, each with the person who stands for it.
    public let subjects: Int
    public let cases: Int
    public let licences: Int
    public let seed: UInt64
    /// The league or division whose population it is, by its code; nil for the whole region.
    public let region: String?
    /// Everything happened before the beginning of this day.
    public var day: LocalDate

    public init(
        subjects: Int,
        cases: Int,
        licences: Int,
        seed: UInt64,
        region: String? = nil,
        day: LocalDate
    ) {
        self.subjects = subjects
        self.cases = cases
        self.licences = licences
        self.seed = seed
        self.region = region
        self.day = day
    }

    /// How far back the histories reach.
    static let subjectDays = 3_650
    static let caseDays = 183

    /// The moment of one of `count` things that happened one after the other, in the hours in which people are up.
    func moment(_ index: Int, of count: Int, days: Int) -> Instant {
        let place = Double(index) / Double(max(1, count)) * Double(days)
        let day = self.day.adding(days: Int(place) - days)
        return Instant(day) + 8 * Instant.hour
            + Int64((place - place.rounded(.down)) * Double(12 * Instant.hour))
    }
}
