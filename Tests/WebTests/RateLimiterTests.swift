import Kernel
import Testing

@testable import Web

@Suite("how often somebody may ask")
struct RateLimiterTests {
    private let start = Instant(milliseconds: 0)

    @Test("a burst passes, then the next waits until its token has come")
    func burst() {
        let limiter = RateLimiter(perMinute: 30, burst: 3)
        for _ in 0..<3 { #expect(limiter.wait(for: "a", now: start) == nil) }
        #expect(limiter.wait(for: "a", now: start) == 2)
        #expect(limiter.wait(for: "a", now: start + 1_999) == 1)
        #expect(limiter.wait(for: "a", now: start + 2_000) == nil)
        #expect(limiter.wait(for: "a", now: start + 2_000) == 2)
    }

    @Test("a neighbour is not slowed down")
    func neighbours() {
        let limiter = RateLimiter(perMinute: 1, burst: 1)
        #expect(limiter.wait(for: "a", now: start) == nil)
        #expect(limiter.wait(for: "a", now: start) == 60)
        #expect(limiter.wait(for: "b", now: start) == nil)
    }

    @Test("a hundred thousand tries of a minute get a minute's share")
    func flood() {
        let limiter = RateLimiter(perMinute: 10, burst: 10)
        let passed = (0..<100_000).count {
            limiter.wait(for: "a", now: start + Int64($0) * 60_000 / 100_000) == nil
        }
        #expect((19...20).contains(passed))
    }

    @Test("memory is bounded whoever asks, and time that runs back gives nothing")
    func bounded() {
        let limiter = RateLimiter(perMinute: 1, burst: 1, keysMax: 50)
        for number in 0..<1_000 { _ = limiter.wait(for: "\(number)", now: start) }
        #expect(limiter.count <= 50)
        #expect(limiter.wait(for: "x", now: start + 60_000) == nil)
        #expect(limiter.wait(for: "x", now: start) != nil)
    }
}
