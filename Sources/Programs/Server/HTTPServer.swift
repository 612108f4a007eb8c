import Attachments
import Audit
import Exchange
import HTTPTypes
import Hummingbird
import Jobs
public import Kernel
public import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals
import Web

/// The platform behind a socket: faces, the job service and the keeper of the log, started and stopped together.
public struct HTTPServer: Sendable {
    private let platform: Platform
    private let site: Site
    private let host: String
    private let port: Int
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - origin: `https://…` under which browsers see the site; nil on loopback.
    public init(
        platform: Platform,
        host: String = "127.0.0.1",
        port: Int,
        origin: String? = nil,
        logger: Logger
    ) async throws {
        self.platform = platform
        self.host = host
        self.port = port
        self.logger = logger
        // Files of drafts that were deleted or lapsed go at the next start.
        try await platform.settings.blobs.sweep(platform.database, now: platform.settings.clock.now)
        site = try await Faces(platform: platform, origin: origin, logger: logger).site()
    }

    /// Serves until it is told to stop.
    /// - Parameter ready: called with the port once the socket listens.
    public func run(ready: @escaping @Sendable (Int) async -> Void) async throws {
        try await platform.housekeeping.arm()
        let application = Application(
            responder: FrontResponder(
                site: SiteResponder(site: site),
                platform: platform,
                isSecure: site.settings.origin != nil
            ),
            configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in await ready(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: application),
                    .init(service: JobService(platform.runner, logger: logger)),
                    .init(service: platform.keeper),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }
}

/// Reports of outside parties go to the exchange as they travelled; everything else is the site's.
struct FrontResponder: HTTPResponder {
    let site: SiteResponder
    let platform: Platform
    let isSecure: Bool

    /// A report is a few kilobytes of JSON.
    private static let reportBytesMax = 1_048_576

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        guard request.uri.path == Exchange.reportPath else {
            return try await site.respond(to: request, context: context)
        }
        var fields = HTTPFields()
        SafetyHeaders.add(to: &fields, isSecure: isSecure)
        fields[.cacheControl] = "no-store"
        guard await platform.keeper.isWritable(at: platform.clock.now) else {
            return Response(status: .serviceUnavailable, headers: fields)
        }
        guard let body = try? await request.body.collect(upTo: Self.reportBytesMax) else {
            return Response(status: .contentTooLarge, headers: fields)
        }
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let answer = await platform.exchange.receive(
            WireRequest(
                method: request.method.rawValue,
                path: request.uri.path,
                query: request.uri.query ?? "",
                headers: headers,
                body: Array(body.readableBytesView)
            )
        )
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return Response(
            status: .init(code: answer.status),
            headers: fields,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }
}
