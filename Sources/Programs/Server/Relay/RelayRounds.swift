import AsyncHTTPClient
import Exchange
import Foundation
import Kernel
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The inner side of the relay: takes messages, asks the platform, and sends back what it answers. It alone opens
/// connections, and only to the platform.
final class RelayRounds: Service {
    private let end: RelayEnd
    private let taken: RelayTaken
    private let platform: String
    private let client = HTTPTransport.ownClient
    /// How many are being asked.
    private let busy = Mutex(0)
    /// Bytes of answers that wait for the gate, when last swept and sent since.
    private let gate = Mutex((waiting: 0, swept: Instant(milliseconds: 0)))
    private static let pause = Duration.milliseconds(15)

    /// - Parameter platform: where the platform answers, such as `http://127.0.0.1:8080`.
    init(end: RelayEnd, platform: String) throws {
        self.end = end
        self.platform = platform
        taken = try RelayTaken(
            path: end.taken,
            age: end.limits.age,
            now: end.clock.now,
            logger: end.logger
        )
    }

    func run() async throws {
        await withDiscardingTaskGroup { group in
            // What was taken is answered, also when the program is told to stop; who is slow has an end of his own.
            while !Task.isCancelled, !Task.isShuttingDownGracefully {
                do {
                    try await round(in: &group)
                } catch {
                    end.logger.error("the relay's folder", metadata: ["error": "\(error)"])
                }
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
            }
        }
    }

    /// Takes as many of the messages that wait as there are places free, and begins to ask for them: who is slow keeps his
    /// own place and nobody else's. While the gate does not carry away what was answered, nothing more is asked.
    func round(in group: inout DiscardingTaskGroup) async throws {
        try await sweep()
        let room = (end.limits.disk - gate.withLock { $0.waiting }) / end.limits.size
        let free = min(end.limits.parallel, room) - busy.withLock { $0 }
        guard free > 0 else { return }
        let messages = try await RelayEnd.aside { try self.take(most: free) }
        busy.withLock { $0 += messages.count }
        for message in messages {
            group.addTask {
                await self.answer(message)
                self.busy.withLock { $0 -= 1 }
            }
        }
    }

    private func sweep() async throws {
        let (now, last) = (end.clock.now, gate.withLock { $0.swept })
        guard now - last >= end.limits.look else { return }
        gate.withLock { $0.swept = now }
        let (before, end) = (gate.withLock { $0.waiting }, end)
        let left = try await RelayEnd.aside { try end.sweep() }
        gate.withLock { $0.waiting += left.waiting - before }
    }

    /// A message is written down as taken before its file goes and before anything is done.
    private func take(most: Int) throws -> [RelayMessage] {
        let arrived = try end.arrived(most: most)
        let verdicts = try taken.take(arrived.map(\.message), now: end.clock.now)
        var fresh: [RelayMessage] = []
        for (one, refusal) in zip(arrived, verdicts) {
            try end.remove(one)
            if let refusal { end.refused(refusal, one.message) } else { fresh.append(one.message) }
        }
        return fresh
    }

    private func answer(_ message: RelayMessage) async {
        do {
            let request = try request(of: message)
            let answer = await ask(request, message)
            let end = end
            let bytes = try await RelayEnd.aside { try end.send(answer) }
            gate.withLock { $0.waiting += bytes }
        } catch {
            end.refused(error, message)
        }
    }

    private func request(of message: RelayMessage) throws(RelayRefusal) -> HTTPClientRequest {
        guard let target = message.content["target"].text, let address = message.content["address"].text,
            PublicPaths.isOpen(String(target.prefix { $0 != "?" && $0 != "#" }))
        else { throw .notPublic }
        var request = HTTPClientRequest(url: platform + target)
        switch message.content["method"].text {
        case "GET": request.method = .GET
        case "POST": request.method = .POST
        default: throw .badMethod
        }
        for (name, value) in message.headers where RelayHeaders.passes(name) {
            request.headers.add(name: name, value: value)
        }
        let isAddress =
            address.utf8.count <= 64 && address.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" }
        request.headers.replaceOrAdd(name: "x-forwarded-for", value: isAddress ? address : "0.0.0.0")
        if !message.body.isEmpty { request.body = .bytes(message.body) }
        return request
    }

    /// What the platform answers, or why it did not: whoever waits outside is told either.
    private func ask(_ request: HTTPClientRequest, _ message: RelayMessage) async -> RelayMessage {
        let failure: RelayFailure
        do {
            let (client, size, milliseconds) = (client, end.limits.size, end.limits.answer)
            let (response, body) = try await HTTPTransport.within(milliseconds) {
                let response = try await client.execute(request, timeout: .milliseconds(milliseconds))
                // A little less than a message, for the head beside it.
                return (response, try await response.body.collect(upTo: size - RelayMessage.headMax))
            }
            return reply(
                to: message,
                content: ["status": JSON(Int(response.status.code))],
                headers: response.headers.filter { RelayHeaders.passes($0.name) }.map { ($0.name, $0.value) },
                body: Array(body.readableBytesView)
            )
        } catch  where Self.isUnreached(error) {
            failure = .unreachable
        } catch is NIOTooManyBytesError {
            failure = .tooLarge
        } catch {
            // It may have been done before the connection broke.
            failure = .slow
        }
        end.logger.error("the platform did not answer", metadata: ["why": "relay.\(failure.rawValue)"])
        return reply(to: message, content: ["failure": .string(failure.rawValue)])
    }

    /// Whether no connection came about, so that nothing can have been done.
    private static func isUnreached(_ error: any Error) -> Bool {
        if let error = error as? HTTPClientError { return error == .connectTimeout }
        return error is NIOConnectionError || (error as? IOError)?.errnoCode == ECONNREFUSED
    }

    private func reply(
        to message: RelayMessage,
        content: JSON,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) -> RelayMessage {
        RelayMessage(
            kind: .answer,
            id: message.id,
            at: end.clock.now,
            content: content,
            headers: headers,
            body: body
        )
    }
}

/// Why the platform gave no answer, as the outer zone is told.
enum RelayFailure: String {
    /// Not within its time, or it broke off: it may have been done.
    case slow
    /// Nothing was done.
    case unreachable
    /// The answer does not fit into a message.
    case tooLarge = "too-large"
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
