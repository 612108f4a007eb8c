public import Kernel
import Synchronization

/// How often one address, account or key may ask: a bucket of tokens each, filled evenly.
///
/// It lives in the memory of one node; with several nodes each allows its share. When more keys are known than are
/// kept, full buckets are forgotten first: nobody gains by that, as a new bucket is full too.
public final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: Instant
    }

    private let perMinute: Double
    private let burst: Double
    private let keysMax: Int
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameters:
    ///   - perMinute: what may be asked on the long run, at least 1.
    ///   - burst: what may be asked at once, at least 1.
    ///   - keysMax: how many askers are remembered.
    public init(perMinute: Int, burst: Int, keysMax: Int = 100_000) {
        precondition(perMinute >= 1 && burst >= 1 && keysMax >= 1, "limits of at least one")
        self.perMinute = Double(perMinute)
        self.burst = Double(burst)
        self.keysMax = keysMax
    }

    /// Takes one token.
    /// - Returns: nil when there was one; else the seconds until there is, 1 or more.
    public func wait(for key: String, now: Instant) -> Int? {
        buckets.withLock { buckets in
            if buckets.count >= keysMax && buckets[key] == nil { forget(&buckets, now: now) }
            return take(&buckets[key, default: Bucket(tokens: burst, filled: now)], now: now)
        }
    }

    /// Whether there is a token, which stays.
    public func isOpen(for key: String, now: Instant) -> Bool {
        buckets.withLock { buckets in buckets[key].map { filled($0, now: now).tokens >= 1 } ?? true }
    }

    private func take(_ bucket: inout Bucket, now: Instant) -> Int? {
        bucket = filled(bucket, now: now)
        guard bucket.tokens < 1 else {
            bucket.tokens -= 1
            return nil
        }
        return max(1, Int(((1 - bucket.tokens) * 60 / perMinute).rounded(.up)))
    }

    /// How many askers are remembered now.
    var count: Int { buckets.withLock(\.count) }

    private func filled(_ bucket: Bucket, now: Instant) -> Bucket {
        let minutes = Double(max(0, now - bucket.filled)) / 60_000
        return Bucket(
            tokens: min(burst, bucket.tokens + minutes * perMinute),
            filled: max(bucket.filled, now)
        )
    }

    private func forget(_ buckets: inout [String: Bucket], now: Instant) {
        buckets = buckets.filter { filled($0.value, now: now).tokens < burst }
        if buckets.count >= keysMax { buckets.removeAll(keepingCapacity: true) }
    }
}
