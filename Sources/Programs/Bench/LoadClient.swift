import Foundation
import Kernel
import NIOCore
import NIOPosix

/// The same cheap client for every side of a comparison: connections that are kept alive, each with one request under
/// way, all on one thread. Requests are bytes made before; of an answer only the status and the length are read.
enum LoadClient {
    /// How many connections ask at once.
    static let connections = 64

    /// Requests of one kind, each a whole message.
    struct Requests: Sendable {
        var messages: ArraySlice<ByteBuffer>
        /// Each is sent once; otherwise they begin anew when all were sent.
        let isOnce: Bool
        /// Of every answer.
        let status: Int
        /// The contents of the answers are of use afterwards.
        var keepsBodies = false

        /// The first ones, as a part of their own.
        mutating func take(_ count: Int) -> Requests {
            var part = self
            part.messages = messages.prefix(count)
            messages = messages.dropFirst(count)
            return part
        }
    }

    struct Turn: Sendable {
        var answers = 0
        var seconds = 0.0
        /// How long each request took.
        var milliseconds: [Double] = []
        var bodies: [[UInt8]] = []

        var perSecond: Double { seconds == 0 ? 0 : Double(answers) / seconds }

        static func += (sum: inout Turn, turn: Turn) {
            sum.answers += turn.answers
            sum.seconds += turn.seconds
            sum.milliseconds += turn.milliseconds
            sum.bodies += turn.bodies
        }
    }

    /// Asks for about `seconds`, or until every request that counts once was sent.
    /// - Throws: `BenchFault` at the first answer with another status.
    static func run(_ requests: Requests, at port: Int, for seconds: Double) async throws -> Turn {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let turn = TurnState(requests, seconds: seconds, done: loop.makePromise())
        let channels = try await withThrowingTaskGroup(of: (any Channel).self) { opening in
            for _ in 0..<connections {
                opening.addTask {
                    try await ClientBootstrap(group: loop).channelOption(.tcpOption(.tcp_nodelay), value: 1)
                        .channelInitializer { channel in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(LoadConnection(turn))
                            }
                        }.connect(host: "127.0.0.1", port: port).get()
                }
            }
            return try await opening.reduce(into: []) { $0.append($1) }
        }
        try await loop.submit {
            turn.begin()
            for channel in channels { channel.pipeline.fireUserInboundEventTriggered(LoadConnection.Begin()) }
        }.get()
        let result: Result<Turn, any Error>
        do { result = .success(try await turn.done.futureResult.get()) } catch { result = .failure(error) }
        for channel in channels { try? await channel.close() }
        try await group.shutdownGracefully()
        return try result.get()
    }
}

/// What the connections of a turn share.
///
/// `@unchecked Sendable`: everything but `done` is used on the one event loop only.
private final class TurnState: @unchecked Sendable {
    let requests: LoadClient.Requests
    let done: EventLoopPromise<LoadClient.Turn>
    private let seconds: Double
    private var turn = LoadClient.Turn()
    private var next: Int
    private var waiting = LoadClient.connections
    private var start = NIODeadline.now()
    private var end = NIODeadline.now()

    init(_ requests: LoadClient.Requests, seconds: Double, done: EventLoopPromise<LoadClient.Turn>) {
        self.requests = requests
        self.seconds = seconds
        self.done = done
        next = requests.messages.startIndex
        turn.milliseconds.reserveCapacity(200_000)
    }

    func begin() {
        start = .now()
        end = start + .milliseconds(Int64(seconds * 1_000))
    }

    /// The next message, or nil when this connection is done.
    func message(at now: NIODeadline) -> ByteBuffer? {
        if next == requests.messages.endIndex && !requests.isOnce { next = requests.messages.startIndex }
        guard now < end, next < requests.messages.endIndex else {
            waiting -= 1
            if waiting == 0 {
                turn.seconds = Double((now - start).nanoseconds) / 1e9
                done.succeed(turn)
            }
            return nil
        }
        defer { next += 1 }
        return requests.messages[next]
    }

    func answered(_ status: Int, since asked: NIODeadline, at now: NIODeadline, body: [UInt8]) {
        guard status == requests.status else {
            let words = String(decoding: body.prefix(2_000), as: UTF8.self)
            return fail(BenchFault("a request was answered with \(status), not \(requests.status): \(words)"))
        }
        turn.answers += 1
        turn.milliseconds.append(Double((now - asked).nanoseconds) / 1e6)
        if requests.keepsBodies { turn.bodies.append(body) }
    }

    func fail(_ error: any Error) { done.fail(error) }
}

private final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Begin {}

    private let turn: TurnState
    private var received = ByteBuffer()
    private var asked = NIODeadline.now()

    init(_ turn: TurnState) { self.turn = turn }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Begin { ask(context, at: .now()) } else { context.fireUserInboundEventTriggered(event) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        if received.readableBytes == 0 { received = part } else { received.writeBuffer(&part) }
        guard let answer = Answer(received) else { return }
        let now = NIODeadline.now()
        let body =
            turn.requests.keepsBodies || answer.status != turn.requests.status
            ? Array(received.readableBytesView.suffix(answer.length)) : []
        received.clear()
        turn.answered(answer.status, since: asked, at: now, body: body)
        ask(context, at: now)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { turn.fail(error) }

    func channelInactive(context: ChannelHandlerContext) {
        turn.fail(BenchFault("the server closed a connection that was to be kept"))
    }

    private func ask(_ context: ChannelHandlerContext, at now: NIODeadline) {
        guard let message = turn.message(at: now) else { return }
        asked = now
        context.writeAndFlush(wrapOutboundOut(message), promise: nil)
    }

    /// A whole answer; nil while some of it is missing.
    private struct Answer {
        let status: Int
        /// Of the body.
        let length: Int

        init?(_ buffer: ByteBuffer) {
            let read = buffer.withUnsafeReadableBytes { bytes -> (Int, Int)? in
                guard let end = Self.place(of: "\r\n\r\n", in: bytes, from: 0), bytes.count > 12 else {
                    return nil
                }
                let status = Self.number(bytes, from: 9)
                let field = Self.place(of: "ontent-", in: bytes, from: 0, length: true) ?? end
                let length = field < end ? Self.number(bytes, from: field) : 0
                return bytes.count >= end + 4 + length ? (status, length) : nil
            }
            guard let read else { return nil }
            (status, length) = read
        }

        /// - Parameter length: only where `length: ` follows, in any case of its first letter; the place after it.
        private static func place(
            of word: StaticString,
            in bytes: UnsafeRawBufferPointer,
            from start: Int,
            length: Bool = false
        ) -> Int? {
            guard let base = bytes.baseAddress else { return nil }
            let count = word.utf8CodeUnitCount
            var place = start
            while place + count <= bytes.count {
                if memcmp(base + place, word.utf8Start, count) == 0 {
                    if !length { return place }
                    let rest = place + count
                    if rest + 8 < bytes.count, bytes[rest] | 0x20 == UInt8(ascii: "l"),
                        memcmp(base + rest + 1, "ength: ", 7) == 0
                    {
                        return rest + 8
                    }
                }
                place += 1
            }
            return nil
        }

        private static func number(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
            var number = 0
            var place = start
            while place < bytes.count, (0x30...0x39).contains(bytes[place]) {
                number = number * 10 + Int(bytes[place] - 0x30)
                place += 1
            }
            return number
        }
    }
}
