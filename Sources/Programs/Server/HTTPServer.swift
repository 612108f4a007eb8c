import Audit
import CaseArchive
import CompanyOpening
import Exchange
import Foundation
import Hummingbird
import Jobs
public import Kernel
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
    private let limits: OperatingLimits
    private let metrics: MetricsPage
    private let answered: @Sendable (Answered) -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - proxies: machines whose `X-Forwarded-For` counts.
    ///   - meters: what this node counts; those that the platform's database tells.
    ///   - scrapers: addresses beside this machine's own that may read `/metrics`.
    ///   - requestLog: has a line for every answer; nil for none.
    public init(
        platform: Platform,
        host: String = "127.0.0.1",
        port: Int,
        proxies: TrustedProxies = TrustedProxies(),
        meters: Meters = Meters(),
        scrapers: Set<String> = [],
        requestLog: Logger? = nil,
        logger: Logger
    ) async throws {
        self.proxies = proxies
        isSecure = platform.settings.publicOrigin != nil
        self.platform = platform
        self.host = host
        self.port = port
        self.logger = logger
        limits = try OperatingLimits(home: platform.settings.home)
        answered = { answer in
            meters.answered(answer)
            requestLog?.info("answered", metadata: answer.metadata)
        }
        site = try await Faces(platform: platform, logger: logger, answered: answered).site()
        metrics = MetricsPage(
            own: { meters.families },
            started: meters.started,
            shared: SharedFigures(
                database: platform.database,
                clock: platform.clock,
                parties: platform.exchange.parties.all.map(\.id),
                subscribers: platform.runner.subscribers
            ),
            allowed: scrapers,
            token: try MetricsToken(folder: platform.settings.folder),
            messages: site.messages,
            logger: logger
        )
    }

    /// Serves until it is told to stop.
    /// - Parameter ready: called with the port once the socket listens.
    public func run(ready: @escaping @Sendable (Int) async -> Void) async throws {
        try await platform.housekeeping.arm()
        try await platform.archiveRenewals.arm()
        try await platform.opening.control.arm()
        // A connection on which nothing whole arrives for so long is closed, in its headers too.
        let idle = TimeAmount.seconds(Int64(limits.value(.idle, on: platform.clock.now.date)))
        let (malformed, tooLong) = (site.bareRefusal(isTooLong: false), site.bareRefusal(isTooLong: true))
        let application = Application(
            responder: FrontResponder(
                site: SiteResponder(site: site, proxies: proxies),
                platform: platform,
                proxies: proxies,
                isSecure: isSecure,
                limits: limits,
                metrics: metrics,
                answered: answered
            ),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        ParserRefusals.Placer(malformed: malformed, tooLong: tooLong)
                    ],
                    idleTimeout: idle
                )
            ),
            configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in await ready(channel.localAddress?.port ?? 0) },
            logger: LentLogger.lending(logger)
        )
        // They end in reverse order: first nobody new is let in, then running jobs end, and the keeper of the log last.
        // Each has a name: without one the whole platform is printed into it, secrets too, which takes two seconds.
        let services: [(name: String, service: any Service)] = [
            ("log", platform.keeper),
            ("log-watch", LogWatch(platform: platform, limits: limits, logger: logger)),
            ("refresh", Refresher(platform: platform, logger: logger)),
            ("webhooks", WebhookBell(webhooks: platform.webhooks, logger: logger)),
            ("jobs", JobService(platform.runner, logger: logger)), ("site", application),
        ]
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0.service, serviceName: $0.name) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        let farewell = limits.value(.farewell, on: platform.clock.now.date)
        configuration.maximumGracefulShutdownDuration = .seconds(farewell)
        do { try await ServiceGroup(configuration: configuration).run() } catch let error as IOError
            where error.errnoCode == EADDRINUSE
        { throw ListeningError.portTaken(host: host, port: port) }
        // What was written at the very end is sealed and signed too, not only at the next start.
        do { try await platform.keeper.finish() } catch {
            // The next start says it again, and is red.
            logger.error("sealing and signing at the end", metadata: ["error": "\(error)"])
        }
    }
}

/// Why nobody can be served.
public enum ListeningError: Refusal, Equatable {
    case portTaken(host: String, port: Int)

    public var code: String { "server.port-taken" }

    public var arguments: [String: String] {
        switch self {
        case .portTaken(let host, let port): ["host": host, "port": String(port)]
        }
    }

    public var status: RefusalStatus { .notAllowedNow }
}

extension Answered {
    /// A line of the operator's log: no path, no address and no person.
    var metadata: Logger.Metadata {
        [
            "request": "\(request)", "method": "\(method)", "route": "\(route)", "status": "\(status)",
            "milliseconds": "\(Int((duration.inSeconds * 1_000).rounded()))",
        ]
    }
}
