import Cryptography
public import Kernel

/// A one-time code by which a holder shows a licence (亮证). The long form goes into a QR code; the short one is typed
/// when a camera fails. Neither is kept: only digests of them are.
public struct PresentationCode: Hashable, Sendable {
    /// 26 characters of Crockford Base32: 128 random bits.
    public let long: String
    /// 6 characters: 30 random bits, good only because few guesses are allowed.
    public let short: String
    /// The first moment at which it does not count any more.
    public let until: Instant

    static let longLength = 26
    static let shortLength = 6

    init(entropy: any Entropy, until: Instant) {
        long = Base32.encode(entropy.bytes(16))
        short = String(Base32.encode(entropy.bytes(4)).prefix(Self.shortLength))
        self.until = until
    }

    /// What the QR code leads to, after the platform's address.
    public var path: String { "/present?code=\(long)" }

    /// As it is read out: `K3F-9Q7`.
    public var spoken: String { "\(short.prefix(3))-\(short.suffix(3))" }

    /// A code as a verifier gave it.
    enum Typed: Sendable {
        case long(digest: String)
        case short(String)
        /// No code at all.
        case other

        /// Reads spaces, hyphens, lower case and letters that look like digits.
        init(_ text: String) {
            switch VerificationCode.typed(text) {
            case .some(let code) where code.utf8.count == longLength:
                self = .long(digest: PresentationCode.digest(of: code))
            case .some(let code) where code.utf8.count == shortLength: self = .short(code)
            default: self = .other
            }
        }
    }

    static func digest(of long: String) -> String {
        Hex.encode(SM3.digest(Array("suban presentation \(long)".utf8)))
    }
}

/// How codes are made and tried: dated data.
public struct PresentationPolicy: Sendable {
    /// Milliseconds for which a code counts.
    public let life: Int64
    /// Codes of one holder that may be open at once.
    public let openMax: Int
    /// Wrong codes of one place before it has to wait.
    public let guessesMax: Int
    /// Wrong short codes of everybody together; then only those who are known may type one.
    public let shortGuessesMax: Int
    /// Milliseconds for which wrong codes are counted, and a place has to wait.
    public let window: Int64
    /// Milliseconds for which a code is kept after its end, to tell a late one from a wrong one.
    public let keep: Int64

    public init(life: Int64, openMax: Int, guessesMax: Int, shortGuessesMax: Int, window: Int64, keep: Int64)
    {
        self.life = life
        self.openMax = openMax
        self.guessesMax = guessesMax
        self.shortGuessesMax = shortGuessesMax
        self.window = window
        self.keep = keep
    }
}
