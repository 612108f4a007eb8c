public import Cryptography
import Jobs
public import Kernel
public import Standards
public import Storage

/// What a code is for; one sent for the one never opens the other.
public enum CodePurpose: String, Sendable, CaseIterable {
    case signIn = "sign-in"
    case signUp = "sign-up"
    case changePhone = "change-phone"
    case signDocument = "sign-document"
}

/// A text message that a subscriber of `identity.sms` hands to the operator's adapter.
public struct SmsMessage: Hashable, Sendable {
    /// Digits.
    public let phone: String
    public let purpose: CodePurpose
    public let code: String
    public let minutes: Int
}

/// Codes by text message (ux.md 5): six digits, five minutes, five tries; one a minute, five an hour, ten a day for a
/// number; bound to one attempt. All numbers are dated data.
public enum SmsCodes {
    /// The outbox event that carries a message, sealed.
    public static let event = "identity.sms"

    /// Makes a code and puts its message into the outbox. Known and unknown numbers are treated alike.
    /// - Returns: the attempt to be handed in with the code.
    /// - Throws: `codeTooSoon`, `codeTooMany`.
    public static func send(
        to phone: PhoneNumber,
        for purpose: CodePurpose,
        settings: IdentitySettings,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> String {
        let now = occasion.now
        let phoneKey = settings.keys.lookup("phone", phone.rawValue)
        try CodeStore.lock(settings.keys.lookup("code", phone.rawValue), now: now, in: tx)
        let pause = try settings.limits.milliseconds(.codePause, at: now)
        if let last = try CodeStore.lastSent(phoneKey, in: tx), now - last < pause {
            throw IdentityError.codeTooSoon(seconds: Int((pause - (now - last) + 999) / 1_000))
        }
        guard
            try CodeStore.count(phoneKey, since: now + -Instant.hour, in: tx)
                < settings.limits.value(.codePerHour, at: now),
            try CodeStore.count(phoneKey, since: now + -Instant.day, in: tx)
                < settings.limits.value(.codePerDay, at: now)
        else { throw IdentityError.codeTooMany }
        let digits = try settings.limits.value(.codeDigits, at: now)
        let minutes = try settings.limits.value(.codeLife, at: now)
        let code = (0..<digits).map { _ in String(occasion.entropy.number(below: 10)) }.joined()
        let attempt = Hex.encode(occasion.entropy.bytes(16))
        try CodeStore.closeOpen(phoneKey, purpose: purpose.rawValue, at: now, in: tx)
        try CodeStore.insert(
            attempt,
            phoneKey: phoneKey,
            purpose: purpose.rawValue,
            code: hash(code, attempt, settings),
            sent: now,
            expires: now + Int64(minutes) * Instant.minute,
            in: tx
        )
        let sealed = try settings.keys.seal(
            "\(phone.rawValue) \(code)",
            label: "sms:\(attempt)",
            entropy: occasion.entropy
        )
        try Outbox.emit(
            event,
            object: "sms-code:\(attempt)",
            payload: [
                "attempt": .string(attempt), "purpose": .string(purpose.rawValue), "minutes": JSON(minutes),
                "sealed": .string(Hex.encode(sealed)),
            ],
            occasion: occasion,
            in: tx
        )
        return attempt
    }

    /// Sends a code that somebody on the pages asked for: the address he comes from has its own limit, so that nobody
    /// has messages sent to strangers.
    /// - Throws: as `send`, and `locked`.
    public static func request(
        _ phone: PhoneNumber,
        for purpose: CodePurpose,
        origin: SignInOrigin,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> String {
        let subject = settings.keys.lookup("code-address", origin.address)
        let reserved = try await database.write { tx in
            try RealName.reserve(subject, .codeAddressTries, .codeAddressWindow, settings, occasion, tx)
        }
        try reserved.get()
        return try await database.write { tx in
            try send(to: phone, for: purpose, settings: settings, occasion: occasion, in: tx)
        }
    }

    /// Opens the message of an `identity.sms` event.
    /// - Returns: nil for a payload that is none.
    public static func message(_ payload: JSON, keys: IdentityKeys) throws(CryptographyError) -> SmsMessage? {
        guard let attempt = payload["attempt"].text,
            let purpose = payload["purpose"].text.flatMap(CodePurpose.init),
            let sealed = payload["sealed"].text.flatMap(Hex.decode), let minutes = payload["minutes"].int
        else { return nil }
        let parts = try keys.open(sealed, label: "sms:\(attempt)").split(separator: " ")
        guard parts.count == 2 else { return nil }
        return SmsMessage(
            phone: String(parts[0]),
            purpose: purpose,
            code: String(parts[1]),
            minutes: Int(minutes)
        )
    }

    /// Whether a code is right. A wrong one is counted, so the caller must let the transaction commit; a right one
    /// is used up unless `keep`.
    public static func check(
        _ code: String,
        attempt: String,
        phone: PhoneNumber,
        for purpose: CodePurpose,
        keep: Bool = false,
        settings: IdentitySettings,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Bool {
        guard let kept = try CodeStore.locked(attempt, in: tx) else { return false }
        let triesMax = try settings.limits.value(.codeTries, at: occasion.now)
        let phoneKey = settings.keys.lookup("phone", phone.rawValue)
        guard !kept.closed, kept.purpose == purpose.rawValue, kept.phoneKey == phoneKey,
            occasion.now < kept.expires,
            kept.tries < triesMax
        else { return false }
        guard ConstantTime.equal(hash(BorderText.code(code), attempt, settings), kept.code) else {
            try CodeStore.countTry(attempt, in: tx)
            return false
        }
        if !keep { try CodeStore.close(attempt, at: occasion.now, in: tx) }
        return true
    }

    /// Takes away codes sent before a moment; the limits look back one day.
    @discardableResult
    public static func removeOld(before: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try CodeStore.removeOld(before: before, countMax: countMax, in: tx)
    }

    private static func hash(_ code: String, _ attempt: String, _ settings: IdentitySettings) -> [UInt8] {
        settings.keys.lookup("code-value", "\(attempt) \(code)")
    }
}
