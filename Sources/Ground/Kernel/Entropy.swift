import Foundation
import Synchronization

/// Where random bytes come from. Handed in, so that a scenario with a printed seed can be repeated.
public protocol Entropy: Sendable {
    /// - Parameter count: 0...1,048,576 bytes.
    func bytes(_ count: Int) -> [UInt8]
}

extension Entropy {
    /// A whole number in `0..<bound`, every one equally likely (rejection sampling).
    public func number(below bound: Int) -> Int {
        precondition(bound > 0, "a bound of at least one")
        let bound = UInt64(bound)
        let limit = UInt64.max - UInt64.max % bound
        while true {
            let drawn = bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if drawn < limit { return Int(drawn % bound) }
        }
    }
}

/// The operating system's generator.
public struct SystemEntropy: Entropy {
    public init() {}

    public func bytes(_ count: Int) -> [UInt8] {
        // All in one call: Swift's own generator asks the kernel for every eight bytes.
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let start = buffer.baseAddress { arc4random_buf(start, count) }
            filled = count
        }
    }
}

/// SplitMix64 from a seed: for scenarios, load generation and property tests, never for keys.
public final class SeededEntropy: Entropy {
    private let state: Mutex<UInt64>

    public init(seed: UInt64) { state = Mutex(seed) }

    public func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(count + 8)
            while bytes.count < count {
                state &+= 0x9E37_79B9_7F4A_7C15
                var mixed = state
                mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
                mixed ^= mixed >> 31
                for shift in stride(from: UInt64(56), through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: mixed >> shift))
                }
            }
            return Array(bytes.prefix(count))
        }
    }
}
