import AsyncHTTPClient
import Cryptography
import Exchange
import Foundation
import Kernel
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// The inner side of the relay: takes messages, asks the platform, and sends back what it answers. It alone opens
/// connections, and only to the platform.
struct RelayRounds: Sendable {
    private let requests: RelayFolder
    private let answers: RelayFolder
    private let key: SM2PrivateKey
    private let name: String
    private let peer: PeerKey
    private let counter: RelayCounter
    private let taken: RelayNumbers
    private let platform: String
    private let limits: RelayLimits
    private let clock: any Clock
    private let logger: Logger
    private let client: HTTPClient

    /// - Parameters:
    ///   - relay: the folder with `requests` and `answers`.
    ///   - keys: holds `relay.key.pem`, made at the first start, and `front.pub.pem`, which the outer side gives.
    ///   - platform: where the platform answers, such as `http://127.0.0.1:8080`.
    init(
        relay: String,
        keys: ExchangeKeyFolder,
        platform: String,
        limits: RelayLimits,
        clock: any Clock,
        logger: Logger
    ) throws {
        requests = try RelayFolder("\(relay)/requests")
        answers = try RelayFolder("\(relay)/answers")
        key = try keys.key(of: "relay")
        name = try keys.peer("relay").keyID
        peer = try keys.peer("front")
        counter = try RelayCounter(path: "\(keys.path)/relay.number")
        taken = try RelayNumbers(path: "\(keys.path)/relay.taken", window: limits.window)
        self.platform = platform
        self.limits = limits
        self.clock = clock
        self.logger = logger
        client = HTTPTransport.ownClient
    }

    /// How many are asked at once.
    private static let parallelMax = 16

    /// Everything that waits now.
    /// - Returns: how many messages were taken.
    @discardableResult
    func round() async throws -> Int {
        let names = try requests.waiting()
        var count = 0
        await withTaskGroup(of: Bool.self) { group in
            for (index, name) in names.enumerated() {
                if index >= Self.parallelMax, await group.next() == true { count += 1 }
                group.addTask { await answer(name) }
            }
            for await isTaken in group where isTaken { count += 1 }
        }
        return count
    }

    private func answer(_ name: String) async -> Bool {
        do {
            guard let bytes = try requests.take(name, most: limits.size) else { return false }
            let message = try RelayMessage(bytes, kind: .request, from: peer)
            let now = clock.now
            guard abs(now - message.at) <= limits.age else { throw RelayRefusal.expired }
            try taken.take(message.number)
            guard let method = message.content["method"].text, let target = message.content["target"].text,
                PublicPaths.isOpen(method, String(target.prefix { $0 != "?" }))
            else { throw RelayRefusal.notPublic }
            let answer = try await ask(method, target, message)
            try answers.put(try answer.bytes(signedBy: key, named: self.name), number: answer.number)
            return true
        } catch {
            logger.warning("a request was not taken", metadata: Self.words(error))
            return false
        }
    }

    private func ask(_ method: String, _ target: String, _ message: RelayMessage) async throws -> RelayMessage
    {
        var request = HTTPClientRequest(url: platform + target)
        request.method = .RAW(value: method)
        for (name, value) in message.headers where RelayHeaders.passes(name) {
            request.headers.add(name: name, value: value)
        }
        request.headers.replaceOrAdd(name: "x-forwarded-for", value: message.content["address"].text ?? "")
        if !message.body.isEmpty { request.body = .bytes(message.body) }
        let response = try await client.execute(request, timeout: .milliseconds(limits.keep))
        let body = try await response.body.collect(upTo: limits.size)
        return RelayMessage(
            kind: .answer,
            number: try counter.next(),
            id: message.id,
            at: clock.now,
            content: ["status": JSON(Int(response.status.code))],
            headers: response.headers.filter { RelayHeaders.passes($0.name) }.map { ($0.name, $0.value) },
            body: Array(body.readableBytesView)
        )
    }

    /// What the operator is told: a code or the kind of a failure, nothing of the message.
    static func words(_ error: any Error) -> Logger.Metadata {
        ["why": "\((error as? RelayRefusal)?.rawValue ?? String(describing: type(of: error)))"]
    }
}

/// Which headers cross: those between two neighbours stay with them, and nobody outside says whence a request comes.
enum RelayHeaders {
    private static let stay: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
        "trailer", "transfer-encoding", "upgrade", "content-length", "expect", "forwarded", "x-forwarded-for",
        "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "accept-encoding", "date",
    ]

    static func passes(_ name: String) -> Bool { !stay.contains(name.lowercased()) }
}

/// Rounds without end, as a service.
struct RelayService: Service {
    let rounds: RelayRounds
    let logger: Logger
    var pause: Duration = .milliseconds(20)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await rounds.round() } catch {
                    logger.error("the relay's folder", metadata: ["error": "\(error)"])
                }
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }
}
