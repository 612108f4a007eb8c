import NIOCore
import NIOHTTP1
import Web

/// Gives what the HTTP parser refuses the safety headers and the stable code of every other answer. It stands behind
/// the parser, where its errors pass on their way in and the bare answer on its way out. A request that does not name
/// one host is refused alike (RFC 9112, section 3.2): two machines on the way might each take another for the right one.
final class ParserRefusals: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Puts the handler in its place, which the server's own list of handlers does not reach.
    final class Placer: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = NIOAny

        private let malformed: BareRefusal
        private let tooLong: BareRefusal

        init(malformed: BareRefusal, tooLong: BareRefusal) {
            self.malformed = malformed
            self.tooLong = tooLong
        }

        func handlerAdded(context: ChannelHandlerContext) {
            let pipeline = context.pipeline.syncOperations
            do {
                let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                try pipeline.addHandler(
                    ParserRefusals(malformed: malformed, tooLong: tooLong),
                    position: .after(parser)
                )
            } catch {
                context.fireErrorCaught(error)
            }
        }
    }

    private let malformed: BareRefusal
    private let tooLong: BareRefusal
    private var failure: HTTPParserError?
    /// After a request that was refused here nothing of the connection is read any more.
    private var isShut = false

    init(malformed: BareRefusal, tooLong: BareRefusal) {
        self.malformed = malformed
        self.tooLong = tooLong
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isShut else { return }
        if case .head(let head) = unwrapInboundIn(data), !Self.namesItsHost(head) {
            isShut = true
            errorCaught(context: context, error: HTTPParserError.invalidHost)
            return
        }
        context.fireChannelRead(data)
    }

    /// One `Host` that is no list and not empty; HTTP/1.0 may leave it out.
    private static func namesItsHost(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["Host"]
        if hosts.isEmpty { return (head.version.major, head.version.minor) < (1, 1) }
        return hosts.count == 1 && !hosts[0].isEmpty && !hosts[0].utf8.contains(where: isOfNoHost)
    }

    private static func isOfNoHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), 0x09, UInt8(ascii: ","), UInt8(ascii: "/"), UInt8(ascii: "@"): true
        default: false
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error as? HTTPParserError ?? failure
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The server answers a parser's error by a bare 400 without a body; the site's own answers bear the headers.
        guard let failure, case .head(let bare) = unwrapOutboundIn(data), bare.status == .badRequest,
            !bare.headers.contains(name: "X-Content-Type-Options")
        else {
            context.write(data, promise: promise)
            return
        }
        let refusal = failure == .headerOverflow ? tooLong : malformed
        let head = HTTPResponseHead(
            version: bare.version,
            status: .init(statusCode: refusal.status),
            headers: HTTPHeaders(refusal.headers.map { ($0.name, $0.value) })
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(
            wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: refusal.bytes)))),
            promise: promise
        )
    }
}
