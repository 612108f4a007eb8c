internal import Cryptography
public import Kernel

/// Time-based one-time codes (RFC 6238): HMAC-SHA-1, steps of thirty seconds, six digits, as every authenticator has.
public enum TimeCode {
    static let stepMilliseconds: Int64 = 30_000
    /// RFC 4226, 4: a shared secret of at least 128 bits; 160 are recommended.
    static let secretByteCount = 20

    public static func step(at moment: Instant) -> Int64 { moment.milliseconds / stepMilliseconds }

    /// The code of a step (RFC 4226, 5.3: dynamic truncation).
    public static func code(_ secret: [UInt8], step: Int64) -> String {
        let counter = (0..<8).reversed().map { UInt8(truncatingIfNeeded: step >> Int64($0 * 8)) }
        let mac = OneTimeCodeMAC.hmac(key: secret, message: counter)
        let offset = Int(mac[mac.count - 1] & 15)
        let number = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The step whose code was typed, within the drift; nil for a wrong code.
    static func step(of code: String, _ secret: [UInt8], at moment: Instant, drift: Int) -> Int64? {
        let now = step(at: moment)
        let typed = Array(code.utf8)
        var found: Int64?
        // Every step is compared, so that the time tells nothing.
        for step in (now - Int64(drift))...(now + Int64(drift))
        where ConstantTime.equal(Array(Self.code(secret, step: step).utf8), typed) { found = step }
        return found
    }

    /// Base32 of RFC 4648 without padding, as authenticators read it.
    public static func base32(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var text: [UInt8] = []
        var (buffer, bits) = (UInt32(0), 0)
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits)) & 31])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits)) & 31]) }
        return String(decoding: text, as: UTF8.self)
    }
}
