import Kernel

/// What chance says of the `index`-th of a kind. It depends on the seed, the kind and the index alone, so that each can be
/// made without those before it, twice the same, and a load that was stopped goes on where it was.
struct Dice {
    enum Kind: UInt64 {
        case subject = 1
        case person, application, licence, log
    }

    private var state: UInt64

    init(seed: UInt64, _ kind: Kind, _ index: Int) {
        state = seed &* 0xD129_0B26_8AAA_F4E5 &+ kind.rawValue &* 0xA24B_AED4_963E_E407 &+ UInt64(index) << 20
        // Neighbours in index begin far from each other.
        state = next()
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func id<Entity>(at moment: Instant, of _: Entity.Type = Entity.self) -> ID<Entity> {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        let milliseconds = UInt64(max(0, moment.milliseconds))
        for shift in stride(from: UInt64(40), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: milliseconds >> shift))
        }
        withUnsafeBytes(of: next()) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt16(truncatingIfNeeded: next())) { bytes.append(contentsOf: $0) }
        return ID(Base32.encode(bytes))
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { withUnsafeBytes(of: next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }
}

/// Picks by weight.
struct Weighted<Element: Sendable>: Sendable {
    private let elements: [Element]
    private let ends: [Int]

    init(_ weighted: [(element: Element, weight: Int)]) {
        let kept = weighted.filter { $0.weight > 0 }
        precondition(!kept.isEmpty, "something to pick from")
        elements = kept.map(\.element)
        var sum = 0
        ends = kept.map {
            sum += $0.weight
            return sum
        }
    }

    func pick(_ dice: inout Dice) -> Element {
        let drawn = dice.below(ends[ends.count - 1])
        var (low, high) = (0, ends.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > drawn { high = middle } else { low = middle + 1 }
        }
        return elements[low]
    }
}
