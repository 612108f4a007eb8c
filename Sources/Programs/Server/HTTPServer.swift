import Attachments
import Hummingbird
import Jobs
import Kernel
public import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals
public import Web

/// The platform behind a socket: faces, the job service and the keeper of the log, started and stopped together.
public struct HTTPServer: Sendable {
    private let platform: Platform
    private let site: Site
    private let host: String
    private let port: Int
    private let proxies: TrustedProxies
    private let isSecure: Bool
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - origin: `https://…` under which browsers see the site; nil on loopback.
    ///   - proxies: machines whose `X-Forwarded-For` counts.
    public init(
        platform: Platform,
        host: String = "127.0.0.1",
        port: Int,
        origin: String? = nil,
        proxies: TrustedProxies = TrustedProxies(),
        logger: Logger
    ) async throws {
        self.proxies = proxies
        isSecure = origin?.hasPrefix("https://") ?? false
        self.platform = platform
        self.host = host
        self.port = port
        self.logger = logger
        // Files of drafts that were deleted or lapsed go at the next start.
        try await platform.settings.blobs.sweep(platform.database, now: platform.settings.clock.now)
        site = try await Faces(platform: platform, origin: origin, logger: logger).site()
    }

    /// A connection on which nothing whole arrives for so long is closed, in its headers too.
    private static let idle = TimeAmount.seconds(30)

    /// Serves until it is told to stop.
    /// - Parameter ready: called with the port once the socket listens.
    public func run(ready: @escaping @Sendable (Int) async -> Void) async throws {
        try await platform.housekeeping.arm()
        let application = Application(
            responder: FrontResponder(
                site: SiteResponder(site: site, proxies: proxies),
                platform: platform,
                proxies: proxies,
                isSecure: isSecure
            ),
            server: .http1(configuration: .init(idleTimeout: Self.idle)),
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
                    .init(service: Refresher(platform: platform, logger: logger)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }
}
