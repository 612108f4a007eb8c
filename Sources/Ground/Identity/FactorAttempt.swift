import Kernel
import Storage

/// One try at a code of the second factor. Wrong ones stay counted and each lock is longer than the last, until the
/// password is changed or the factor taken away. A device that the owner used before is counted by itself: a stranger's
/// guesses do not shut the owner out, and the owner's right codes do not give the stranger new tries.
struct FactorAttempt {
    let account: ID<Account>
    let session: String
    let settings: IdentitySettings
    let occasion: Occasion

    /// - Returns: `factorLocked` when it may not be made; the owner is told when this one shut the door.
    func reserve(in tx: any Transaction) throws -> IdentityError? {
        let (limits, now) = (settings.limits, occasion.now)
        let shut = try AccountStore.reserveLasting(
            subject(in: tx),
            triesMax: limits.value(.factorTries, at: now),
            locks: [.factorLock, .factorLockSecond, .factorLockLater].map {
                try limits.milliseconds($0, at: now)
            },
            now: now,
            in: tx
        )
        guard let shut else { return nil }
        if shut.isNew {
            try AccountNotices.add(.guessed, to: account, limits: limits, occasion: occasion, in: tx)
        }
        return .factorLocked(minutes: shut.until.minutes(after: now))
    }

    func succeeded(in tx: any Transaction) throws {
        if try SessionStore.knownDevice(of: session, in: tx) == nil {
            try AccountStore.giveTryBack(subject(in: tx), in: tx)
        } else {
            try AccountStore.forgetTries(subject(in: tx), in: tx)
        }
    }

    static func forget(_ account: ID<Account>, _ keys: IdentityKeys, in tx: any Transaction) throws {
        try AccountStore.forgetTries(subject(account, nil, keys), in: tx)
        for device in try AccountStore.devices(account, in: tx) {
            try AccountStore.forgetTries(subject(account, device, keys), in: tx)
        }
    }

    private func subject(in tx: any Transaction) throws -> [UInt8] {
        Self.subject(account, try SessionStore.knownDevice(of: session, in: tx), settings.keys)
    }

    private static func subject(_ account: ID<Account>, _ device: [UInt8]?, _ keys: IdentityKeys)
        -> [UInt8]
    {
        keys.lookup("try-factor", account.rawValue + (device.map { " \(Hex.encode($0))" } ?? ""))
    }
}
