import Credentials
import Kernel
import Storage
import Web

/// How the seal of a signed record stands: the record of a seal that is being made is valid, and the seal cannot be used.
struct SealStanding: Sendable {
    let state: SealState
    let isStopped: Bool

    /// Nil for a record that is no seal's.
    init?(of credential: Credential, at now: Instant, in reader: any Reader) throws {
        guard credential.record.sealCode != nil, let seal = try Seals.find(of: credential.id, in: reader)
        else {
            return nil
        }
        state = seal.state(at: now)
        isStopped = try Seals.isStoppedByOwner(seal, in: reader)
    }

    func badge(_ visit: Visit) -> BadgeView { SealPages.badge(state, isStopped: isStopped, visit) }

    /// The answer to whoever verifies a record that is good while its seal cannot be used; nil when it can.
    func notice(_ visit: Visit) -> NoticeView? {
        guard state != .active else { return nil }
        let words = SealPages.words(state, isStopped: isStopped, visit)
        return NoticeView(
            .warn,
            title: visit.text("verify.seal", ["state": words]),
            visit.text("verify.seal.text")
        )
    }
}
