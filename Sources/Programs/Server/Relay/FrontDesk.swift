import Cryptography
import Exchange
import Foundation
import Kernel
import Logging

/// The outer side of the relay: sends requests as messages, and keeps the answers for whoever asked. It has no
/// database and no key but its own; after a restart nobody waits any more.
actor FrontDesk {
    private struct Waiting {
        let number: Int64
        let asked: Instant
        /// Digest of the secret in the cookie of whoever asked.
        let owner: [UInt8]
        var answer: RelayMessage?
    }

    enum Standing {
        case answered(RelayMessage)
        case open
        /// No answer came in time, it was kept long enough, or it is somebody else's.
        case unknown
    }

    private let requests: RelayFolder
    private let answers: RelayFolder
    private let key: SM2PrivateKey
    private let name: String
    private let peer: PeerKey
    private let counter: RelayCounter
    private let taken: RelayNumbers
    private let clock: any Clock
    private let entropy: any Entropy
    private let logger: Logger
    nonisolated let limits: RelayLimits
    private var waiting: [String: Waiting] = [:]
    private var ids: [Int64: String] = [:]

    /// - Parameters:
    ///   - relay: the folder with `requests` and `answers`.
    ///   - keys: holds `front.key.pem`, made at the first start, and `relay.pub.pem`, which the inner side gives; what was
    ///     sent and taken is written down beside them.
    init(
        relay: String,
        keys: ExchangeKeyFolder,
        limits: RelayLimits,
        clock: any Clock,
        entropy: any Entropy,
        logger: Logger
    ) throws {
        requests = try RelayFolder("\(relay)/requests")
        answers = try RelayFolder("\(relay)/answers")
        key = try keys.key(of: "front")
        name = try keys.peer("front").keyID
        peer = try keys.peer("relay")
        counter = try RelayCounter(path: "\(keys.path)/front.number")
        taken = try RelayNumbers(path: "\(keys.path)/front.taken", window: limits.window)
        self.limits = limits
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    /// Sends a request.
    /// - Returns: its number, by which the page names it; nil when too many are open.
    func send(
        content: JSON,
        headers: [(name: String, value: String)],
        body: [UInt8],
        owner: [UInt8]
    ) throws -> Int64? {
        collect()
        guard waiting.count < limits.open else { return nil }
        let message = RelayMessage(
            kind: .request,
            number: try counter.next(),
            id: Base32.encode(entropy.bytes(20)),
            at: clock.now,
            content: content,
            headers: headers,
            body: body
        )
        waiting[message.id] = Waiting(number: message.number, asked: message.at, owner: owner)
        ids[message.number] = message.id
        do {
            try requests.put(try message.bytes(signedBy: key, named: name), number: message.number)
        } catch {
            forget(message.id)
            throw error
        }
        return message.number
    }

    /// How a request stands. Nobody learns of another's, not even that there is one.
    func look(_ number: Int64, owner: [UInt8]) -> Standing {
        collect()
        guard let id = ids[number], let found = waiting[id], ConstantTime.equal(found.owner, owner) else {
            return .unknown
        }
        return found.answer.map { .answered($0) } ?? .open
    }

    /// Whoever asked has the answer and needs it no more.
    func delivered(_ number: Int64) {
        if let id = ids[number] { forget(id) }
    }

    /// Takes in what has arrived, and forgets what is over.
    private func collect() {
        let now = clock.now
        for (id, one) in waiting where now - one.asked > limits.keep { forget(id) }
        guard let names = try? answers.waiting() else { return }
        for name in names {
            do {
                guard let bytes = try answers.take(name, most: limits.size) else { continue }
                let message = try RelayMessage(bytes, kind: .answer, from: peer)
                guard abs(now - message.at) <= limits.age else { throw RelayRefusal.expired }
                try taken.take(message.number)
                guard let asked = waiting[message.id], asked.answer == nil else { throw RelayRefusal.unasked }
                waiting[message.id]?.answer = message
            } catch {
                logger.warning("an answer was not taken", metadata: RelayRounds.words(error))
            }
        }
    }

    private func forget(_ id: String) {
        if let one = waiting.removeValue(forKey: id) { ids[one.number] = nil }
    }
}
