internal import COpenSSL
import Kernel

/// How hard one guess of a password is: memory is 128 x r x 2^logN bytes (RFC 7914, section 2).
public struct ScryptParameters: Hashable, Sendable {
    /// 10...20
    public let logN: Int
    /// 1...32
    public let r: Int
    /// 1...16
    public let p: Int

    public init(logN: Int, r: Int, p: Int) {
        self.logN = logN
        self.r = r
        self.p = p
    }

    /// 16 MiB, five rounds: one of the equivalent settings of the OWASP Password Storage Cheat Sheet.
    public static let standard = ScryptParameters(logN: 14, r: 8, p: 5)

    var isAllowed: Bool {
        (10...20).contains(logN) && (1...32).contains(r) && (1...16).contains(p)
            && memoryBytes <= 256 * 1_048_576
    }

    var memoryBytes: Int { 128 * r << logN }
}

/// Passwords as scrypt records (RFC 7914), computed on two threads of their own behind a bounded queue, so that a
/// storm of sign-ins can neither stall the server nor fill its memory.
public enum Scrypt {
    /// How many may wait; one more is refused with `busy`.
    public static let queueMax = 256

    private static let shared = WorkerThreads(count: 2, queueMax: queueMax, name: "scrypt")

    /// A test brings threads of its own, so that it neither crowds others out nor counts their work.
    @TaskLocal static var workers = shared

    /// Makes the record of a password that the caller has normalised, with a salt of 16 random bytes:
    /// `$scrypt$ln=14,r=8,p=5$<salt>$<digest>`, both in Base64, the digest of 32 bytes.
    public static func hash(
        _ password: String,
        salt: [UInt8],
        parameters: ScryptParameters = .standard
    ) async throws(CryptographyError) -> String {
        guard parameters.isAllowed, !salt.isEmpty else { throw .badPasswordRecord }
        let digest = try await derive(password, salt: salt, parameters: parameters)
        return record(salt: salt, digest: digest, parameters: parameters)
    }

    /// The record of a digest that is there already, such as one by chance to hold unknown accounts against.
    public static func record(salt: [UInt8], digest: [UInt8], parameters: ScryptParameters) -> String {
        "$scrypt$ln=\(parameters.logN),r=\(parameters.r),p=\(parameters.p)"
            + "$\(Base64.encode(salt))$\(Base64.encode(digest))"
    }

    /// Whether `password` is the one in `record`. The parameters are the record's own.
    public static func verify(_ password: String, against record: String) async throws(CryptographyError)
        -> Bool
    {
        guard let (parameters, salt, digest) = read(record) else { throw .badPasswordRecord }
        return ConstantTime.equal(try await derive(password, salt: salt, parameters: parameters), digest)
    }

    /// Whether `record` was made with other parameters than these, so that the next sign-in should renew it.
    public static func isOutdated(_ record: String, for parameters: ScryptParameters = .standard) -> Bool {
        read(record)?.0 != parameters
    }

    private static func derive(
        _ password: String,
        salt: [UInt8],
        parameters: ScryptParameters
    ) async throws(CryptographyError) -> [UInt8] {
        let answer: Result<[UInt8], CryptographyError> = await withCheckedContinuation { continuation in
            let accepted = workers.submit {
                var secret = Array(password.utf8)
                defer { wipe(&secret) }
                var digest = [UInt8](repeating: 0, count: 32)
                let done = secret.withUnsafeBytes { secret in
                    EVP_PBE_scrypt(
                        secret.baseAddress?.assumingMemoryBound(to: CChar.self),
                        secret.count,
                        salt,
                        salt.count,
                        1 << UInt64(parameters.logN),
                        UInt64(parameters.r),
                        UInt64(parameters.p),
                        UInt64(parameters.memoryBytes + 33_554_432),
                        &digest,
                        digest.count
                    )
                }
                if done != 1 { ERR_clear_error() }
                continuation.resume(
                    returning: done == 1 ? .success(digest) : .failure(.engine("EVP_PBE_scrypt"))
                )
            }
            if !accepted { continuation.resume(returning: .failure(.busy)) }
        }
        return try answer.get()
    }

    private static func read(_ record: String) -> (ScryptParameters, salt: [UInt8], digest: [UInt8])? {
        let parts = record.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
            let salt = Base64.decode(String(parts[3])), let digest = Base64.decode(String(parts[4])),
            digest.count == 32, !salt.isEmpty
        else { return nil }
        var numbers: [Substring: Int] = [:]
        for setting in parts[2].split(separator: ",") {
            let pair = setting.split(separator: "=")
            guard pair.count == 2, let number = Int(pair[1]),
                numbers.updateValue(number, forKey: pair[0]) == nil
            else { return nil }
        }
        guard numbers.count == 3, let logN = numbers["ln"], let r = numbers["r"], let p = numbers["p"] else {
            return nil
        }
        let parameters = ScryptParameters(logN: logN, r: r, p: p)
        return parameters.isAllowed ? (parameters, salt, digest) : nil
    }
}
