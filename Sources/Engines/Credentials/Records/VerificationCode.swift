import Kernel

/// The code by which anybody can look a credential up: 12 random characters (60 bits) and a check, shown as
/// `K3F9-7QWD-2MPX-C`. It tells nothing of the holder and cannot be guessed from another.
public struct VerificationCode: Hashable, Sendable, CustomStringConvertible {
    /// 13 characters of Crockford Base32.
    public let rawValue: String

    private static let alphabet: [UInt8] = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// Takes 8 random bytes.
    public init(random: [UInt8]) {
        let body = String(Base32.encode(random).prefix(12))
        rawValue = body + Self.check(of: body)
    }

    /// Reads a code as people type it: spaces, hyphens, lower case, and O, I, L for 0, 1, 1 are put right.
    public init?(parsing text: some StringProtocol) {
        guard let body = Self.typed(text), body.utf8.count == 13,
            Self.check(of: String(body.prefix(12))) == body.suffix(1)
        else { return nil }
        rawValue = body
    }

    /// Characters of Crockford Base32 as people type them, put right; nil when others are among them.
    static func typed(_ text: some StringProtocol) -> String? {
        var body = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "-", " ", "\u{3000}", "－": continue
            case "o", "O", "Ｏ": body += "0"
            case "i", "I", "l", "L": body += "1"
            default:
                // Full-width digits and letters lie 0xFEE0 above.
                let value = (0xFF01...0xFF5E).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
                guard let plain = Unicode.Scalar(value), plain.isASCII else { return nil }
                body += String(Character(plain)).uppercased()
            }
        }
        return body.utf8.allSatisfy(Self.alphabet.contains) ? body : nil
    }

    public var description: String {
        let characters = Array(rawValue)
        return stride(from: 0, to: characters.count, by: 4)
            .map { String(characters[$0..<min($0 + 4, characters.count)]) }.joined(separator: "-")
    }

    /// What the QR code leads to, after the platform's address.
    public var path: String { "/v/\(rawValue)" }

    /// The hybrid system of ISO/IEC 7064 with 33 and 32: finds every single wrong character.
    private static func check(of text: String) -> String {
        var product = 32
        for byte in text.utf8 {
            var sum = (product + (alphabet.firstIndex(of: byte) ?? 0)) % 32
            if sum == 0 { sum = 32 }
            product = 2 * sum % 33
        }
        let value = (33 - product) % 32
        return String(decoding: [alphabet[value]], as: UTF8.self)
    }
}
