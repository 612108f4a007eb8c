public import Kernel

/// What the platform promises (trust.md), and whether the tests of this program kept it when they last ran.
public struct Promise: Sendable {
    public enum Verdict: String, Sendable {
        case kept = "PASS"
        case broken = "FAIL"
        /// Not all of its tests ran, or there are none yet.
        case notRun = "NOT-RUN"
    }

    public let id: String
    public let zh: String
    public let en: String
    public let verdict: Verdict
    public let tests: Int
    public let at: Instant?
    /// Whether the tests ran on the files of the running program; without a record nothing contradicts it.
    public let isOfThisProgram: Bool

    public init(
        id: String,
        zh: String,
        en: String,
        verdict: Verdict,
        tests: Int,
        at: Instant?,
        isOfThisProgram: Bool
    ) {
        self.id = id
        self.zh = zh
        self.en = en
        self.verdict = verdict
        self.tests = tests
        self.at = at
        self.isOfThisProgram = isOfThisProgram
    }
}
