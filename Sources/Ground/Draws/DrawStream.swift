import Cryptography
import Kernel

/// The numbers of a draw, which anybody with the published seed can compute again.
///
/// Block i is HMAC-SM3 with the seed as key over `suban-draw-1`, the context, the beacon and i as eight bytes,
/// each part led by its length in four bytes (big-endian). Blocks are read as big-endian numbers of eight bytes; one
/// at or above the largest multiple of the bound is thrown away, so that every result is equally likely.
struct DrawStream {
    private let keyed: KeyedSM3
    private let prefix: [UInt8]
    private var block: [UInt8] = []
    private var offset = 0
    private var index: UInt64 = 0

    init(seed: [UInt8], context: [UInt8], beacon: [UInt8]) {
        keyed = KeyedSM3(key: seed)
        prefix = Self.framed(Array("suban-draw-1".utf8)) + Self.framed(context) + Self.framed(beacon)
    }

    mutating func next() -> UInt64 {
        if offset + 8 > block.count {
            block = keyed.code(of: prefix + Self.bigEndian(index))
            index += 1
            offset = 0
        }
        let number = block[offset..<offset + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        offset += 8
        return number
    }

    /// A number in `0..<bound`.
    mutating func next(below bound: Int) -> Int {
        precondition(bound > 0, "a bound of at least one")
        let bound = UInt64(bound)
        // 2^64 mod bound, computed without 2^64.
        let excess = (UInt64.max % bound + 1) % bound
        while true {
            let number = next()
            if excess == 0 || number < UInt64.max - excess + 1 { return Int(number % bound) }
        }
    }

    static func framed(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt32(bytes.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * $0)) } + bytes
    }

    static func bigEndian(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }
}
