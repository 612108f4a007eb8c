import Foundation
import Hummingbird
public import Kernel
public import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals
public import Web

/// The two programs of the relay, behind a socket in the outer zone and before the platform in the inner one.
public enum Relay {
    /// Serves the portal in the outer zone until it is told to stop.
    /// - Parameter ready: called with the port once the socket listens.
    public static func front(
        relay: String,
        keys: String,
        gate: String?,
        home: Home,
        origin: String?,
        port: Int,
        proxies: TrustedProxies,
        logger: Logger,
        ready: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let operating = try OperatingLimits(home: home)
        let day = SystemClock().now.date
        let end = try RelayEnd(
            .front,
            relay: relay,
            keys: keys,
            gate: gate.map { try RelayGate(named: $0) },
            limits: operating.relay(on: day),
            clock: SystemClock(),
            entropy: SystemEntropy(),
            logger: logger
        )
        let desk = FrontDesk(end: end)
        let door = try door(
            desk: desk,
            token: MetricsToken(folder: keys),
            home: home,
            origin: origin,
            limits: operating,
            proxies: proxies,
            clock: SystemClock(),
            logger: logger
        )
        let (malformed, tooLong) = (
            door.site.bareRefusal(isTooLong: false), door.site.bareRefusal(isTooLong: true)
        )
        let idle = TimeAmount.seconds(Int64(operating.value(.idle, on: day)))
        let application = Application(
            responder: door,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        ParserRefusals.Placer(malformed: malformed, tooLong: tooLong)
                    ],
                    idleTimeout: idle
                )
            ),
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in await ready(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        // They end in reverse order: nobody new is let in, and who still waits is answered.
        try await run([("desk", desk), ("front", application)], operating.value(.farewell, on: day), logger)
    }

    /// Answers messages in the inner zone until it is told to stop.
    public static func inner(
        relay: String,
        keys: String,
        gate: String?,
        platform: String,
        home: Home,
        logger: Logger
    ) async throws {
        let operating = try OperatingLimits(home: home)
        let day = SystemClock().now.date
        let end = try RelayEnd(
            .relay,
            relay: relay,
            keys: keys,
            gate: gate.map { try RelayGate(named: $0) },
            limits: operating.relay(on: day),
            clock: SystemClock(),
            entropy: SystemEntropy(),
            logger: logger
        )
        let rounds = try RelayRounds(end: end, platform: platform)
        try await run([("relay", rounds)], operating.value(.farewell, on: day), logger)
    }

    static func door(
        desk: FrontDesk,
        token: MetricsToken,
        home: Home,
        origin: String?,
        limits: OperatingLimits,
        proxies: TrustedProxies,
        clock: any Clock,
        logger: Logger
    ) throws -> FrontDoor {
        let site = try Site(
            files: SiteFiles.load(home),
            settings: SiteSettings(
                origin: origin,
                // Guards forms, and there is none here: those of the pages are guarded inside.
                secret: SystemEntropy().bytes(32),
                bodySecondsMax: limits.value(.bodyTime, on: clock.now.date),
                isFront: true
            ),
            ports: SitePorts(),
            faces: [ReceivedPage.face(desk)],
            clock: clock,
            logger: logger
        )
        return FrontDoor(
            desk: desk,
            site: site,
            proxies: proxies,
            isSecure: origin?.hasPrefix("https://") ?? false,
            limiters: limits.limiters,
            metrics: MetricsPage(
                own: { await desk.figures() },
                started: desk.meters.started,
                shared: nil,
                allowed: [],
                token: token,
                messages: site.messages,
                logger: logger
            ),
            clock: clock,
            entropy: SystemEntropy()
        )
    }

    private static func run(
        _ services: [(name: String, service: any Service)],
        _ farewell: Int,
        _ logger: Logger
    ) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0.service, serviceName: $0.name) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // Who is slow by then is told that it may have been done.
        configuration.maximumGracefulShutdownDuration = .seconds(farewell)
        try await ServiceGroup(configuration: configuration).run()
    }
}
